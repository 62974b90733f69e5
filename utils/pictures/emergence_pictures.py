"""Pictures of what comes into being: heads in training, answers by number of examples, two marks for
one model, and a step of descent that is attention.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle
from statistics import fmean, stdev
from typing import Any

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, PALETTE, VERMILLION, new_figure, style
from utils.pictures.heat_maps import heat_map

Seeds = Sequence[Sequence[float]]  # for each seed a value at each place
_LINES = ("-", "--", ":", "-.")


def bands(
    x: Sequence[float | int],
    panels: Mapping[str, Mapping[str, Seeds]],
    *,
    xlabel: str,
    ylabel: str,
    levels: Mapping[str, float] | None = None,
    ylim: tuple[float | int, float | int] | None = None,
) -> tuple[Figure, str]:
    """Panels side by side; in each, curves of the means over seeds, in bands from the lowest seed
    to the highest. `levels`: heights at which a named grey line is drawn.
    """
    figure, _ = new_figure(height=3.3, columns=len(panels))
    said = []
    with style():
        for ax, (title, groups) in zip(list(figure.axes), panels.items(), strict=True):
            looks = zip(groups.items(), cycle(_LINES), PALETTE, strict=False)
            for (name, seeds), line, color in looks:
                means = [fmean(place) for place in zip(*seeds, strict=True)]
                low = [min(place) for place in zip(*seeds, strict=True)]
                high = [max(place) for place in zip(*seeds, strict=True)]
                ax.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)
                ax.plot(x, means, line, color=color, label=name)
                said.append(f"{title}, {name}: {means[0]:.2f} at first, {means[-1]:.2f} at last")
            for name, height in (levels or {}).items():
                ax.axhline(height, color=GREY, linewidth=1)
                ax.text(x[-1], height, name, ha="right", va="bottom", fontsize=9, color=GREY)
            ax.set_title(title, fontsize=11)
            ax.set(xlabel=xlabel, ylim=ylim)
        figure.axes[0].set_ylabel(ylabel)
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=3, fontsize=10)
    return figure, f"{ylabel} over {xlabel}. {'; '.join(said)}."


def with_intervals(
    places: Sequence[str],
    groups: Mapping[str, Sequence[Sequence[float]]],
    *,
    xlabel: str,
    ylabel: str = "right, in per cent",
) -> tuple[Figure, str]:
    """Shares in per cent at named places: a line through the means of each group, with two standard
    errors either way.

    groups: for each name and each place the shares of the single items; an empty list where there is
    nothing to show.
    """
    figure, ax = new_figure(height=3.4)
    said = []
    with style():
        looks = zip(groups.items(), cycle(_LINES), PALETTE, "osD^vPX", strict=False)
        for number, ((name, items), line, color, mark) in enumerate(looks):
            shown = [place for place, each in enumerate(items) if len(each) > 1]
            means = [100 * fmean(items[place]) for place in shown]
            errors = [200 * stdev(items[place]) / len(items[place]) ** 0.5 for place in shown]
            beside = [place + 0.06 * (number - (len(groups) - 1) / 2) for place in shown]
            look: dict[str, Any] = {"marker": mark, "markersize": 5, "capsize": 3, "color": color}
            ax.errorbar(beside, means, errors, linestyle=line, label=name, **look)
            pairs = zip(shown, means, strict=True)
            said.append(f"{name}: " + ", ".join(f"{m:.0f} at {places[at]}" for at, m in pairs))
        ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(-4, 104))
        ax.set_xticks(range(len(places)), list(places))
        figure.legend(loc="outside upper left", ncols=3, fontsize=10)
    return figure, f"{ylabel}, by {xlabel}. {'; '.join(said)}."


def birth_figure(
    steps: Sequence[int],
    losses: Sequence[float],
    scores: Mapping[str, Sequence[float]],
    patterns: Mapping[str, Float[Tensor, "query key"]],
    at: int,
    tokens: Sequence[str],
) -> tuple[Figure, str]:
    """One moment of a training: above, the loss on the second copy and the heads' scores over all
    steps, with a line at this one; below, what two heads look at on a short text.

    at: the place of the moment in `steps`. patterns: by title, for a text of these `tokens`.
    """
    figure, axes = new_figure(height=5.6, rows=2, columns=2)
    loss_ax, score_ax = axes[0]
    with style():
        loss_ax.plot(steps, losses, color=BLUE)
        loss_ax.set(xlabel="steps", ylabel="loss, second copy (nats)", ylim=(0, None))
        for (name, values), line, color in zip(
            scores.items(), _LINES, (GREY, VERMILLION), strict=False
        ):
            score_ax.plot(steps, values, line, color=color, label=name)
        score_ax.set(xlabel="steps", ylabel="best head's score", ylim=(0, 1))
        score_ax.legend(loc="upper left", fontsize=9)
        for ax in (loss_ax, score_ax):
            ax.axvline(steps[at], color="black", linewidth=1)
    for ax, (title, pattern) in zip(axes[1], patterns.items(), strict=True):
        heat_map(
            pattern,
            tokens,
            tokens,
            ax=ax,
            title=title,
            ylabel="looks",
            xlabel="at",
            value="attention",
        )
    told = ", ".join(f"{name} {values[at]:.2f}" for name, values in scores.items())
    return figure, f"After {steps[at]} steps: loss on the second copy {losses[at]:.2f}; {told}."


def descent_drawing(
    X: Float[Tensor, "example input"],
    y: Float[Tensor, " example"],
    query: Float[Tensor, " input"],
    rate: float | int,
) -> tuple[Figure, str]:
    """The same numbers in two orders: on the left the examples make a w, and w meets the query; on
    the right each example meets the query first, and no w is made.
    """
    figure, (left, right) = new_figure(height=3.2, columns=2)
    w = rate * (y[:, None] * X).sum(dim=0)
    scores = X @ query
    rows = len(X)
    _page(left, "a step of gradient descent")
    _page(right, "attention without softmax")
    with style():
        for row in range(rows):
            height = 0.86 - 0.14 * row
            x = _vector(X[row])
            left.text(0.02, height, f"{_number(y[row])} · {x}", color=BLUE)
            right.text(0.02, height, f"{x} · {_vector(query)} = {_number(scores[row])}")
            right.text(0.98, height, f"times {_number(y[row])}", ha="right", color=BLUE)
        below = 0.86 - 0.14 * rows
        left.text(0.02, below, f"sum, times {rate:g}:  w = {_vector(w)}", color=VERMILLION)
        left.text(0.02, below - 0.16, f"w · {_vector(query)} = {_number(w @ query)}", weight="bold")
        answer = rate * (scores * y).sum()
        right.text(0.02, below, f"sum, times {rate:g}", color=VERMILLION)
        right.text(0.02, below - 0.16, f"answer: {_number(answer)}", weight="bold")
    words = f"the w {_vector(w)}, and w times the query is {_number(w @ query)}"
    products = ", ".join(_number(score) for score in scores)
    return figure, (
        f"Left: each y times its x, summed up and times {rate:g}, gives {words}. Right: the products "
        f"of each x with the query are {products}; times their y, summed up and times {rate:g} they "
        f"give {_number(answer)} as well."
    )


def _page(ax: Axes, title: str) -> None:
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    with style():
        ax.set_title(title, fontsize=11)


def _vector(numbers: Tensor) -> str:
    return "(" + ", ".join(_number(one) for one in numbers) + ")"


def _number(number: Tensor | float) -> str:
    return f"{round(float(number), 3):g}".replace("-", "−")
