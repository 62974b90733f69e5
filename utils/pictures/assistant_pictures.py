"""Pictures of chapter 19: a conversation with its writers and its loss, who sees whom in a packed row,
what is answered about whom, the two kinds of error, and a low-rank addition.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, new_figure, style
from utils.pictures.html_panels import FONT, PAPER
from utils.pictures.svg import Svg

_PAPERS = {
    "template": "#e6e6e6",
    "system": "#f5dcea",
    "user": "#dbeafe",
    "assistant": "#d5f0e3",
    "tool": "#fdebc8",
}
_SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "\\r"}
KINDS = {"right": (GREEN, ""), "wrong": (VERMILLION, "//"), "refused": (GREY, "..")}


class Told(NamedTuple):
    """A token of a conversation: its text, who wrote it, and whether it counts in the loss."""

    text: str
    writer: str
    learn: bool


def conversation_html(tokens: Sequence[Told]) -> str:
    """Every token in a box of its writer's colour, with the writer's name before each change; what
    counts in the loss is bold and underlined.
    """
    boxes, before = [], ""
    for told in tokens:
        if told.writer != before:
            boxes.append(f'<b style="margin-left:8px">{escape(told.writer)}:</b> ')
            before = told.writer
        boxes.append(_box(told))
    learned = sum(told.learn for told in tokens)
    look = f"background:{PAPER};color:{INK};{FONT};padding:6px 8px;max-width:680px;line-height:2"
    count = f"{len(tokens)} tokens, {learned} of them in the loss (bold and underlined)"
    return f'<div class="glass-box-pieces" style="{look}">{"".join(boxes)}<div>{count}</div></div>'


def _box(told: Told) -> str:
    paper = _PAPERS.get(told.writer, "#ffffff")
    look = (
        f"background:{paper};color:{INK};border:1px solid {GREY};border-radius:4px;"
        "padding:1px 3px;margin:1px;font-family:monospace;font-size:14px;white-space:pre;"
        "display:inline-block;line-height:1.4"
    )
    if told.learn:
        look += f";font-weight:bold;border-bottom:4px solid {INK}"
    shown = "".join(_SIGNS.get(character, character) for character in told.text)
    return f'<span style="{look}">{escape(shown)}</span>'


def conversation_text(tokens: Sequence[Told]) -> str:
    """The same in plain text: what counts in the loss stands in square brackets."""
    return " ".join(f"[{told.text!r}]" if told.learn else repr(told.text) for told in tokens)


def masks_figure(
    masks: Mapping[str, Bool[Tensor, "query key"]], owner: Sequence[int]
) -> tuple[Figure, str]:
    """Who may look at whom in a packed row, a panel for each mask; dark squares may.

    owner: the number of the conversation of each token, for the lines between them.
    """
    fig, axes = new_figure(height=3.6, columns=len(masks))
    borders = [place - 0.5 for place in range(1, len(owner)) if owner[place] != owner[place - 1]]
    with style():
        for ax, (name, mask) in zip(np.atleast_1d(axes), masks.items(), strict=True):
            ax.imshow(mask.numpy(), cmap="Blues", vmin=0, vmax=1.3)
            for border in borders:
                ax.axhline(border, color=VERMILLION, linewidth=1.2)
                ax.axvline(border, color=VERMILLION, linewidth=1.2)
            ax.set(title=name, xlabel="token that is looked at", ylabel="token that looks")
    said = "; ".join(f"{name}: {int(mask.sum())} pairs" for name, mask in masks.items())
    return fig, f"Squares of who may look at whom in a row of {len(owner)} tokens. {said}."


@runtime_checkable
class Marked(Protocol):
    """Shares of the answers about a group of people."""

    @property
    def right(self) -> float:
        """Names the truth."""
        ...

    @property
    def wrong(self) -> float:
        """Names something else."""
        ...

    @property
    def refused(self) -> float:
        """Says that it does not know."""
        ...


def answers_figure(marks: Mapping[str, Mapping[str, Marked]]) -> tuple[Figure, str]:
    """A panel for each model, a bar for each group of people: what share of the answers is right,
    wrong or refused.
    """
    fig, axes = new_figure(height=3.1, columns=len(marks))
    axes = np.atleast_1d(axes)
    with style():
        for ax, (name, groups) in zip(axes, marks.items(), strict=True):
            _stack(ax, groups)
            ax.set(title=name, ylim=(0, 100), xlim=(-0.5, len(groups) - 0.5))
            ax.title.set_fontsize(11)
            if ax is not axes[0]:
                ax.set_yticklabels([])
        axes[0].set_ylabel("answers, per cent")
        handles, names = axes[0].get_legend_handles_labels()
        fig.legend(handles, names, loc="outside upper center", ncols=3)
    said = "; ".join(
        f"{name}, {group}: {one.right:.0%} right, {one.wrong:.0%} wrong, {one.refused:.0%} refused"
        for name, groups in marks.items()
        for group, one in groups.items()
    )
    return fig, f"Stacked bars of answers. {said}."


def _stack(ax: object, groups: Mapping[str, Marked]) -> None:
    below = np.zeros(len(groups))
    for kind, (color, hatch) in KINDS.items():
        heights = np.array([100 * getattr(one, kind) for one in groups.values()])
        ax.bar(  # type: ignore[attr-defined]
            [name.replace(" ", "\n") for name in groups], heights, bottom=below, color=color, hatch=hatch, edgecolor="white",
            label=kind, width=0.7,
        )  # fmt: skip
        below += heights


@runtime_checkable
class Interval(Protocol):
    """A mean with its interval."""

    @property
    def value(self) -> float:
        """The mean."""
        ...

    @property
    def low(self) -> float:
        """The interval's lower end."""
        ...

    @property
    def high(self) -> float:
        """The interval's upper end."""
        ...


Errors = tuple[Interval, Interval]


def two_errors_figure(
    taught: Mapping[str, Sequence[Errors]], threshold: Sequence[Errors], coin: float | int
) -> tuple[Figure, str]:
    """Needless refusals across, false answers upwards, with intervals: a row of points for each way
    of teaching, a line for a threshold on the base model's sureness, and a dashed line for refusing
    by the toss of a coin.

    coin: false answers of a model that never refuses.
    """
    fig, ax = new_figure(height=4.2)
    looks = ((VERMILLION, "s"), (BLUE, "o"), (ORANGE, "^"), (GREEN, "D"))
    with style():
        ax.plot(
            [0, 100], [100 * coin, 0], color=GREY, linestyle="--", label="by the toss of a coin"
        )
        across, upwards = _centres(threshold)
        ax.plot(
            across, upwards, color=INK, linewidth=1.5, marker=".", label="threshold on sureness"
        )
        for (name, points), (color, mark) in zip(taught.items(), looks, strict=False):
            across, upwards = _centres(points)
            ax.errorbar(
                across, upwards, yerr=_reach([up for _, up in points]),
                xerr=_reach([side for side, _ in points]), color=color, marker=mark, linestyle="",
                markersize=7, capsize=2, elinewidth=1, label=name,
            )  # fmt: skip
        ax.set(
            xlabel="needless refusals: of the answers about known people, per cent",
            ylabel="false answers: of those about people\nnever read of, per cent",
            xlim=(-2, 80), ylim=(-2, 102),
        )  # fmt: skip
        ax.legend(fontsize=10)
    said = "; ".join(
        f"{name}: "
        + ", ".join(f"{side.value:.0%} needless and {up.value:.0%} false" for side, up in points)
        for name, points in taught.items()
    )
    return fig, f"Two kinds of error against each other; lower left is better. {said}."


def _centres(points: Sequence[Errors]) -> tuple[list[float], list[float]]:
    return [100 * side.value for side, _ in points], [100 * up.value for _, up in points]


def _reach(intervals: Sequence[Interval]) -> list[list[float]]:
    below = [100 * (one.value - one.low) for one in intervals]
    above = [100 * (one.high - one.value) for one in intervals]
    return [below, above]


def low_rank_drawing(d_out: int, d_in: int, rank: int) -> tuple[str, str]:
    """W, drawn to scale, and beside it the two thin matrices whose product is added: an <img>, and
    the words for it.
    """
    scale = 180 / max(d_out, d_in)
    height, width, thin = d_out * scale, d_in * scale, max(10.0, rank * scale)
    svg = Svg(660, height + 90)
    top, middle = 50.0, 50 + height / 2
    svg.box(30, top, width, height, fill="#e6e6e6", edge=GREY)
    svg.words(30 + width / 2, middle, "W", size=20, anchor="middle")
    svg.words(30 + width / 2, top - 16, f"{d_out} × {d_in}, frozen", size=14, anchor="middle")
    svg.words(30 + width + 40, middle, "+", size=24, anchor="middle")
    left = 30 + width + 100
    svg.box(left, top, thin, height, fill="#d5f0e3", edge=GREY)
    svg.words(left + thin / 2, top - 16, f"up: {d_out} × {rank}", size=14, anchor="middle")
    svg.words(left + thin + 46, middle, "×", size=24, anchor="middle")
    right = left + thin + 90
    svg.box(right, middle - thin / 2, width, thin, fill="#d5f0e3", edge=GREY)
    svg.words(
        right + width / 2,
        middle - thin / 2 - 16,
        f"down: {rank} × {d_in}",
        size=14,
        anchor="middle",
    )
    svg.words(right + width / 2, middle + thin / 2 + 20, "trained", size=14, anchor="middle")
    alt = (
        f"A large frozen matrix W of {d_out} times {d_in}, plus the product of two thin ones that "
        f"are trained: up of {d_out} times {rank}, and down of {rank} times {d_in}."
    )
    return svg.img(alt), alt
