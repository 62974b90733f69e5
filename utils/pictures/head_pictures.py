"""Pictures of many heads: how they are joined, maps of all heads of a model, an estimate beside the
truth, and what is left when sets of heads are cut.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from utils.pictures.figures import BLACK, BLUE, GREY, ORANGE, SKY, VERMILLION, new_figure, style

_HEAD_COLORS = (SKY, ORANGE)
_CELL = 0.42  # inches, of a number in the drawing of joined heads
_TRUTH_STYLE = {"s": 14, "linewidths": 0}


def draw_joined_heads(
    mixed: Float[Tensor, "head d_head"], W_O: Float[Tensor, "d_model head_d_head"]
) -> Figure:
    """Two heads at one position, joined and multiplied by W_O (above), and each multiplied by its
    own columns and added (below): the same numbers, each head in its colour.

    Raises ValueError for another number of heads, or a matrix that does not fit.
    """
    n_head, d_head = mixed.shape
    if n_head != len(_HEAD_COLORS) or W_O.shape[1] != n_head * d_head:
        raise ValueError(
            f"the drawing shows two heads and a matrix with a column for each of their numbers; "
            f"given were {n_head} heads of {d_head} numbers and a matrix of {tuple(W_O.shape)}."
        )
    columns = W_O.unflatten(1, (n_head, d_head)).transpose(0, 1)  # (head, d_model, d_head)
    wrote = torch.einsum("hd,hmd->hm", mixed, columns)
    d_model = len(W_O)
    tall = _CELL * (max(d_model, n_head * d_head) + 0.9)
    fig, page = new_figure(height=2 * tall + 0.3)
    page.set(xlim=(0, 7), ylim=(0, 2 * tall + 0.3))  # in inches
    page.set_axis_off()
    with style():
        middle = 1.5 * tall + 0.15
        _write(page, 0.1, middle, "joined:")
        left = _joined(page, 1.3, middle, W_O, mixed.flatten(), d_head)
        _write(page, left + 0.15, middle, "=")
        _table(page, left + 0.45, middle, wrote.sum(dim=0)[:, None], None)
        middle = 0.5 * tall + 0.05
        _write(page, 0.1, middle, "apart:")
        left = 1.3
        for head, color in enumerate(_HEAD_COLORS):
            if head:
                _write(page, left + 0.1, middle, "+")
                left += 0.4
            left = _table(page, left, middle, columns[head], [color] * d_head)
            _write(page, left + 0.08, middle, "·")
            left = _table(page, left + 0.25, middle, mixed[head][:, None], [color])
        _write(page, left + 0.15, middle, "=")
        _table(page, left + 0.45, middle, wrote.sum(dim=0)[:, None], None)
    return fig


def _joined(page: Axes, left: float, middle: float, W_O: Tensor, row: Tensor, d_head: int) -> float:
    """The whole matrix and the joined column of numbers; gives the right edge."""
    colors = [color for color in _HEAD_COLORS for _ in range(d_head)]
    left = _table(page, left, middle, W_O, colors)
    _write(page, left + 0.08, middle, "·")
    return _table(page, left + 0.25, middle, row[:, None], None, colors)


def _table(
    page: Axes,
    left: float,
    middle: float,
    numbers: Tensor,
    column_colors: Sequence[str] | None,
    row_colors: Sequence[str] | None = None,
) -> float:
    """A table of numbers, its columns or its rows in colours; gives the right edge."""
    rows, columns = numbers.shape
    top = middle + rows * _CELL / 2
    for row in range(rows):
        for column in range(columns):
            color = "none"
            if column_colors:
                color = column_colors[column]
            elif row_colors:
                color = row_colors[row]
            corner = (left + column * _CELL, top - (row + 1) * _CELL)
            page.add_patch(Rectangle(corner, _CELL, _CELL, facecolor=color, edgecolor=GREY, lw=0.8))
            text = f"{float(numbers[row, column]):g}".replace("-", "−")
            at = (corner[0] + _CELL / 2, corner[1] + _CELL / 2)
            page.text(*at, text, ha="center", va="center", fontsize=10)
    return left + columns * _CELL


def _write(page: Axes, left: float, middle: float, text: str) -> None:
    page.text(left, middle, text, va="center", fontsize=11)


def head_maps(
    maps: Mapping[str, Float[Tensor, "layer head"]],
    *,
    value: str,
    limit: float | int = 1,
    signed: bool = False,
    marked: Sequence[tuple[int, int]] = (),
) -> Figure:
    """A map of all heads for each name, one below the other: layers from left to right, heads from
    top to bottom.

    Colours go from 0 to `limit`, or from -`limit` (blue) over white to `limit` (red) if `signed`;
    what lies beyond has the last colour. `value` says what the numbers are. The heads `marked`,
    (layer, head), have a frame.
    """
    n_layer, n_head = next(iter(maps.values())).shape
    height = 0.6 + len(maps) * (0.75 + 0.115 * n_head)
    fig, axes = new_figure(height=height, rows=len(maps))
    panels = [axes] if len(maps) == 1 else list(axes)
    with style():
        for ax, (name, values) in zip(panels, maps.items(), strict=True):
            image = ax.imshow(
                values.detach().cpu().T.numpy(),
                cmap="RdBu_r" if signed else "cividis",
                vmin=-limit if signed else 0,
                vmax=limit,
                aspect="auto",
            )
            ax.set_title(name, fontsize=10)
            ax.set_yticks(range(0, n_head, 2))
            ax.set_xticks(range(0, n_layer, 2))
            ax.tick_params(labelsize=9, length=2)
            ax.set_ylabel("head", fontsize=9)
            for layer, head in marked:
                corner = (layer - 0.5, head - 0.5)
                ax.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=VERMILLION, linewidth=2))
        panels[-1].set_xlabel("layer", fontsize=10)
        fig.colorbar(image, ax=panels, label=value, fraction=0.04, pad=0.02, aspect=12 * len(maps))
    return fig


def estimates_beside_truth(
    estimate: Float[Tensor, "layer head"],
    truth: Float[Tensor, "layer head"],
    apart: Sequence[int],
    *,
    unit: str,
) -> Figure:
    """A point for each head: the estimate against what was measured, with the heads of the layers
    `apart` in another colour. On the line both are the same.
    """
    fig, ax = new_figure(height=3.4)
    others = [layer for layer in range(len(truth)) if layer not in apart]
    names = f"layer{'s' if len(apart) > 1 else ''} {', '.join(map(str, apart))}"
    with style():
        low = min(float(estimate.min()), float(truth.min()))
        high = max(float(estimate.max()), float(truth.max()))
        ax.plot([low, high], [low, high], "--", color=GREY, linewidth=1)
        for layers, color, name, marker in (
            (others, BLUE, "other layers", "o"),
            (list(apart), VERMILLION, names, "D"),
        ):
            x, y = estimate[layers].flatten().tolist(), truth[layers].flatten().tolist()
            ax.scatter(x, y, color=color, label=name, marker=marker, **_TRUTH_STYLE)
        ax.set(xlabel=f"estimated ({unit})", ylabel=f"measured ({unit})")
        ax.legend()
    return fig


def cut_dots(
    panels: Mapping[str, Mapping[str, Float[Tensor, " draw"]]], whole: Mapping[str, float]
) -> Figure:
    """For each panel a row of points for each set of heads that was cut, a point for each draw; the
    dashed line is what the whole model has.
    """
    names = list(next(iter(panels.values())))
    fig, axes = new_figure(height=0.9 + 0.36 * len(names), columns=len(panels))
    with style():
        for place, (ax, (label, sets)) in enumerate(zip(axes, panels.items(), strict=True)):
            for row, name in enumerate(names):
                values = sets[name].tolist()
                color = GREY if len(values) > 1 else BLACK
                ax.plot(values, [row] * len(values), "o", color=color, alpha=0.7, markersize=5)
            ax.axvline(whole[label], linestyle="--", color=BLUE, linewidth=1)
            ax.set_yticks(range(len(names)), names if place == 0 else [])
            ax.tick_params(axis="y", length=0)
            ax.set_ylim(len(names) - 0.5, -0.5)
            ax.set_xlabel(label)
    return fig
