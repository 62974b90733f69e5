"""A layer as a drawing: how the error of its neurons comes back to one neuron before it."""

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, INK, PAPER, WIDTH, new_figure, style

_BEFORE, _AFTER = 2.0, 5.0  # inches from the left
_ROW = 0.75  # inches
_NAMES = "₀₁₂₃₄₅₆₇₈₉"
_MOST = len(_NAMES)


def draw_paths_back(
    weights: Float[Tensor, "j k"], deltas: Float[Tensor, " j"], reached: int
) -> Figure:
    """The neurons k of the earlier layer on the left, the neurons j of the later one on the right,
    and an arrow from each j back to the neuron `reached`.

    On each arrow stands what it brings: the δ of its neuron times the weight. Beside the neuron
    that they reach stands their sum. Raises ValueError for more than ten neurons in a layer, or a
    neuron that is not there.
    """
    after, before = weights.shape
    if max(after, before) > _MOST:
        raise ValueError(f"layers of {before} and {after} neurons: at most {_MOST} can be drawn")
    if not 0 <= reached < before:
        raise ValueError(f"there is no neuron {reached}: give one from 0 to {before - 1}")
    height = _ROW * max(after, before)
    fig, ax = new_figure(height=height + 0.2)
    left = [(_BEFORE, y) for y in _heights(before, height)]
    right = [(_AFTER, y) for y in _heights(after, height)]
    with style():
        ax.set(xlim=(0, WIDTH), ylim=(-0.1, height + 0.1))  # in inches
        ax.set_axis_off()
        for k, start in enumerate(left):
            for end in right:
                if k != reached:
                    ax.plot(*zip(start, end, strict=True), color=GREY, linewidth=0.5, zorder=1)
        shares = (deltas * weights[:, reached]).tolist()
        for j, place in enumerate(right):
            _arrow(ax, place, left[reached], deltas[j].item(), weights[j, reached].item())
            _neuron(ax, place, f"z{_NAMES[j]}", f"δ = {_signed(deltas[j].item())}", "left")
        for k, place in enumerate(left):
            words = f"sum {_signed(sum(shares))}" if k == reached else ""
            _neuron(ax, place, f"a{_NAMES[k]}", words, "right")
    return fig


def _heights(count: int, height: float) -> list[float]:
    """The first one on top, all of them around the middle."""
    return [height / 2 + _ROW * ((count - 1) / 2 - place) for place in range(count)]


def _signed(number: float) -> str:
    return f"{number:+.3f}".replace("-", "−")


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], delta: float, weight: float
) -> None:
    look = {"arrowstyle": "-|>", "color": BLUE, "shrinkA": 16, "shrinkB": 16, "linewidth": 1.5}
    ax.annotate("", end, start, arrowprops=look)
    product = f"{_signed(delta)} · {_signed(weight)}"
    middle = (0.6 * start[0] + 0.4 * end[0], 0.6 * start[1] + 0.4 * end[1])
    paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
    ax.annotate(product, middle, fontsize=9, ha="center", va="center", bbox=paper, color=INK)


def _neuron(ax: Axes, place: tuple[float, float], name: str, words: str, side: str) -> None:
    """A circle with its name, and what is to be said of it on the outer side."""
    circle = {"boxstyle": "circle,pad=0.3", "facecolor": PAPER, "edgecolor": GREY}
    ax.annotate(name, place, ha="center", va="center", bbox=circle, color=INK, zorder=3)
    off = 20 if side == "left" else -20
    ax.annotate(
        words, place, (off, 0), textcoords="offset points", ha=side, va="center", fontsize=10
    )
