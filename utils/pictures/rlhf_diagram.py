"""A round of PPO or GRPO as a drawing: which models there are, who is trained, who reads what, and
what it gives.
"""

from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from utils.pictures.figures import BLUE, GREY, PAPER, WIDTH, new_figure, style

_HEIGHT = 3.5  # inches, like all sizes here
_BOX = (1.55, 0.62)
_TINT = "#d9e8f2"  # of a box that is trained; blue, so pale that words on it are read well
# The middle of each model's box, and whether the model is trained.
_MODELS = {
    "policy": ((1.0, 1.75), True),
    "reference": ((3.85, 2.85), False),
    "reward model": ((3.85, 1.75), False),
    "value model": ((3.85, 0.65), True),
}
_REPLY = (2.42, 1.75)
_ADVANTAGE = (6.2, 1.75)
# What each gives, and the left end of its words.
_GIVES = {
    "reference": (r"$\ln\,\pi_{ref}$ of each token", (5.0, 2.85)),
    "reward model": ("reward r", (4.7, 1.87)),
    "value model": ("what is still to come", (5.0, 0.65)),
}
# What becomes of it. PPO takes the leash off the reward, GRPO off the objective.
_ADVANTAGES = {
    "PPO": "advantage A:\nr, less the price of\nthe leash, less what\nwas expected",
    "GRPO": "advantage A:\nr beside those of\nits group; the leash\nis paid for apart",
}


def draw_round(method: Literal["PPO", "GRPO"]) -> tuple[Figure, str]:
    """The models of a round and the way of a reply through them, and the words for it.

    GRPO has no value model: there the reward is compared with those of the group.
    """
    models = [name for name in _MODELS if method == "PPO" or name != "value model"]
    fig, page = new_figure(height=_HEIGHT)
    page.set(xlim=(0, WIDTH), ylim=(0, _HEIGHT))
    page.set_axis_off()
    with style():
        for name in models:
            _draw_model(page, name)
        page.text(*_REPLY, "question\nand reply", ha="center", va="center", fontsize=9)
        _arrow(page, (1.8, 1.75), (2.05, 1.75))
        for name in models[1:]:
            _draw_reading(page, name)
        page.text(*_ADVANTAGE, _ADVANTAGES[method], ha="center", va="center", fontsize=9)
        _draw_way_back(page, method)
    return fig, _in_words(method, models)


def _draw_model(page: Axes, name: str) -> None:
    (x, y), is_trained = _MODELS[name]
    width, height = _BOX
    corner = (x - width / 2, y - height / 2)
    look: dict[str, Any] = {"facecolor": _TINT, "edgecolor": BLUE, "linewidth": 2}
    if not is_trained:
        look = {"facecolor": PAPER, "edgecolor": GREY, "linewidth": 1.2, "linestyle": "--"}
    page.add_patch(FancyBboxPatch(corner, width, height, "round,pad=0,rounding_size=0.08", **look))
    page.text(x, y + 0.13, name, ha="center", va="center", weight="bold", fontsize=10.5)
    state = "is trained" if is_trained else "is frozen"
    page.text(x, y - 0.15, state, ha="center", va="center", fontsize=9)


def _draw_reading(page: Axes, name: str) -> None:
    """The reply goes into the model, and what it gives to the advantage."""
    (x, y), _ = _MODELS[name]
    _arrow(page, (2.8, 1.75 + 0.18 * _sign(y)), (x - _BOX[0] / 2, y))
    middle = (x + _BOX[0] / 2, y)
    _arrow(page, middle, (5.45, 1.75 + 0.3 * _sign(y)))
    words, place = _GIVES[name]
    page.text(*place, words, ha="left", va="center", fontsize=9)


def _draw_way_back(page: Axes, method: str) -> None:
    """What is learned from the advantages: an arrow round the others, back to the policy."""
    low = 0.12
    right, left = _ADVANTAGE[0] + 0.55, _MODELS["policy"][0][0]
    bottom = _MODELS["policy"][0][1] - _BOX[1] / 2
    page.plot([right, right, left], [1.35, low, low], color=BLUE, linewidth=1.5)
    _arrow(page, (left, low), (left, bottom), BLUE)
    page.text(left + 0.1, low + 0.06, "a few clipped steps", va="bottom", fontsize=9, color=BLUE)
    if method == "PPO":
        box = _MODELS["value model"][0]
        _arrow(page, (box[0], low), (box[0], box[1] - _BOX[1] / 2), BLUE)


def _arrow(
    page: Axes, tail: tuple[float, float], head: tuple[float, float], colour: str = GREY
) -> None:
    look = {"arrowstyle": "->", "color": colour, "shrinkA": 0, "shrinkB": 2, "linewidth": 1.3}
    page.annotate("", head, tail, arrowprops=look)


def _sign(y: float) -> int:
    return (y > 1.75) - (y < 1.75)


def _in_words(method: str, models: list[str]) -> str:
    trained = " and ".join(name for name in models if _MODELS[name][1])
    frozen = " and ".join(name for name in models if not _MODELS[name][1])
    reads = ", ".join(models[1:])
    return (
        f"{method}. The policy writes a reply. It is read by: {reads}. What they give makes the "
        f"advantage, and the steps go back from there. Trained: {trained}. Frozen: {frozen}."
    )
