"""One head of attention as a drawing: a table of numbers for each step, and arrows to each from
what it is computed from.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from torch import Tensor

from utils.pictures.figures import GREY, PAPER, WIDTH, new_figure, style
from utils.pictures.heat_maps import NOT_ALLOWED, write_numbers

_CELL_WIDTH, _CELL_HEIGHT = 0.36, 0.26  # inches
_MOST_COLUMNS = 3
_APART = 0.6  # inches between two tables one above the other, for a title and names of columns
_PER_KEY = ("scores", "pattern")  # the steps with a column for each token
_TITLES = {"scores": "scores (÷ √d)", "mixed": "mixed values"}
# Where a table stands: inches from the left, and how many tables up from the lowest row.
_PLACES = {
    "x": (0.5, 1.0),
    "q": (2.2, 2.0),
    "k": (2.2, 1.0),
    "v": (2.2, 0.0),
    "scores": (3.8, 1.5),
    "pattern": (5.75, 1.5),
    "mixed": (3.98, 0.0),
    "new x": (5.75, 0.0),
}
# From the side of one table to that of another, and what is done on the way.
_ARROWS = (
    ("x", "q", "$W_Q$"),
    ("x", "k", "$W_K$"),
    ("x", "v", "$W_V$"),
    ("q", "scores", ""),
    ("k", "scores", ""),
    ("scores", "pattern", "softmax"),
    ("v", "mixed", "mix"),
    ("mixed", "new x", "$W_O$"),
)


def draw_attention(
    steps: Mapping[str, Float[Tensor, "token column"]],
    tokens: Sequence[str],
    allowed: Bool[Tensor, "query key"] | None = None,
) -> Figure:
    """The way of a few tokens through one head of attention, with all numbers.

    `steps` has the tables x, q, k, v, scores, pattern, mixed and new x, with a row for each of the
    `tokens`; scores and pattern have a column for each as well. What is not `allowed` is hatched
    there. Raises ValueError if a step is missing, has another number of rows, or more than three
    columns.
    """
    _check(steps, len(tokens))
    rise = _CELL_HEIGHT * len(tokens) + _APART
    fig, page = new_figure(height=3 * rise + 0.3)
    page.set(xlim=(0, WIDTH), ylim=(-_APART, 3 * rise + 0.3 - _APART))  # in inches
    page.set_axis_off()
    boxes = {
        name: Bbox.from_bounds(
            left, row * rise, _CELL_WIDTH * steps[name].shape[1], _CELL_HEIGHT * len(tokens)
        )
        for name, (left, row) in _PLACES.items()
    }
    with style():
        for name, box in boxes.items():
            ax = page.inset_axes(box.bounds, transform=page.transData, label=name)
            _fill(ax, steps[name], allowed if name in _PER_KEY else None)
            ax.set_title(_TITLES.get(name, name), fontsize=10, pad=3, loc="center")
            if name in _PER_KEY:
                ax.set_xticks(range(len(tokens)), tokens, fontsize=9)
            if name == "x":
                ax.set_yticks(range(len(tokens)), tokens, fontsize=9)
                ax.set_ylabel("token", fontsize=9)
        _join(page, boxes)
    return fig


def _check(steps: Mapping[str, Tensor], n_tokens: int) -> None:
    if missing := [name for name in _PLACES if name not in steps]:
        raise ValueError(
            f"the drawing needs the steps {', '.join(_PLACES)}, and {', '.join(missing)} is "
            "missing: give a table for each"
        )
    for name in _PLACES:
        rows, columns = steps[name].shape
        if rows != n_tokens or columns > _MOST_COLUMNS:
            raise ValueError(
                f"the step {name!r} is a table of {rows} x {columns}, and there are {n_tokens} "
                f"tokens: give a row for each, and at most {_MOST_COLUMNS} columns"
            )


def _fill(ax: Axes, table: Tensor, allowed: Tensor | None) -> None:
    """The numbers of a table, brighter where they are larger."""
    barred = torch.zeros(table.shape, dtype=torch.bool) if allowed is None else ~allowed
    ax.patch.set(**NOT_ALLOWED)
    shown = table.detach().double().masked_fill(barred, torch.nan)
    write_numbers(ax, ax.imshow(shown.numpy(), aspect="auto"), shown, barred)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, pad=2)


def _join(page: Axes, boxes: Mapping[str, Bbox]) -> None:
    """Arrows from table to table, and the line on which x goes past all of them."""
    look = {"arrowstyle": "->", "color": GREY, "shrinkA": 3, "shrinkB": 3}
    paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
    for start, end, label in _ARROWS:
        tail = (boxes[start].x1, boxes[start].y0 + boxes[start].height / 2)
        head = (boxes[end].x0, boxes[end].y0 + boxes[end].height / 2)
        page.annotate("", head, tail, arrowprops=look)
        middle = ((tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2)
        page.annotate(label, middle, fontsize=9, ha="center", va="center", bbox=paper)
    scores = boxes["scores"]
    between = (scores.x0 - 0.45, scores.y0 + scores.height / 2)
    page.annotate("q · k", between, fontsize=9, ha="center", va="center")

    weights, mixed = boxes["pattern"], boxes["mixed"]
    tail, head = (weights.x0 + 0.1, weights.y0 - 0.15), (mixed.x1 - 0.1, mixed.y1 + 0.25)
    page.annotate("", head, tail, arrowprops=look)
    middle = ((tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2)
    page.annotate("weights", middle, fontsize=9, ha="center", va="center", bbox=paper)

    x, new = boxes["x"], boxes["new x"]
    left, right, low = x.x0 + x.width / 2, new.x0 + new.width / 2, -0.35
    page.plot([left, left, right], [x.y0 - 0.1, low, low], color=GREY, linewidth=1)
    page.annotate("", (right, new.y0), (right, low), arrowprops={**look, "shrinkA": 0})
    page.annotate("x is added", (right - 0.15, low + 0.05), fontsize=9, ha="right", va="bottom")
