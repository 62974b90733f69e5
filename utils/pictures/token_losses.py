"""Pictures of losses: as a function of a probability, of each token of a text, and in training."""

import math
from collections.abc import Mapping, Sequence

from utils.pictures.figures import BLUE, ORANGE, VERMILLION, new_figure, show, visible


def surprise_curve(marked: Mapping[str, float]) -> None:
    """-log P as a curve over the probability P, with a dot and a label for each marked one."""
    figure, ax = new_figure(height=3.2)
    p = [i / 400 for i in range(1, 401)]
    ax.plot(p, [-math.log(x) for x in p])
    for words, x in marked.items():
        at = (x, -math.log(x))
        ax.plot(*at, "o", color=VERMILLION)
        label = f"{words} {x}: {at[1]:.2f}".strip()
        ax.annotate(label, at, xytext=(8, 6), textcoords="offset points")
    ax.set(xlabel="probability of the true token", ylabel="loss", xlim=(0, 1.12))
    show(
        figure,
        alt="The loss falls from above 5 at probabilities near 0, steeply at first, to 0 at "
        f"probability 1. Marked are {', '.join(str(x) for x in marked.values())}.",
    )


def token_loss_bars(pieces: Sequence[str], losses: Sequence[float], high: float = 5.0) -> None:
    """The loss of each token of a text as a bar, in two rows; those above `high` stand out.

    pieces: the tokens. losses: of each of them, in nats.
    """
    figure, axes = new_figure(height=6.4, rows=2)
    half = (len(pieces) + 1) // 2
    for ax, part in zip(axes, (slice(0, half), slice(half, None)), strict=True):
        shown, heights = [visible(piece) for piece in pieces[part]], list(losses[part])
        ax.bar(
            range(len(shown)), heights, color=[VERMILLION if h > high else BLUE for h in heights]
        )
        ax.set_xticks(range(len(shown)), shown, rotation=90, fontsize=9, parse_math=False)
        ax.set(ylabel="loss", ylim=(0, max(losses) * 1.05))
    tallest = sorted(range(len(pieces)), key=lambda i: -losses[i])[:4]
    names = ", ".join(f"{pieces[i].strip()} {losses[i]:.1f}" for i in tallest)
    show(
        figure,
        alt=f"The loss of each of {len(pieces)} tokens. Most bars are short; the tallest: {names}.",
        caption=f"Orange: a loss above {high:g}, a probability below 1 in {math.exp(high):.0f}.",
    )


def training_curve(losses: Sequence[float], nothing: float) -> None:
    """The loss of each step of a training, and a line where a model knows nothing, at `nothing`."""
    figure, ax = new_figure(height=2.6)
    ax.plot(losses)
    ax.axhline(nothing, color=ORANGE, linestyle="--")
    at = (len(losses) / 2, nothing)
    ax.annotate("knows nothing", at, xytext=(0, -14), textcoords="offset points")
    ax.set(xlabel="step", ylabel="loss")
    show(
        figure,
        alt=f"The loss falls from {losses[0]:.1f} to {losses[-1]:.2f} in {len(losses)} steps; a model "
        f"that knows nothing has {nothing:.1f}.",
    )


def floor_and_excess(costs: Mapping[str, float], entropy: float) -> None:
    """For each model its cross-entropy as a bar of two parts: the entropy, which all of them pay,
    and the KL divergence on top. In nats.
    """
    figure, ax = new_figure(height=2.4)
    names, excess = list(costs), [cost - entropy for cost in costs.values()]
    ax.barh(names, entropy, color=BLUE, label="entropy")
    drawn = ax.barh(names, excess, left=entropy, color=VERMILLION, label="KL divergence")
    ax.bar_label(drawn, [f"{cost:.2f}" for cost in costs.values()], padding=3)
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.set_xlabel("mean loss (nats)")
    figure.legend(loc="outside upper left", ncols=2, frameon=False)
    each = ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
    show(figure, alt=f"Mean losses: {each}. In each of them {entropy:.2f} is the entropy.")


def down_to_the_floor(losses: Sequence[float], distance: Sequence[float], entropy: float) -> None:
    """A training: the loss of each step beside the entropy, and under it the KL divergence that is
    left before the step.
    """
    figure, (above, below) = new_figure(height=4.2, rows=2)
    above.plot(losses)
    above.axhline(entropy, color=ORANGE, linestyle="--", label="entropy")
    above.set(ylabel="loss")
    above.legend(frameon=False)
    below.plot(distance, color=VERMILLION)
    below.axhline(0, color=ORANGE, linestyle="--")
    below.set(xlabel="step", ylabel="KL")
    show(
        figure,
        alt=f"In {len(losses)} steps the KL divergence falls from {distance[0]:.3f} to "
        f"{distance[-1]:.3f}; the loss goes up and down around the entropy, {entropy:.2f}.",
    )
