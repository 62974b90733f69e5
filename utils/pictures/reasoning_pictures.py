"""Pictures of answers and their steps: where the blocks' work happens, accuracy against compute, and
digits that are right place by place.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from utils.pictures.figures import BLUE, GREY, PALETTE, VERMILLION, new_figure, style

_MOST_COLUMNS = 18
_PALE = "#e8eef4"
_MARKERS = "osD^vP*X"


def columns_of_blocks(question: str, before: str, answer: str, blocks: int) -> tuple[Figure, str]:
    """Where a model works while it answers: a column of blocks above each symbol that it reads, and
    an arrow from the top of a column down to a symbol that was chosen there and read next.

    question: what it is given. before: what it writes before the answer, symbol by symbol; dots are
    filler, the same whatever was calculated, so nothing comes down with them. answer: its last
    symbol. The longest chain of blocks that the answer can rest on is drawn in a colour.
    Raises ValueError for more symbols than can be drawn.
    """
    read = question + before
    if len(read) > _MOST_COLUMNS:
        raise ValueError(
            f"{len(read)} symbols are read, and the drawing has {_MOST_COLUMNS} columns: give a "
            "shorter question or fewer steps."
        )
    written = {len(question) + place for place, one in enumerate(before) if one != "."}
    on_chain = _chain(len(question), len(read), written)
    figure, ax = new_figure(height=0.42 * blocks + 1.15)
    with style():
        for place, symbol in enumerate(read):
            _column(ax, place, symbol, blocks, place in on_chain)
            if place in written:
                _chosen_above(ax, place - 1, place, blocks)
        _symbol(ax, len(read) - 1, blocks + 0.4, answer, VERMILLION)
        _brace(ax, 0, len(question) - 1, "question")
        if before:
            _brace(ax, len(question), len(read) - 1, "written first")
        ax.set(xlim=(-0.8, _MOST_COLUMNS), ylim=(-1.1, blocks + 0.8))
        ax.set_axis_off()
        depth = blocks * len(on_chain)
        ax.set_title(f"longest chain of blocks below the answer: {depth}", fontsize=11)
    return figure, (
        f"{len(read)} columns of {blocks} blocks above the symbols {read}; the answer {answer} is "
        f"chosen above the last one. {len(written)} arrows lead from the top of a column to the "
        f"symbol that is read next. The longest chain of blocks below the answer is {depth} long."
    )


def _chain(begin: int, end: int, written: set[int]) -> list[int]:
    """The columns that a longest chain climbs one after the other: it comes down into every symbol
    that was chosen from what was calculated, and climbs again.
    """
    columns = [begin - 1, *sorted(written)]
    return columns if columns[-1] == end - 1 else [*columns[:-1], end - 1]


def _column(ax: Axes, x: int, symbol: str, blocks: int, on_chain: bool) -> None:
    for level in range(blocks):
        ax.add_patch(
            Rectangle(
                (x - 0.32, level + 0.18),
                0.64,
                0.64,
                facecolor=BLUE if on_chain else _PALE,
                edgecolor=GREY,
                linewidth=0.8,
            )
        )
    _symbol(ax, x, -0.25, symbol, "black")


def _symbol(ax: Axes, x: float | int, y: float, symbol: str, color: str) -> None:
    ax.text(x, y, symbol, ha="center", va="center", fontsize=12, color=color, weight="bold")


def _chosen_above(ax: Axes, tail: int, head: int, blocks: int) -> None:
    """From the top of a column down to the symbol beside it."""
    look = {
        "arrowstyle": "->",
        "color": VERMILLION,
        "linewidth": 1.4,
        "connectionstyle": "arc3,rad=-0.25",
        "shrinkA": 0,
        "shrinkB": 1,
    }
    ax.annotate("", (head - 0.1, -0.02), (tail + 0.2, blocks - 0.1), arrowprops=look)


def _brace(ax: Axes, first: int, last: int, words: str) -> None:
    ax.plot([first - 0.3, last + 0.3], [-0.6, -0.6], color=GREY, linewidth=1)
    ax.text((first + last) / 2, -0.88, words, ha="center", va="center", fontsize=9.5)


def accuracy_by_compute(
    points: Mapping[str, tuple[float | int, Sequence[float]]], chance: float
) -> tuple[Figure, str]:
    """A mark for each kind of answer: its FLOPs against the share of right answers, the mean over
    the seeds with two standard errors either way. `chance`: the share that guessing has.
    """
    figure, ax = new_figure(height=3.4)
    said = []
    with style():
        for (name, (flops, shares)), marker, color in zip(
            points.items(), cycle(_MARKERS), cycle(PALETTE)
        ):
            found = 100 * np.array(shares)
            mean, error = float(found.mean()), 2 * float(found.std(ddof=1)) / len(found) ** 0.5
            ax.errorbar(
                [flops / 1e6],
                [mean],
                [error],
                fmt=marker,
                color=color,
                markersize=8,
                capsize=3,
                label=name,
            )
            said.append(f"{name}: {mean:.0f} % at {flops / 1e6:.2f}")
        ax.axhline(100 * chance, color=GREY, linewidth=1, linestyle="--")
        ax.text(0.01, 100 * chance + 2, "guessing", color=GREY, fontsize=9.5)
        ax.set(
            xlabel="million floating-point operations for an answer",
            ylabel="right, in per cent",
            ylim=(-4, 108),
        )
        ax.set_xlim(left=0)
        figure.legend(loc="outside upper left", ncols=2, fontsize=10)
    return (
        figure,
        f"Right answers against the operations of an answer, in millions. {'; '.join(said)}.",
    )


def digits_right(shares: Mapping[str, Sequence[Sequence[float]]]) -> tuple[Figure, str]:
    """For each kind of answer the share of right digits place by place, from the left: the mean over
    the seeds, and a dot for each seed.

    shares: for each name and place a share for each seed.
    """
    figure, ax = new_figure(height=3.0)
    names = list(shares)
    width = 0.8 / len(names)
    said = []
    with style():
        for number, (name, places) in enumerate(shares.items()):
            at = np.arange(len(places)) + (number - (len(names) - 1) / 2) * width
            means = [100 * float(np.mean(one)) for one in places]
            ax.bar(at, means, width * 0.9, label=name, color=PALETTE[number])
            for x, mean, seeds in zip(at, means, places, strict=True):
                found = [100 * one for one in seeds]
                ax.plot([x] * len(found), found, ".", color=GREY)
                ax.text(x, max(found) + 3, f"{mean:.0f}", ha="center", fontsize=9.5)
            said.append(f"{name}: " + ", ".join(f"{mean:.0f}" for mean in means))
        words = ["first", "second", "third", "fourth", "fifth", "sixth"][: len(places)]
        ax.set_xticks(range(len(words)), words)
        ax.set(xlabel="digit of the answer, from the left", ylabel="right, in per cent")
        ax.set_ylim(0, 112)
        figure.legend(loc="outside upper left", ncols=len(names), fontsize=10)
    return figure, f"Digits that are right, in per cent, from the left. {'; '.join(said)}."


def votes_by_count(
    counts: Sequence[int], lines: Mapping[str, Sequence[float]]
) -> tuple[Figure, str]:
    """Shares of questions over the number of answers that were drawn for each, on a logarithmic
    axis: a line for each way to use them.
    """
    figure, ax = new_figure(height=3.2)
    said = []
    with style():
        for (name, shares), line, marker in zip(
            lines.items(), cycle(("-", "--", ":", "-.")), cycle(_MARKERS)
        ):
            ax.plot(counts, [100 * share for share in shares], line, marker=marker, label=name)
            said.append(f"{name}: {100 * shares[0]:.0f} to {100 * shares[-1]:.0f}")
        ax.set(xscale="log", xlabel="answers drawn for a question", ylabel="right, in per cent")
        ax.set_ylim(-4, 104)
        ax.set_xticks(list(counts), [str(count) for count in counts])
        ax.minorticks_off()
        figure.legend(loc="outside upper left", ncols=2, fontsize=10)
    many = f"from {counts[0]} to {counts[-1]} answers"
    return figure, f"Questions that are right, in per cent, {many}. {'; '.join(said)}."


def digit_bars(probabilities: Mapping[str, Sequence[float]], right: int) -> tuple[Figure, str]:
    """For each model the probability of every digit as its answer, side by side; the right digit has
    a dark edge.
    """
    figure, axes = new_figure(height=2.5, columns=len(probabilities))
    said = []
    with style():
        for ax, (name, chances) in zip(np.atleast_1d(axes), probabilities.items(), strict=True):
            drawn = ax.bar(range(10), chances, color=BLUE, width=0.75)
            drawn[right].set(edgecolor="black", linewidth=2.2, hatch="//")
            ax.set(ylim=(0, 1.02), title=name, xlabel="answer")
            ax.set_xticks(range(10))
            said.append(f"{name}: {max(chances):.2f} for {int(np.argmax(chances))}")
        np.atleast_1d(axes)[0].set_ylabel("probability")
    return figure, f"How likely each digit is as the answer; {right} is right. {'; '.join(said)}."
