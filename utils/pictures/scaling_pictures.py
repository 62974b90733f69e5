"""Pictures of pre-training and scaling: what a window asks for, power laws, budgets spent on several
sizes, and real models among them. Each function gives the figure and the same in words, for
`show(*iso_flop_figure(...))`.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from utils.pictures.figures import (
    BLUE,
    GREY,
    PALETTE,
    VERMILLION,
    figure_of,
    new_figure,
    style,
    visible,
)
from utils.training.iso_flop import IsoFlop, PublishedSize

_MARKS = ("o", "s", "^", "D", "v")
_LINES = ("-", "--", "-.", ":")


def window_figure(piece: str) -> tuple[Figure, str]:
    """A window of characters: what is read below, what is to be predicted above, an arrow for each
    place. The last arrow is the only one if just the last word is asked for.
    """
    figure, ax = new_figure(height=1.9)
    read, wanted = piece[:-1], piece[1:]
    with style():
        ax.set_axis_off()
        ax.set(xlim=(-2.6, len(read) - 0.3), ylim=(-0.5, 1.5))
        ax.text(-0.8, 0, "read", ha="right", va="center")
        ax.text(-0.8, 1, "to be predicted", ha="right", va="center")
        for place, (one, other) in enumerate(zip(read, wanted, strict=True)):
            colour = VERMILLION if place == len(read) - 1 else BLUE
            _box(ax, place, 0, one, GREY)
            _box(ax, place, 1, other, colour)
            ax.annotate(
                "",
                (place, 0.72),
                (place, 0.28),
                arrowprops={"arrowstyle": "-|>", "color": colour},
            )
    return figure, (
        f"A window of {len(read)} characters, {read!r}. Above each stands the next one, which is "
        f"to be predicted: {wanted!r}. The last arrow alone is the last word removed."
    )


def _box(ax: Axes, x: float, y: float, character: str, colour: str) -> None:
    look = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour}
    ax.text(x, y, visible(character), ha="center", va="center", bbox=look, parse_math=False)


def shares_figure(
    read: Sequence[float], shares: Mapping[str, Sequence[float]], losses: Sequence[float]
) -> tuple[Figure, str]:
    """The loss, and the share of pairs found right in each test, over the characters read (0 is
    drawn at the left end of the logarithmic axis).
    """
    figure, (above, below) = new_figure(height=4.6, rows=2)
    places = [max(characters, 1e3) for characters in read]
    facts = []
    with style():
        above.plot(places, losses, marker="o", color=GREY, markersize=4)
        above.set(xscale="log", ylabel="loss, nats per\ncharacter, unread")
        looks = zip(shares.items(), PALETTE, _MARKS, _LINES, strict=False)
        for (name, values), colour, mark, line in looks:
            below.plot(places, values, line, color=colour, marker=mark, markersize=5, label=name)
            facts.append(f"{name} from {values[0]:.0%} to {values[-1]:.0%}")
        below.axhline(0.5, color=GREY, linewidth=1)
        below.set(
            xscale="log", xlabel="characters read (left end: none)", ylabel="share found right"
        )
        below.legend(loc="upper left", fontsize=10, ncols=2)
        below.set_ylim(0.35, 1.22)
        below.set_yticks([0.4, 0.6, 0.8, 1.0])
    return figure, (
        f"The loss falls from {losses[0]:.2f} to {losses[-1]:.2f} nats. The share of pairs found "
        f"right goes, by test: {', '.join(facts)}. Guessing is 50 %."
    )


def power_law_figure(
    points: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    law: Callable[[float], float],
    law_words: str,
) -> tuple[Figure, str]:
    """Sizes and losses on logarithmic axes, in one or more groups by name, and a law as a line
    through all the sizes.
    """
    figure, ax = new_figure(height=3.2)
    every = [size for sizes, _ in points.values() for size in sizes]
    line = np.geomspace(min(every), max(every), 50)
    facts = []
    with style():
        ax.plot(line, [law(float(x)) for x in line], color=GREY, label=law_words)
        looks = zip(points.items(), (BLUE, VERMILLION, *PALETTE[2:]), _MARKS, strict=False)
        for (name, (sizes, losses)), colour, mark in looks:
            ax.plot(sizes, losses, mark, color=colour, label=name, markersize=7)
            pairs = zip(sizes, losses, strict=True)
            facts.append(f"{name}: " + ", ".join(f"{n:,.0f} {loss:.2f}" for n, loss in pairs))
        ax.set(xscale="log", yscale="log", xlabel="weights", ylabel="loss, nats per character")
        _plain_numbers(ax)
        ax.legend(loc="lower left", fontsize=10)
    return figure, f"Weights and loss on logarithmic axes. {'; '.join(facts)}. Line: {law_words}."


def iso_flop_figure(
    columns: Sequence[IsoFlop],
    best: Mapping[float, tuple[float, float]],
    chosen: float | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, str]:
    """The loss over the weights, a curve for each budget; a cross where the parabola through it is
    lowest.

    chosen: a budget to set apart; the others are then grey. Draws into `ax` if given.
    """
    if ax is None:
        _, ax = new_figure(height=3.6)
    facts = []
    with style():
        for column, colour, mark in zip(columns, PALETTE, _MARKS, strict=False):
            shown = colour if chosen in (None, column.budget) else "#b0b0b0"
            sizes = [run.weights for run in column.runs]
            ax.plot(sizes, [run.loss for run in column.runs], mark, color=shown, markersize=5)
            line = np.geomspace(min(sizes), max(sizes), 60)
            square = np.polyfit(np.log(sizes), [run.loss for run in column.runs], 2)
            label = f"{_power(column.budget)} FLOPs"
            ax.plot(line, np.polyval(square, np.log(line)), color=shown, label=label)
            size, loss = best[column.budget]
            ax.plot([size], [loss], "x", color=shown, markersize=11, markeredgewidth=2.5)
            facts.append(f"{label}: lowest at {size:,.0f} weights, {loss:.3f}")
        ax.set(xscale="log", xlabel="weights", ylabel="loss, nats per character")
        ax.legend(loc="upper right", fontsize=9)
    return figure_of(ax), f"Loss over weights for each budget. {'; '.join(facts)}."


def sizes_figure(
    ours: Sequence[tuple[float, float]],
    real: Sequence[PublishedSize],
    chosen: str | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, str]:
    """Weights and what they read, on logarithmic axes: our best sizes, real models by name, and the
    line of 20 tokens for each weight.
    """
    if ax is None:
        _, ax = new_figure(height=4.2)
    facts = []
    with style():
        line = np.geomspace(3e3, 1e12, 20)
        ax.plot(line, 20 * line, color=GREY, linewidth=1, label="20 for each weight")
        weights, read = zip(*ours, strict=True)
        ax.plot(weights, read, "o", color=BLUE, markersize=5, label="ours, in characters")
        for one in real:
            apart = one.name == chosen
            ax.plot(
                [one.weights], [one.tokens], "s", color=VERMILLION, markersize=9 if apart else 5
            )
            if apart or chosen is None:
                below = one.tokens_per_weight < 30
                ax.annotate(
                    one.name,
                    (one.weights, one.tokens),
                    xytext=(6, -4) if below else (-6, 5),
                    textcoords="offset points",
                    ha="left" if below else "right",
                    va="top" if below else "bottom",
                    fontsize=9,
                )
            facts.append(f"{one.name} {one.tokens_per_weight:.3g}")
        ax.set(xscale="log", yscale="log", xlabel="weights", ylabel="tokens (or characters) read")
        ax.set_xlim(2e3, 1e14)
        ax.legend(loc="upper left", fontsize=9)
    return figure_of(ax), f"Tokens for each weight: {', '.join(facts)}. Chinchilla's rule has 20."


def _plain_numbers(ax: Axes) -> None:
    """Losses as plain numbers on a logarithmic axis, which would write them as powers of ten."""
    low, high = ax.get_ylim()
    ticks = [tick for tick in (1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0) if low <= tick <= high]
    ax.set_yticks(ticks, [f"{tick:.1f}" for tick in ticks])
    ax.set_yticks([], minor=True)


def _power(budget: float) -> str:
    return f"{budget:.2g}".replace("e+", "e")
