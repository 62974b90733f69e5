"""Pictures of a model whose blocks were taken apart: in which order they run, and what the loss says."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import cycle

from matplotlib.figure import Figure

from utils.pictures.figures import (
    BLUE,
    GREY,
    ORANGE,
    PALETTE,
    VERMILLION,
    new_figure,
    style,
    visible,
)
from utils.pictures.html_panels import PAPER
from utils.pictures.svg import Svg, text_width

_WIDTH, _HEIGHT = 700, 430
_PER_ROW, _CELL, _STEP = 30, 21, 22  # blocks in a row, and pixels of one
_LARGEST = 200.0  # nats; where the bars end
_TICKS = {-0.5: "−0.5", 0: "0", 0.1: "0.1", 0.2: "0.2", 0.5: "0.5", 1: "1", 3: "3", 10: "10"}
Outcome = tuple[Sequence[float], str]  # the loss on each text, and the continuation


def order_picture(
    order: Sequence[int],
    n_layer: int,
    touched: Collection[int],
    title: str,
    before: Outcome,
    after: Outcome,
    prompt: str,
) -> str:
    """The blocks in the order in which they run, the loss on each text before and after, and both
    continuations, as one <img>. The blocks that were `touched` are filled; one that is gone is dashed.
    """
    svg = Svg(_WIDTH, _HEIGHT)
    svg.words(10, 24, title, size=16, bold=True)
    y = _blocks(svg, order, n_layer, touched)
    y = _losses(svg, y + 34, before[0], after[0])
    y = _continuation(svg, y + 30, "unchanged", prompt, before[1])
    _continuation(svg, y + 12, "changed", prompt, after[1])
    means = [sum(losses) / len(losses) for losses, _ in (before, after)]
    return svg.img(
        f"{title}: the mean loss goes from {means[0]:.2f} to {means[1]:.2f} nats. After “{prompt}” "
        f"the model wrote “{before[1]}”, and now “{after[1]}”."
    )


def _blocks(svg: Svg, order: Sequence[int], n_layer: int, touched: Collection[int]) -> float | int:
    """The row of blocks, and below it those that are left out. Gives where the row ends."""
    svg.words(10, 50, "order of the blocks", size=12, color=GREY)
    for place, block in enumerate(order):
        x, y = 10 + place % _PER_ROW * _STEP, 58 + place // _PER_ROW * 26
        moved = block in touched
        svg.box(x, y, _CELL, 22, fill=ORANGE if moved else PAPER, edge=GREY)
        svg.words(x + _CELL / 2, y + 15, str(block), size=12, anchor="middle", bold=moved)
    end = 58 + (len(order) - 1) // _PER_ROW * 26 + 22
    gone = [block for block in range(n_layer) if block not in order]
    if gone:
        svg.words(10, end + 20, "left out:", size=12, color=GREY)
        for place, block in enumerate(gone[:26]):
            svg.box(76 + place * _STEP, end + 5, _CELL, 22, edge=GREY, dashed=True)
            svg.words(
                76 + place * _STEP + _CELL / 2, end + 20, str(block), size=12, anchor="middle"
            )
        end += 28
    return end


def _losses(
    svg: Svg, y: float | int, before: Sequence[float], after: Sequence[float]
) -> float | int:
    """For each text its loss before (grey) and after (blue), on a log axis. Gives where they end."""
    svg.words(
        10,
        y - 8,
        "loss on each text, nats per token, log axis (grey: unchanged)",
        size=12,
        color=GREY,
    )
    for row, (old, new) in enumerate(zip(before, after, strict=True)):
        top = y + 30 * row
        svg.words(62, top + 17, f"text {row + 1}", size=12, anchor="end")
        svg.box(70, top, _along(old), 10, fill=GREY)
        svg.box(70, top + 11, _along(new), 10, fill=BLUE)
        svg.words(78 + max(_along(old), _along(new)), top + 16, f"{old:.2f} → {new:.2f}", size=12)
    return y + 30 * len(before)


def _along(loss: float | int) -> float | int:
    """How long the bar of a loss is: from 1 to _LARGEST nats on a log axis."""
    share = math.log(max(1.02, min(loss, _LARGEST))) / math.log(_LARGEST)
    return 470 * share


def _continuation(svg: Svg, y: float | int, name: str, prompt: str, written: str) -> float | int:
    """A prompt and how it goes on, in as many lines as that takes. Gives where they end."""
    svg.words(10, y, name, size=12, color=GREY)
    x, room = 86.0, 600.0
    words = [(word, GREY) for word in _shown(prompt[-60:])]
    words += [(word, BLUE) for word in _shown(written)]
    for word, color in words:
        width = text_width(word, 13) + 4
        if x + width > 86 + room:
            x, y = 86.0, y + 18
        svg.words(x, y, word, size=13, color=color, room=room)
        x += width
    return y + 18


def _shown(text: str) -> list[str]:
    """The words of a text, as labels."""
    return [visible(word) for word in text.split()]


def rises_by_block(
    rises: Mapping[str, Mapping[int, Sequence[float]]], *, xlabel: str = "block"
) -> Figure:
    """By how much the loss rises, block by block: the mean over the texts as a line, and from the
    text that loses least to the one that loses most as a band. A panel for each name; the axis is
    linear from -0.1 to 0.1 and logarithmic beyond.
    """
    figure, _ = new_figure(height=2.1 * len(rises), rows=len(rises))
    for ax, (name, by_block), color in zip(
        figure.axes, rises.items(), cycle((BLUE, VERMILLION, *PALETTE[2:])), strict=False
    ):
        blocks = sorted(by_block)
        texts = [by_block[block] for block in blocks]
        with style():
            ax.fill_between(
                blocks,
                [min(t) for t in texts],
                [max(t) for t in texts],
                color=color,
                alpha=0.25,
                linewidth=0,
            )
            ax.plot(blocks, [sum(t) / len(t) for t in texts], color=color, marker="o", markersize=3)
            ax.set_yscale("symlog", linthresh=0.1, linscale=0.6)
            ax.set(ylim=(-1, 15), yticks=list(_TICKS), yticklabels=list(_TICKS.values()))
            ax.minorticks_off()
            ax.axhline(0, color=GREY, linewidth=0.8)
            ax.set_title(name)
            ax.set_ylabel("nats more")
    figure.axes[-1].set_xlabel(xlabel)
    return figure
