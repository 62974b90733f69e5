"""Pictures of architectures: how far back each recalls, who may look at whom, alignments, and
patches. Each function gives the figure and the same in words, for `show(*mask_pictures(...))`.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from torch import Tensor

from utils.data.dates import WrittenDate
from utils.pictures.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PALETTE,
    PAPER,
    PURPLE,
    VERMILLION,
    new_figure,
    style,
    visible,
)
from utils.pictures.heat_maps import NOT_ALLOWED, heat_map

_LINES = ("-", "--", "-.", ":")
_MARKS = ("o", "s", "^", "D", "v")
_PATCHES_A_LINE = 8
_WORDS: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 9, "color": GREY}
Curve = Sequence[tuple[float | int, float | int]]  # (x, share right)


def learning_curves(
    by_steps: Mapping[str, Curve], by_seconds: Mapping[str, Curve], chance: float | int
) -> tuple[Figure, str]:
    """The share of right answers against the steps of training, and against processor seconds."""
    figure, axes = new_figure(height=3.4, columns=2)
    panels = zip(axes, (by_steps, by_seconds), ("steps", "processor seconds"), strict=True)
    with style():
        for ax, curves, xlabel in panels:
            for (name, points), line, colour in zip(curves.items(), _LINES, PALETTE, strict=False):
                ax.plot(*zip(*points, strict=True), line, color=colour, label=name)
            _guessing(ax, chance)
            ax.set(xlabel=xlabel, ylim=(0, 1.03))
        axes[0].set_ylabel("share of right answers")
        figure.legend(
            *axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=len(by_steps)
        )
    ends = ", ".join(
        f"{name} {points[-1][1]:.2f} after {points[-1][0]:,.0f} steps"
        for name, points in by_steps.items()
    )
    return figure, f"Right answers against steps and against seconds. At the end: {ends}."


def _guessing(ax: Axes, chance: float | int) -> None:
    """A line at the share that guessing has; none at 0."""
    if not chance:
        return
    ax.axhline(chance, color=GREY, linewidth=1)
    ax.text(0.99, chance - 0.02, "guessing", transform=ax.get_yaxis_transform(), **_WORDS)


def _mean_and_band(
    ax: Axes, by_distance: Mapping[int, Sequence[float]], **look: Any
) -> list[float]:
    """A curve of the means over the seeds, in a band from the lowest to the highest; the means."""
    far = list(by_distance)
    means = [sum(seeds) / len(seeds) for seeds in by_distance.values()]
    low = [min(seeds) for seeds in by_distance.values()]
    high = [max(seeds) for seeds in by_distance.values()]
    ax.fill_between(far, low, high, color=look["color"], alpha=0.2, linewidth=0)
    ax.plot(far, means, **look)
    return means


def shares_by_distance(
    shares: Mapping[str, Mapping[int, Sequence[float]]],
    chance: float | int,
    xlabel: str = "symbols back, from the question to its pair",
) -> tuple[Figure, str]:
    """The share of right answers by how long ago something was seen: the mean over the seeds, and
    their lowest and highest.
    """
    figure, ax = new_figure(height=3.3)
    looks = zip(shares.items(), _LINES, _MARKS, PALETTE, strict=False)
    facts = []
    with style():
        for (name, by_distance), line, mark, colour in looks:
            look = {"linestyle": line, "marker": mark, "markersize": 4, "color": colour}
            means = _mean_and_band(ax, by_distance, label=name, **look)
            facts.append(f"{name} {means[0]:.2f} and {means[-1]:.2f}")
        _guessing(ax, chance)
        ax.set(xlabel=xlabel, ylim=(0, 1.05))
        ax.set_ylabel("share of right answers")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(shares), fontsize=10)
    return figure, f"Right answers at the shortest and the longest distance: {'; '.join(facts)}."


def slope_panels(
    panels: Mapping[str, Mapping[str, Mapping[int, Sequence[float]]]],
) -> tuple[Figure, str]:
    """A panel for each state of some networks: the slope of the loss at each symbol, in nats, by its
    distance, on a logarithmic axis. The mean over the seeds, and their lowest and highest.
    """
    figure, axes = new_figure(height=3.6, columns=len(panels))
    facts = []
    with style():
        for ax, (title, networks) in zip(axes, panels.items(), strict=True):
            looks = zip(networks.items(), cycle(_LINES), _MARKS, PALETTE, strict=False)
            for (name, by_distance), line, mark, colour in looks:
                look = {"linestyle": line, "marker": mark, "markersize": 3, "color": colour}
                means = _mean_and_band(ax, by_distance, label=name, **look)
                facts.append(f"{title}, {name} {means[0]:.2g} and {means[-1]:.2g}")
            ax.set(xlabel="symbols back", yscale="log")
            ax.set_title(title, fontsize=11)
        ends = [end for ax in axes for end in ax.get_ylim()]
        for ax in axes:
            ax.set_ylim(min(ends), max(ends))
        axes[0].set_ylabel("slope of the loss, nats")
        handles = axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside upper left", ncols=3, fontsize=10)
    return figure, f"The slope at the question and at the first symbol: {'; '.join(facts)}."


def mask_pictures(
    masks: Mapping[str, Bool[Tensor, "query key"]], pieces: Sequence[str]
) -> tuple[Figure, str]:
    """A square for each pair of tokens: open where the row's may look at the column's."""
    figure, axes = new_figure(height=3.1, columns=len(masks))
    labels = [visible(piece) for piece in pieces]
    facts = []
    with style():
        for place, (ax, (name, mask)) in enumerate(zip(axes, masks.items(), strict=True)):
            n = len(pieces)
            for query in range(n):
                for key in range(n):
                    _square(ax, key, query, bool(mask[query, key]))
            ax.set(xlim=(0, n), ylim=(n, 0), aspect="equal")
            ax.set_title(name, fontsize=11)
            ax.set_xticks([at + 0.5 for at in range(n)], labels, rotation=90, fontsize=9)
            ax.set_yticks(
                [at + 0.5 for at in range(n)], labels if place == 0 else [""] * n, fontsize=9
            )
            ax.tick_params(length=0)
            for spine in ax.spines.values():
                spine.set_visible(False)
            facts.append(f"{name}: {int(mask.sum())} of {mask.numel()} open")
        axes[0].set_ylabel("looks")
        figure.supxlabel("is looked at", fontsize=11)
    return figure, f"Who may look at whom, as squares. {'; '.join(facts)}."


def _square(ax: Axes, key: int, query: int, is_open: bool) -> None:
    look = {"facecolor": BLUE, "edgecolor": PAPER, "linewidth": 1.5} if is_open else {**NOT_ALLOWED}
    ax.add_patch(Rectangle((key, query), 1, 1, **look))  # type: ignore[arg-type]


def alignment_map(
    pattern: Float[Tensor, "pos source"], written: WrittenDate, iso: str, title: str = ""
) -> tuple[Figure, str]:
    """Where a translator looked in the date for each character that it wrote; frames stand around
    the places that decide the character.
    """
    columns = len(written.text)
    shown = pattern[:, :columns]
    figure, ax = new_figure(height=4.2)
    heat_map(
        shown,
        list(iso),
        list(written.text),
        xlabel="is looked at",
        ylabel="is written",
        value="attention",
        title=title,
        ax=ax,
    )
    with style():
        ax.set_xticks(range(columns), [visible(one) for one in written.text], rotation=0)
        for row, places in enumerate(written.sources):
            for place in places:
                frame = Rectangle(
                    (place - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=VERMILLION, linewidth=1.6
                )
                ax.add_patch(frame)
        mark = Patch(facecolor="none", edgecolor=VERMILLION, label="decides the character")
        ax.legend(handles=[mark], loc="lower right", bbox_to_anchor=(1, 1), fontsize=9)
    peaks = ", ".join(
        f"{character} at {written.text[place]!r}"
        for character, place in zip(iso, shown.argmax(dim=-1).tolist(), strict=True)
    )
    return figure, f"For {iso} the translator looks most, in {written.text}: {peaks}."


def lit_source(
    weights: Float[Tensor, " source"], text: str, iso: str, at: int
) -> tuple[Figure, str]:
    """One character of the ISO date, and how much each character of the text got for it."""
    figure, (above, below) = new_figure(height=2.6, rows=2)
    shades = weights[: len(text)]
    with style():
        for ax in (above, below):
            ax.set_axis_off()
        above.set(xlim=(0, max(len(text), 18)), ylim=(0, 1.5))
        for place, character in enumerate(text):
            share = float(shades[place])
            above.add_patch(Rectangle((place, 0), 1, 1, facecolor=BLUE, alpha=share, linewidth=0))
            above.add_patch(Rectangle((place, 0), 1, 1, fill=False, edgecolor=GREY, linewidth=0.8))
            colour = PAPER if share > 0.55 else INK
            above.text(place + 0.5, 0.5, character, ha="center", va="center", color=colour, size=15)
            if share >= 0.05:
                above.text(place + 0.5, 1.22, f"{share:.0%}", ha="center", va="center", size=10)
        below.set(xlim=(0, max(len(text), 18)), ylim=(0, 1.5))
        for place, character in enumerate(iso):
            chosen = place == at
            below.add_patch(
                Rectangle(
                    (place, 0),
                    1,
                    1,
                    facecolor=VERMILLION if chosen else PAPER,
                    edgecolor=GREY,
                    linewidth=0.8,
                )
            )
            below.text(
                place + 0.5,
                0.5,
                character,
                ha="center",
                va="center",
                color=PAPER if chosen else INK,
                size=15,
            )
    most = int(shades.argmax())
    return figure, (
        f"For character {at + 1} of {iso}, {iso[at]!r}, the translator looks most at character "
        f"{most + 1} of {text}, {text[most]!r}, with {float(shades[most]):.0%} of its attention."
    )


def translator_figure() -> tuple[Figure, str]:
    """Reader and writer: everything through one vector on the left, with a look back on the right."""
    figure, axes = new_figure(height=2.9, columns=2)
    with style():
        for ax, title in zip(axes, ("through one vector", "with a look back"), strict=True):
            ax.set_axis_off()
            ax.set(xlim=(0, 7), ylim=(0, 4))
            ax.set_title(title, loc="center", fontsize=11)
            for place, character in enumerate("7 Mar"):
                _cell(ax, 0.6 + 1.15 * place, 3.2, visible(character), BLUE)
                if place:
                    _arrow(ax, (-0.2 + 1.15 * place, 3.2), (0.25 + 1.15 * place, 3.2))
            for place, character in enumerate("03-0"):
                _cell(ax, 1.6 + 1.3 * place, 0.6, character, GREEN)
                if place:
                    _arrow(ax, (0.75 + 1.3 * place, 0.6), (1.2 + 1.3 * place, 0.6))
        left, right = axes
        _cell(left, 6.3, 1.9, "c", PURPLE)
        _arrow(left, (5.5, 2.9), (6.1, 2.2))
        for place in range(4):
            _arrow(left, (6.0, 1.75), (1.7 + 1.3 * place, 0.95))
        for place, width in enumerate((0.6, 0.6, 2.6, 1.8, 1.2)):
            _arrow(right, (0.6 + 1.15 * place, 2.85), (2.9, 0.95), width)
    return figure, (
        "Two drawings. Left: a reader goes through the characters 7, space, M, a, r, and ends in one "
        "vector c, from which all characters of the translation are written. Right: for one "
        "character of the translation, arrows come from all characters that were read, thick ones "
        "from the month."
    )


def _cell(ax: Axes, x: float, y: float, words: str, colour: str) -> None:
    box = {"boxstyle": "round,pad=0.3", "facecolor": PAPER, "edgecolor": colour, "linewidth": 1.6}
    ax.text(x, y, words, ha="center", va="center", size=11, bbox=box)


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], width: float = 1.0
) -> None:
    look = {"arrowstyle": "-|>", "color": GREY, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=look)


def picture_patches(
    picture: Float[Tensor, "row column"], patches: Float[Tensor, "patch number"]
) -> tuple[Figure, str]:
    """A picture with the lines along which it is cut, and its patches in reading order as a text's
    tokens: each in a frame, under its number.
    """
    side = round(patches.shape[1] ** 0.5)
    figure, (left, right) = new_figure(height=2.4, columns=2)
    left.get_gridspec().set_width_ratios([1, 2.6])
    darkest = float(picture.max())
    with style():
        left.imshow(picture.numpy(), cmap="gray_r")
        for line in range(side, picture.shape[0], side):
            left.axhline(line - 0.5, color=VERMILLION, linewidth=1.2)
            left.axvline(line - 0.5, color=VERMILLION, linewidth=1.2)
        left.set_title("a picture, cut into patches", fontsize=10)
        left.set_xticks([])
        left.set_yticks([])
        for place, patch in enumerate(patches):
            _numbered_patch(right, place, patch.view(side, side), darkest)
        lines = -(-len(patches) // _PATCHES_A_LINE)
        right.set(xlim=(-0.1, _PATCHES_A_LINE), ylim=(1.5 * lines, -0.6), aspect="equal")
        right.set_axis_off()
        right.set_title(
            f"in reading order: {len(patches)} tokens of {patches.shape[1]} numbers", fontsize=10
        )
    return figure, (
        f"A picture of {picture.shape[0]} by {picture.shape[1]} points, cut into {len(patches)} "
        f"patches of {side} by {side}; and the patches in reading order, numbered from 1, "
        f"{_PATCHES_A_LINE} in a line."
    )


def _numbered_patch(
    ax: Axes, place: int, patch: Float[Tensor, "row column"], darkest: float
) -> None:
    """A patch of unit size in its place in the lines."""
    down, along = divmod(place, _PATCHES_A_LINE)
    left, top = along, 1.5 * down
    corners = (left, left + 0.85, top + 0.85, top)
    ax.imshow(patch.numpy(), cmap="gray_r", vmin=0, vmax=darkest, extent=corners)
    frame = Rectangle((left, top), 0.85, 0.85, fill=False, edgecolor=VERMILLION, linewidth=1.2)
    ax.add_patch(frame)
    ax.text(left + 0.42, top - 0.2, str(place + 1), ha="center", va="center", fontsize=9)
