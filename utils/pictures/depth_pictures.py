"""Figures of deep stacks: how a layer is wired, what happens from layer to layer, and which recipe
learns at which depth. Each function gives the figure and the same in words, for
`show(*by_layer_figure(...))`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle, pairwise
from typing import SupportsFloat

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, PALETTE, PAPER, VERMILLION, new_figure, style
from utils.pictures.heat_maps import write_numbers

Numbers = Iterable[SupportsFloat]  # a list, a range, a tensor with one axis

_FLOOR = 1e-40  # what is smaller is drawn here: a plot down to 1e-320 shows nothing of the rest
_LINES = ("-", "--", "-.", ":")

# A way through a layer, from below: what stands on the way, and what on the branch beside it.
_WIRINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "plain": (("layer",), ()),
    "residual": (("+",), ("layer",)),
    "norm after": (("+", "norm"), ("layer",)),
    "norm before": (("+",), ("norm", "layer")),
}
_HEIGHTS = {"layer": 2.0, "+": 3.0, "norm": 3.9}  # on the picture's own scale
_NORM_ON_BRANCH = 1.1
_TOP = 4.9


def wiring_figure() -> tuple[Figure, str]:
    """Four ways to wire a layer, side by side. z comes in below; the thick line is the way on which
    it can pass without going through the layer's matrix.
    """
    figure, axes = new_figure(height=3.0, columns=len(_WIRINGS))
    with style():
        for ax, (name, (trunk, branch)) in zip(axes, _WIRINGS.items(), strict=True):
            ax.set(xlim=(-1.3, 1.7), ylim=(-0.2, 5.4))
            ax.set_axis_off()
            ax.set_title(name, loc="center", fontsize=11)
            _wire(ax, trunk, branch)
    return figure, (
        "Four ways to wire a layer. Plain: z goes through the layer. Residual: z passes by, and "
        "what the layer gives is added. Norm after: the sum is normalised, on z's own way. Norm "
        "before: only the layer's branch is normalised, and z passes untouched."
    )


def _wire(ax: Axes, trunk: Sequence[str], branch: Sequence[str]) -> None:
    free = bool(branch)  # whether there is a way around the layer
    stops = [_HEIGHTS[part] for part in trunk]
    ends = [0.3, *stops, _TOP]
    for low, high in pairwise(ends):
        width, color = (3.0, BLUE) if free else (1.5, GREY)
        _arrow(ax, (0, low), (0, high), linewidth=width, color=color)
    ax.text(0, 0.1, "z", ha="center", va="top")
    for part, height in zip(trunk, stops, strict=True):
        _box(ax, part, 0, height)
    if branch:
        heights = [_NORM_ON_BRANCH if part == "norm" else _HEIGHTS[part] for part in branch]
        ax.plot([0, 1, 1], [0.5, 0.5, heights[0]], color=GREY, linewidth=1.5)
        for low, high in pairwise(heights):
            _arrow(ax, (1, low), (1, high), linewidth=1.5, color=GREY)
        ax.plot([1, 1], [heights[-1], _HEIGHTS["+"]], color=GREY, linewidth=1.5)
        _arrow(ax, (1, _HEIGHTS["+"]), (0.3, _HEIGHTS["+"]), linewidth=1.5, color=GREY)
        for part, height in zip(branch, heights, strict=True):
            _box(ax, part, 1, height)


def _arrow(
    ax: Axes,
    start: tuple[float | int, float | int],
    end: tuple[float | int, float | int],
    *,
    linewidth: float | int,
    color: str,
) -> None:
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=9, linewidth=linewidth, color=color
        )
    )


def _box(ax: Axes, words: str, x: float | int, y: float | int) -> None:
    """A part of the wiring, with its word; a norm stands out."""
    half = 0.22 if words == "+" else 0.55
    edge = VERMILLION if words == "norm" else GREY
    ax.add_patch(
        FancyBboxPatch(
            (x - half, y - 0.22),
            2 * half,
            0.44,
            boxstyle="round,pad=0.06",
            facecolor=PAPER,
            edgecolor=edge,
            linewidth=1.5,
            zorder=3,
        )
    )
    ax.text(x, y, words, ha="center", va="center", fontsize=10, color=edge, zorder=4)


def by_layer_figure(
    values: Mapping[str, Numbers],
    ylabel: str,
    *,
    points: Mapping[str, Mapping[int, float]] | None = None,
    yscale: str = "log",
    xlabel: str = "layer",
    first: int = 1,
) -> tuple[Figure, str]:
    """Something of each layer, the first one first; one curve for each name.

    points: single numbers to compare with, by layer. xlabel, first: what the layers are called, and
        the number of the first. On a logarithmic axis what is below 1e-40 lies outside the picture.
    """
    figure, ax = new_figure(height=3.2)
    heights = {name: [float(number) for number in numbers] for name, numbers in values.items()}
    with style():
        for (name, curve), line, color in zip(heights.items(), cycle(_LINES), cycle(PALETTE)):
            layers = range(first, first + len(curve))
            ax.plot(layers, curve, line, color=color, label=name)
        for (name, by_layer), sign in zip((points or {}).items(), cycle("osD")):
            ax.plot(list(by_layer), list(by_layer.values()), sign, color=GREY, label=name)
        ax.set(xlabel=xlabel, ylabel=ylabel, yscale=yscale)
        if yscale == "log":
            ax.set_ylim(bottom=max(_FLOOR, ax.get_ylim()[0]))
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=10)
    facts = "; ".join(
        f"{name} {curve[0]:.1e} and {curve[-1]:.1e}" for name, curve in heights.items()
    )
    return figure, f"{ylabel} by {xlabel}; in the first {xlabel} and in the last: {facts}."


def depth_map_figure(
    accuracies: Mapping[str, Float[Tensor, "recipe depth"]],
    recipes: Sequence[str],
    depths: Sequence[int],
) -> tuple[Figure, str]:
    """The accuracy that each recipe reached at each depth, a map for each optimizer, with the
    numbers in its fields. An accuracy of 0 is a run that broke, as guessing gets a tenth; its field
    is left white and says so.
    """
    figure, axes = new_figure(height=0.9 + 0.34 * len(recipes), columns=len(accuracies))
    facts = []
    with style():
        for ax, (optimizer, table) in zip(axes, accuracies.items(), strict=True):
            broke = table == 0
            shown = table.masked_fill(broke, torch.nan).numpy()
            image = ax.imshow(shown, vmin=0, vmax=1, aspect="auto")
            write_numbers(ax, image, table.double(), broke)
            for row, column in broke.nonzero().tolist():
                ax.text(column, row, "broke", ha="center", va="center", color=GREY)
            for number in ax.texts:
                number.set_fontsize(9)
            ax.set_xticks(range(len(depths)), [str(depth) for depth in depths])
            ax.set_yticks([])
            ax.tick_params(length=0)
            ax.set(xlabel="layers", title=optimizer)
            ax.spines[:].set_visible(False)
            deepest = zip(recipes, table[:, -1].tolist(), strict=True)
            reached = ", ".join(
                f"{recipe} {f'{share:.2f}' if share else 'broke'}" for recipe, share in deepest
            )
            facts.append(f"with {optimizer} {reached}")
        axes[0].set_yticks(range(len(recipes)), recipes)
    return figure, f"Accuracy by recipe and depth. With {depths[-1]} layers, {'; '.join(facts)}."


def layer_reading_figure(
    gradients: Float[Tensor, " layer"],
    sizes: Float[Tensor, " layer"],
    alike: Float[Tensor, " layer"],
) -> tuple[Figure, str]:
    """What one pass shows of each layer, in three panels: the gradient of its matrix, the size of
    what it gives, and how much alike two examples are there.
    """
    figure, axes = new_figure(height=4.8, rows=3)
    layers = range(1, len(gradients) + 1)
    panels = (
        ("gradient", gradients.clamp(min=_FLOOR), "log"),
        ("size of z", sizes.clamp(min=_FLOOR), "log"),
        ("alike (cosine)", alike, "linear"),
    )
    with style():
        for ax, (name, numbers, scale) in zip(axes, panels, strict=True):
            finite = torch.where(numbers.isfinite(), numbers, torch.nan)
            ax.plot(layers, finite.tolist(), "o-", markersize=3)
            ax.set(ylabel=name, yscale=scale)
        for ax in axes[:2]:  # the same for all settings, so that they can be compared
            ax.set_ylim(_FLOOR, 1e20)
            ax.set_yticks([1e-40, 1e-20, 1, 1e20])
            ax.minorticks_off()
            ax.tick_params(labelbottom=False)
        axes[2].set_ylim(-0.1, 1.05)
        axes[2].set_xlabel("layer")
        # The explorer draws it at each move: matplotlib's own search for a layout takes as long as
        # the rest.
        figure.set_layout_engine(None)
        figure.subplots_adjust(left=0.13, right=0.98, bottom=0.1, top=0.97, hspace=0.15)
        figure.align_ylabels(axes)
    ratio = float(gradients[0] / gradients[-1])
    return figure, (
        f"{len(gradients)} layers. Gradient: {gradients[0]:.1e} in the first and "
        f"{gradients[-1]:.1e} in the last, a ratio of {ratio:.1e}. Size of z: from {sizes[0]:.2g} "
        f"to {sizes[-1]:.2g}. Mean cosine between two examples: from {alike[0]:.2f} to "
        f"{alike[-1]:.3f}."
    )
