"""Draw a computation graph with matplotlib: each node with its value and its gradient, each arrow
with the slope of its step, from the inputs to the result.

Anything will do as a node that has `data` and `grad` (numbers), `parents` (nodes), `slopes` (how
its value changes with each parent's, a number for each) and `name` (a short text). The layout is
the usual one for layered graphs (Sugiyama et al. 1981): a node's column is its longest way from an
input, and the order within a column follows the mean place of its neighbours, so that few lines
cross.
"""

import math
from collections.abc import Sequence
from itertools import chain
from typing import Protocol, runtime_checkable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from utils.pictures.figures import GREY, WIDTH, new_figure, style
from utils.pictures.html_panels import INK

_SWEEPS = 6  # to and fro through the columns, to sort them
_MOST_NODES = 60
_ROW_HEIGHT = 0.9  # inches
# a slope beside its arrow, in points: how far away, how high, and how wide a letter is
_LABEL_GAP, _LABEL_SIZE, _LETTER = 1, 8, 5.1
_INPUT, _COMPUTED = "#dbeaf5", "#fdf3dc"


@runtime_checkable
class Node(Protocol):
    """A value, how the result changes with it, what it was computed from and how it changes with
    each of those, and what it is called.
    """

    data: float
    grad: float
    parents: Sequence["Node"]
    slopes: Sequence[float]
    name: str


def in_order(result: Node) -> list[Node]:
    """All nodes that `result` was computed from, and itself at the end; parents always come before
    their children.
    """
    done: dict[int, Node] = {}
    waiting = [(result, False)]
    while waiting:  # without recursion, so that a long chain is no problem
        node, ready = waiting.pop()
        if ready:
            done.setdefault(id(node), node)
        elif id(node) not in done:
            waiting.append((node, True))
            waiting.extend((parent, False) for parent in node.parents)
    return list(done.values())


def columns(result: Node) -> list[list[Node]]:
    """The nodes by column: inputs in the first one, and every node to the right of all that it was
    computed from.

    An input stands right before its first use, so that its line stays short.
    """
    nodes = in_order(result)
    column: dict[int, int] = {}
    for node in nodes:
        column[id(node)] = max((column[id(parent)] + 1 for parent in node.parents), default=0)
    for node in reversed(nodes):
        for parent in node.parents:
            if not parent.parents:
                uses = [
                    column[id(child)]
                    for child in nodes
                    if any(parent is one for one in child.parents)
                ]
                column[id(parent)] = min(uses) - 1
    found: list[list[Node]] = [[] for _ in range(max(column.values()) + 1)]
    for node in nodes:
        found[column[id(node)]].append(node)
    return found


def _heights(table: list[list[Node]]) -> dict[int, float]:
    """The height of each node: its place in its column after some sweeps that sort by the mean
    height of neighbours.
    """
    beside: dict[int, list[Node]] = {
        id(node): list(node.parents) for column in table for node in column
    }
    for column in table:
        for node in column:
            for parent in node.parents:
                beside[id(parent)].append(node)
    height = {
        id(node): place - (len(column) - 1) / 2
        for column in table
        for place, node in enumerate(column)
    }
    for sweep in range(_SWEEPS):
        for column in table if sweep % 2 == 0 else reversed(table):
            mean = {
                id(n): sum(height[id(m)] for m in beside[id(n)]) / max(1, len(beside[id(n)]))
                for n in column
            }
            for place, node in enumerate(sorted(column, key=lambda n: mean[id(n)])):
                height[id(node)] = place - (len(column) - 1) / 2
    return height


def draw_graph(result: Node, digits: int = 3) -> Figure:
    """The graph that ends in `result`, inputs in blue boxes on the left, computed values in yellow
    ones.

    Each box has the node's name, its value and its gradient, each arrow the slope of the step, with
    two digits. So the gradient in a box is the sum, over the arrows that leave it, of the slope
    times the gradient in the box where the arrow ends. Raises ValueError for more than 60
    nodes.
    """
    if (count := len(in_order(result))) > _MOST_NODES:
        raise ValueError(
            f"the graph has {count} nodes, and {_MOST_NODES} can be read: draw the graph of one "
            "of its parts instead."
        )
    table = columns(result)
    height = _heights(table)
    fig, ax = new_figure(height=0.3 + _ROW_HEIGHT * max(map(len, table)))
    with style():
        place = {
            id(node): (float(x), -float(height[id(node)]))
            for x, column in enumerate(table)
            for node in column
        }
        low, high = min(y for _, y in place.values()), max(y for _, y in place.values())
        ax.set(xlim=(-0.55, len(table) - 0.45), ylim=(low - 0.55, high + 0.55))
        ax.axis("off")
        _lines(ax, table, _boxes(ax, table, place, digits))
    return fig


def _boxes(
    ax: Axes, table: list[list[Node]], place: dict[int, tuple[float, float]], digits: int
) -> dict[int, Text]:
    boxes = {}
    for node in chain.from_iterable(table):
        words = f"{node.name}\n{float(node.data):.{digits}g}\ngrad {float(node.grad):.{digits}g}".replace(
            "-", "−"
        )
        box = {
            "boxstyle": "round,pad=0.2",
            "edgecolor": GREY,
            "facecolor": _COMPUTED if node.parents else _INPUT,
        }
        boxes[id(node)] = ax.text(
            *place[id(node)], words, ha="center", va="center", fontsize=9, color=INK, bbox=box
        )
    return boxes


def _lines(ax: Axes, table: list[list[Node]], boxes: dict[int, Text]) -> None:
    """An arrow for each use of a node, from the edge of one box to that of the other; several
    between two are bowed.
    """
    for node in chain.from_iterable(table):
        for number, parent in enumerate(node.parents):
            same = [place for place, other in enumerate(node.parents) if other is parent]
            bow = 0.5 * (same.index(number) - (len(same) - 1) / 2)
            start, end = boxes[id(parent)], boxes[id(node)]
            edges = {
                "patchA": start.get_bbox_patch(),
                "patchB": end.get_bbox_patch(),
                "shrinkA": 1,
                "shrinkB": 1,
            }
            look = {
                "arrowstyle": "-|>",
                "color": GREY,
                "linewidth": 1,
                "connectionstyle": f"arc3,rad={bow}",
            }
            # Above the boxes: their size is only known once they are drawn.
            ax.annotate(
                "", end.get_position(), start.get_position(), arrowprops=look | edges, zorder=4
            )
            _slope(ax, start.get_position(), end.get_position(), bow, node.slopes[number])


def _slope(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], bow: float, slope: float
) -> None:
    """The slope, beside the middle of its arrow: on the outer side of a bow, else above."""
    words = f"×{float(slope):.2g}".replace("-", "−")
    left, right = ax.get_xlim()
    across = (end[0] - start[0]) * WIDTH / (right - left)  # inches
    down = (start[1] - end[1]) * _ROW_HEIGHT
    length = math.hypot(across, down)
    aside, above = down / length, across / length  # at a right angle to the arrow
    # An arc's middle lies beside its chord, by half of `bow` times its length.
    arc = -72 * bow / 2 * length  # points
    # So far that the corner of the words does not touch the arrow.
    clear = _LABEL_GAP + (abs(aside) * _LETTER * len(words) + above * _LABEL_SIZE) / 2
    off = arc - clear if bow > 0 else arc + clear
    ax.annotate(
        words,
        ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2),
        (aside * off, above * off),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=_LABEL_SIZE,
        color=INK,
        zorder=5,
    )
