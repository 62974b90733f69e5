"""Pictures of pre-training and scaling: what a window asks for, what is learned when, power laws,
budgets spent on several sizes, and real models among them. Each function gives the figure and the
same in words, for `show(*iso_flop_figure(...))`.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from utils.pictures.figures import (
    BLACK,
    BLUE,
    GREY,
    PALETTE,
    VERMILLION,
    figure_of,
    new_figure,
    style,
    visible,
)
from utils.scaling.iso_flop import IsoFlop, PublishedSize
from utils.scaling.scaling_laws import optimal_size

Numbers = Sequence[float | int]

_MARKS = ("o", "s", "^", "D", "v")
_LINES = ("-", "--", "-.", ":")
_RULE = 20  # Chinchilla's tokens for each weight
_PALE = "#a0a0a0"  # curves that stand back


def window_figure(piece: str) -> tuple[Figure, str]:
    """A window of characters: what is read below, what is to be predicted above, an arrow for each
    place. The last arrow, set apart, is the only one if just the last character is asked for.
    """
    figure, ax = new_figure(height=2.0)
    read, wanted = piece[:-1], piece[1:]
    last = len(read) - 1
    with style():
        ax.set_axis_off()
        ax.set(xlim=(-2.6, len(read) - 0.3), ylim=(-0.4, 1.9))
        ax.text(-0.8, 0, "read", ha="right", va="center")
        ax.text(-0.8, 1, "to be predicted", ha="right", va="center")
        for place, (one, other) in enumerate(zip(read, wanted, strict=True)):
            colour, line = (VERMILLION, "--") if place == last else (BLUE, "-")
            _box(ax, place, 0, one, GREY)
            _box(ax, place, 1, other, colour)
            arrow = {"arrowstyle": "-|>", "color": colour, "linestyle": line}
            ax.annotate("", (place, 0.72), (place, 0.28), arrowprops=arrow)
        ax.text(last + 0.3, 1.5, "the last one removed", ha="right", va="bottom", color=VERMILLION)
    return figure, (
        f"A window of {len(read)} characters, {read!r}. Above each stands the next one, which is "
        f"to be predicted: {wanted!r}. The last arrow, which is dashed, is all that is asked for "
        "where only the last one is removed."
    )


def _box(ax: Axes, x: int, y: int, character: str, colour: str) -> None:
    look = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour}
    ax.text(x, y, visible(character), ha="center", va="center", bbox=look, parse_math=False)


def shares_figure(
    read: Numbers, shares: Mapping[str, Numbers], losses: Numbers
) -> tuple[Figure, str]:
    """The loss, and the share of pairs found right in each test, over the characters read, from the
    fewest up. None read stands at the left end of the logarithmic axis.
    """
    figure, (above, below) = new_figure(height=4.6, rows=2)
    left_end = min(characters for characters in read if characters > 0) / 4
    places = [characters or left_end for characters in read]
    facts = []
    with style():
        above.plot(places, losses, marker="o", color=GREY, markersize=4)
        above.set(ylabel="loss, nats per\ncharacter, unread")
        looks = zip(shares.items(), cycle(PALETTE), cycle(_MARKS), cycle(_LINES), strict=False)
        for (name, values), colour, mark, line in looks:
            below.plot(places, values, line, color=colour, marker=mark, markersize=5, label=name)
            facts.append(f"{name} from {values[0]:.0%} to {values[-1]:.0%}")
        below.axhline(0.5, color=GREY, linewidth=1)
        below.text(places[-1], 0.49, "guessing", ha="right", va="top", fontsize=9, color=GREY)
        below.set(xlabel="characters read", ylabel="share found right", ylim=(0.35, 1.04))
        below.set_yticks([0.4, 0.6, 0.8, 1.0])
        _legend_above(below)
        for ax in (above, below):
            _plain_logarithms(ax)
            ticks = [tick for tick in ax.get_xticks() if places[1] <= tick <= places[-1]]
            ax.set_xticks([left_end, *ticks], ["none", *(f"{tick:,.0f}" for tick in ticks)])
            ax.set_xlim(left_end / 1.3, places[-1] * 1.3)
    return figure, (
        f"The loss falls from {losses[0]:.2f} to {losses[-1]:.2f} nats. The share of pairs found "
        f"right goes, by test: {', '.join(facts)}. Guessing is 50 %."
    )


def power_law_figure(
    points: Mapping[str, tuple[Numbers, Numbers]],
    law: Callable[[float], float],
    law_words: str,
) -> tuple[Figure, str]:
    """Sizes and losses on logarithmic axes, in one or more groups by name, and a law as a line
    through all the sizes.
    """
    figure, ax = new_figure(height=3.4)
    every = [size for sizes, _ in points.values() for size in sizes]
    line = np.geomspace(min(every), max(every), 50)
    facts = []
    with style():
        ax.plot(line, [law(float(x)) for x in line], color=GREY, label=law_words)
        looks = zip(points.items(), cycle(PALETTE), cycle(_MARKS), strict=False)
        for (name, (sizes, losses)), colour, mark in looks:
            ax.plot(sizes, losses, mark, color=colour, label=name, markersize=7)
            pairs = zip(sizes, losses, strict=True)
            facts.append(f"{name}: " + ", ".join(f"{n:,.0f} {loss:.2f}" for n, loss in pairs))
        ax.set(yscale="log", xlabel="weights", ylabel="loss, nats per character")
        _plain_logarithms(ax)
        # losses lie within less than a power of ten, so powers of ten are no ticks for them
        ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda loss, _: f"{loss:.2f}"))
        ax.yaxis.set_minor_locator(NullLocator())
        _legend_above(ax)
    return figure, f"Weights and loss on logarithmic axes. {'; '.join(facts)}. Line: {law_words}."


def iso_flop_figure(
    columns: Sequence[IsoFlop],
    best: Mapping[float, tuple[float, float]],
    chosen: float | int | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, str]:
    """The loss over the weights, a curve for each budget; a cross where the parabola through it is
    lowest.

    best: the weights and the loss there, for each budget. chosen: a budget to set apart; the others
    are then grey. Draws into `ax` if given.
    """
    if ax is None:
        _, ax = new_figure(height=3.8)
    facts = []
    with style():
        looks = zip(columns, cycle(PALETTE), cycle(_MARKS), cycle(_LINES), strict=False)
        for column, colour, mark, line in looks:
            shown = colour if chosen in (None, column.budget) else _PALE
            sizes = [run.weights for run in column.runs]
            losses = [run.loss for run in column.runs]
            size, loss = best[column.budget]
            label = flops_words(column.budget)
            places = np.geomspace(min(*sizes, size), max(*sizes, size), 60)
            ax.plot(places, _parabola(sizes, losses)(np.log(places)), line, color=shown)
            ax.plot(sizes, losses, mark, color=shown, markersize=5)
            ax.plot([], [], mark + line, color=shown, markersize=5, label=label)
            ax.plot([size], [loss], "x", color=shown, markersize=11, markeredgewidth=2.5)
            facts.append(f"{label}: lowest at {size:,.0f} weights, {loss:.3f}")
        ax.set(xlabel="weights", ylabel="loss, nats per character")
        _plain_logarithms(ax)
        _legend_above(ax)
    return figure_of(ax), f"Loss over weights for each budget. {'; '.join(facts)}."


def _parabola(sizes: Numbers, losses: Numbers) -> np.poly1d:
    """The parabola of least squares, of the logarithm of the size."""
    return np.poly1d(np.polyfit(np.log(sizes), losses, 2))


def sizes_figure(
    ours: Sequence[tuple[float | int, float | int]],
    real: Sequence[PublishedSize],
    chosen: str | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, str]:
    """Tokens for each weight over the weights, on logarithmic axes: real models by name, our best
    sizes, and Chinchilla's rule.

    ours: weights, and the characters read. chosen: the only model that is named; it gets a ring, and
    a dashed line to the size on which the rule would have spent its FLOPs. Draws into `ax` if given.
    """
    if ax is None:
        _, ax = new_figure(height=4.2)
    facts = [f"{one.name} {one.tokens_per_weight:.3g}" for one in real]
    with style():
        ax.axhline(_RULE, color=GREY, linewidth=1, label=f"{_RULE} for each weight")
        weights, read = np.array(ours).T
        ax.plot(weights, read / weights, "o", color=BLUE, markersize=5, label="ours, in characters")
        points = [one.weights for one in real], [one.tokens_per_weight for one in real]
        ax.plot(*points, "s", color=VERMILLION, markersize=5, label="real models")
        for one in real:
            if chosen is None:
                _name(ax, one, left=_has_a_neighbour(one, real))
            elif chosen == one.name:
                _single_out(ax, one)
        ax.set(xscale="log", yscale="log", xlabel="weights", ylabel="tokens for each weight")
        ax.set(xlim=(1e3, 2e14), ylim=(0.3, 1e5))
        ax.xaxis.set_major_locator(LogLocator(numticks=6 if _is_wide(ax) else 4))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:,.0f}"))
        _legend_above(ax)
    return figure_of(ax), f"Tokens for each weight: {', '.join(facts)}. Chinchilla's rule has 20."


def _single_out(ax: Axes, one: PublishedSize) -> None:
    """A ring around this model, and a dashed line to the size that the rule gives for its FLOPs."""
    size = optimal_size(one.flops, _RULE)
    ends = [one.weights, size], [one.tokens_per_weight, _RULE]
    ax.plot(*ends, "--", color=BLACK, linewidth=1.2, label="the same FLOPs")
    ax.plot([size], [_RULE], "x", color=BLACK, markersize=8, markeredgewidth=2)
    ring = one.weights, one.tokens_per_weight
    ax.plot(*ring, "o", color=BLACK, fillstyle="none", markersize=11)
    _name(ax, one, left=True)


def _has_a_neighbour(one: PublishedSize, every: Sequence[PublishedSize]) -> bool:
    """Whether another point is where the name would stand to the right."""
    return any(
        1 < other.weights / one.weights < 200
        and 0.6 < other.tokens_per_weight / one.tokens_per_weight < 1.6
        for other in every
    )


def _name(ax: Axes, one: PublishedSize, left: bool) -> None:
    """The name beside its point, and clear of the rule's line."""
    above = one.tokens_per_weight > _RULE + 1
    ax.annotate(
        one.name,
        (one.weights, one.tokens_per_weight),
        xytext=(-7 if left else 7, 3 if above else -3),
        textcoords="offset points",
        ha="right" if left else "left",
        va="bottom" if above else "top",
        fontsize=9,
    )


def _legend_above(ax: Axes) -> None:
    """Above the axes, where no curve can come."""
    wide = _is_wide(ax)
    if not wide:
        ax.tick_params(labelsize=9)
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0 if wide else -0.2, 1),  # narrow axes: from their labels on
        borderaxespad=0.2,
        ncols=4 if wide else 2,
        columnspacing=2.0 if wide else 1.0,
        handlelength=2.6,
        fontsize=9,
    )


def _is_wide(ax: Axes) -> bool:
    """Whether the axes have the figure's width for themselves."""
    place = ax.get_subplotspec()
    return place is None or place.get_gridspec().ncols == 1


def _plain_logarithms(ax: Axes) -> None:
    """A logarithmic axis below, with as many plain numbers as have room: 2,000, 5,000, 10,000."""
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    room = 8 if _is_wide(ax) else 4
    for steps in ((1, 2, 5), (1, 3), (1,)):
        powers = [10.0**power for power in range(13)]
        ticks = [step * power for power in powers for step in steps if low <= step * power <= high]
        if len(ticks) <= room:
            break
    ax.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    ax.set_xticks([], minor=True)


def flops_words(budget: float | int) -> str:
    """A number of FLOPs in two digits: 1.8e11 FLOPs."""
    return f"{budget:.2g} FLOPs".replace("e+", "e")
