"""Pictures of the chapter on using models: who wrote which part of a text, answers after passages, a
digit as a row of patches, ratings over matches.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from utils.data.patches import SIZE, to_patches
from utils.pictures.curves import curves
from utils.pictures.figures import BLUE, GREEN, GREY, INK, VERMILLION, new_figure, style
from utils.pictures.html_panels import FONT, PAPER

_PAPERS = {"prompt": "#eeeeee", "model": "#d5f0e3"}
_TOOL_PAPER = "#fdebc8"
_BARS = {"right": (GREEN, ""), "misled": (VERMILLION, "//"), "other": (GREY, "..")}


@runtime_checkable
class Part(Protocol):
    """A part of a text, and who it is from."""

    @property
    def text(self) -> str:
        """What stands there."""
        ...

    @property
    def by(self) -> str:
        """ "model", or the name of a tool."""
        ...


def parts_html(prompt: str, parts: Sequence[Part]) -> tuple[str, str]:
    """A text with who wrote what, each writer on paper of a colour and named in front, as HTML and as
    plain text: `show_html(*parts_html(prompt, found.parts))`.
    """
    named = [("prompt", prompt), *((part.by, part.text) for part in parts)]
    look = f"background:{PAPER};color:{INK};{FONT};padding:6px 8px;max-width:680px;line-height:2"
    boxes = "".join(_box(by, text) for by, text in named)
    html = f'<div class="glass-box-pieces" style="{look}">{boxes}</div>'
    return html, "\n".join(f"{by}: {text!r}" for by, text in named)


def _box(by: str, text: str) -> str:
    paper = _PAPERS.get(by, _TOOL_PAPER)
    look = (
        f"background:{paper};color:{INK};border:1px solid {GREY};border-radius:4px;"
        "padding:1px 4px;margin:1px;font-family:monospace;font-size:14px;white-space:pre-wrap;"
        "display:inline-block;line-height:1.4"
    )
    return f'<b>{escape(by)}:</b> <span style="{look}">{escape(text.strip())}</span> '


def answers_after(
    panels: Mapping[str, Mapping[str, Mapping[str, float]]], misled: str
) -> tuple[Figure, str]:
    """A panel for each group, in it a bar for each way of asking: the shares of answers that are
    "right", "misled" and "other". `misled`: what the second of these means here.
    """
    most = max(map(len, panels.values()))
    fig, axes = new_figure(height=1.2 + 0.36 * most, columns=len(panels))
    said = []
    for ax, (group, shares) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        _answer_bars(ax, group, shares)
        said += [
            f"{group}, {name}: {one['right']:.0%} right, {one['misled']:.0%} {misled}"
            for name, one in shares.items()
        ]
    names = {"right": "right", "misled": misled, "other": "anything else"}
    handles = np.atleast_1d(axes)[0].containers
    with style():
        fig.legend(handles, [names[kind] for kind in _BARS], loc="outside upper center", ncols=3)
    return fig, f"Answers by what stood before the question. {'; '.join(said)}."


def _answer_bars(ax: Axes, title: str, shares: Mapping[str, Mapping[str, float]]) -> None:
    begin = np.zeros(len(shares))
    with style():
        for kind, (color, hatch) in _BARS.items():
            lengths = np.array([100 * one[kind] for one in shares.values()])
            drawn = ax.barh(
                list(shares),
                lengths,
                left=begin,
                color=color,
                hatch=hatch,
                edgecolor="white",
                height=0.7,
            )
            begin += lengths
            if kind != "other":
                words = [f"{length:.0f}" if length else "" for length in lengths]
                box = {"facecolor": color, "edgecolor": "none", "pad": 1}
                ax.bar_label(drawn, words, label_type="center", color="white", fontsize=9, bbox=box)
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.set(xlim=(0, 100), xlabel="answers, in per cent")
        ax.set_title(title, fontsize=11)


def years_figure(chances: Float[Tensor, " year"], first: int) -> tuple[Figure, str]:
    """A column for the chance of each year from `first` on."""
    years = range(first, first + len(chances))
    fig, ax = new_figure(height=2.4)
    with style():
        ax.bar(years, chances.tolist(), color=BLUE, width=0.8)
        marked = [year for year in years if year % 5 == 0]
        ax.set_xticks(marked, [str(year) for year in marked])
        ax.set(ylabel="chance of the year", xlim=(first - 0.7, first + len(chances) - 0.3))
    highest = first + int(chances.argmax())
    return fig, (
        f"Columns for the years {first} to {years[-1]}; the highest is {highest} with "
        f"{float(chances.max()):.3f}, the last {float(chances[-1]):.3f}."
    )


def followed_figure(
    rows: Mapping[str, tuple[Sequence[float], Sequence[float]]],
) -> tuple[Figure, str]:
    """A row for each test, in it a mark for each net: in how many of 100 replies it follows its
    owner (circles), and the text (crosses), in this order.
    """
    fig, ax = new_figure(height=1.2 + 0.36 * len(rows))
    looks = (("its owner", "o", BLUE, -0.12), ("the text", "x", VERMILLION, 0.12))
    with style():
        for column, (name, marker, color, above) in enumerate(looks):
            points = [
                (100 * share, place + above)
                for place, pair in enumerate(rows.values())
                for share in pair[column]
            ]
            across, down = zip(*points, strict=True)
            ax.scatter(across, down, marker=marker, color=color, label=name, zorder=3)
        ax.set_yticks(range(len(rows)), list(rows))
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="y", color=GREY, alpha=0.3)
        ax.set(xlim=(-3, 103), xlabel="of 100 replies, those that follow")
        fig.legend(loc="outside upper center", ncols=2)
    said = "; ".join(
        f"{name}: the owner {_range(owner)}, the text {_range(text)}"
        for name, (owner, text) in rows.items()
    )
    return fig, f"Whom small nets follow, a mark for each seed, of 100 replies. {said}."


def _range(shares: Sequence[float]) -> str:
    low, high = round(100 * min(shares)), round(100 * max(shares))
    return f"{low}" if low == high else f"{low} to {high}"


def patch_row(image: Float[Tensor, " pixel"], size: int = SIZE) -> tuple[Figure, str]:
    """A digit with the cuts between its patches, and the patches as a row, numbered."""
    side = round(len(image) ** 0.5)
    square = image.view(1, side, side)
    patches = to_patches(square, size)[0].view(-1, size, size)
    fig, _ = new_figure(height=2.6)
    fig.clear()
    with style():
        grid = fig.add_gridspec(2, len(patches), height_ratios=(3, 1))
        whole = fig.add_subplot(grid[0, :])
        whole.imshow(square[0].numpy(), cmap="gray_r", vmin=0, vmax=1)
        for cut in range(size, side, size):
            whole.axhline(cut - 0.5, color=BLUE, linewidth=1)
            whole.axvline(cut - 0.5, color=BLUE, linewidth=1)
        whole.set(xticks=[], yticks=[])
        whole.spines[:].set_visible(True)
        for number, patch in enumerate(patches):
            ax = fig.add_subplot(grid[1, number])
            ax.imshow(patch.numpy(), cmap="gray_r", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
            ax.set_title(str(number), fontsize=8, loc="center", pad=2)
    return fig, (
        f"A digit of {side} by {side} pixels, cut into {len(patches)} patches of {size} by {size}; "
        "below it the patches in a row, line after line, as the model reads them."
    )


def ratings_figure(
    histories: Mapping[str, Float[Tensor, "time player"]], names: Sequence[str]
) -> tuple[Figure, str]:
    """The ratings of all players over the matches, a panel for each order of the matches."""
    fig, axes = new_figure(height=3.0, columns=len(histories))
    ends = []
    for ax, (title, history) in zip(np.atleast_1d(axes), histories.items(), strict=True):
        values = {name: history[:, n] for n, name in enumerate(names)}
        curves(range(len(history)), values, xlabel="matches", ylabel="Elo", ax=ax)
        ax.get_legend().remove()
        ax.set_title(title, fontsize=11)
        last = [f"{name} {float(history[-1, n]):.0f}" for n, name in enumerate(names)]
        ends.append(f"{title}: {', '.join(last)}")
    low = min(float(history.min()) for history in histories.values())
    high = max(float(history.max()) for history in histories.values())
    for ax in np.atleast_1d(axes):
        ax.set_ylim(low - 10, high + 10)
    handles, labels = np.atleast_1d(axes)[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=len(names))
    return fig, f"Ratings over the matches. At the end, {'; '.join(ends)}."


def wave_figure(
    wave: Float[Tensor, " sample"], copy: Float[Tensor, " sample"], frame: int, frames: int
) -> tuple[Figure, str]:
    """The first frames of a sound, and of its copy from the codebook's entries, with the cuts between
    the frames.
    """
    shown = frame * frames
    fig, ax = new_figure(height=2.6)
    with style():
        ax.plot(wave[:shown].numpy(), color=BLUE, linewidth=1.2, label="the tone")
        ax.plot(
            copy[:shown].numpy(),
            color=VERMILLION,
            linewidth=1.2,
            linestyle="--",
            label="the codebook's entries",
        )
        for cut in range(frame, shown, frame):
            ax.axvline(cut, color=INK, linewidth=1, linestyle=":")
        ax.set(xlabel="sample", ylabel="air pressure", xlim=(0, shown - 1))
        fig.legend(loc="outside upper center", ncols=2)
    return fig, (
        f"A tone as a curve of {shown} samples, cut by dotted lines into {frames} frames of "
        f"{frame} samples, and over each frame the entry of the codebook that is nearest to it."
    )
