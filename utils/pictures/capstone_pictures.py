"""The pictures of the capstone: how its training went, and how often each of its assistants is
right.
"""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from utils.pictures.figures import BLUE, GREY, SKY, new_figure, style
from utils.pictures.loss_curve import running_mean

_WIDTH = 20  # steps of the running mean


def training_figure(losses: Sequence[float], guess: float) -> tuple[Figure, str]:
    """The loss of each step (pale) and its running mean, with that of a guess as a line; and the
    same in words.
    """
    smooth = running_mean(list(losses), _WIDTH)
    fig, ax = new_figure(height=2.8)
    with style():
        ax.plot(losses, color=SKY, linewidth=0.8)
        ax.plot(smooth, color=BLUE, label=f"mean of {_WIDTH} steps")
        ax.axhline(guess, color=GREY, linestyle=":", label="untrained")
        ax.set_ylim(bottom=0)
        ax.set_xlabel("step")
        ax.set_ylabel("nats a token")
        ax.legend()
    words = (
        f"The loss over {len(losses)} steps. It begins near {guess:.1f} nats a token, that of the "
        f"untrained model, and ends near {smooth[-1]:.2f}."
    )
    return fig, words


def marks_figure(marks: Mapping[str, Sequence[float]]) -> tuple[Figure, str]:
    """The share of right answers of each assistant, with two standard errors; and the same in words.

    marks: by the assistant's name, 1.0 for each right answer and 0.0 for each other one.
    """
    names, shares, doubts = list(marks), [], []
    for found in marks.values():
        share = sum(found) / len(found)
        shares.append(100 * share)
        doubts.append(200 * (share * (1 - share) / len(found)) ** 0.5)
    fig, ax = new_figure(height=0.9 + 0.35 * len(names))
    with style():
        bars = ax.barh(names, shares, xerr=doubts, color=BLUE, height=0.7, ecolor=GREY, capsize=3)
        ax.bar_label(bars, [f"{share:.0f} %" for share in shares], padding=5)
        ax.invert_yaxis()
        ax.set_xlim(0, 115)  # room for "100 %"
        ax.set_xlabel("right answers, percent, with two standard errors")
        ax.tick_params(axis="y", length=0)
    each = (f"{name} {share:.0f} percent" for name, share in zip(names, shares, strict=True))
    return fig, f"Right answers to the held-out sums: {', '.join(each)}."
