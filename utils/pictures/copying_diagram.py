"""How two heads continue a text that repeats itself: one leaves a note at each token, the other looks
for the note.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from utils.pictures.figures import BLUE, GREY, VERMILLION, WIDTH, new_figure, style

_HEIGHT = 2.75  # inches, like all sizes here
_MOST_TOKENS = 9
_LEFT, _RIGHT = 0.5, 6.5  # the middles of the first column and of the next token's
_TOKEN, _NOTE = 0.4, 1.2  # the middles of the two rows
_TOKEN_SIZE = 0.44
_NOTE_SIZE = (0.58, 0.46)


def draw_copying(tokens: Sequence[str]) -> tuple[Figure, str]:
    """The two steps by which a text's last token finds what followed its earlier copy, and the words
    for the picture. With several earlier copies it is the
    latest that another place separates from the last.

    Raises ValueError if the last token has no earlier copy, or for more tokens than can be drawn.
    """
    if len(tokens) > _MOST_TOKENS:
        raise ValueError(f"{len(tokens)} tokens were given; the drawing has {_MOST_TOKENS} places.")
    last, earlier = tokens[-1], list(tokens[:-2])  # something must stand between the two
    if last not in earlier:
        raise ValueError(
            f"the last token, {last!r}, has no earlier copy among {earlier}: give a text that "
            f"begins to repeat itself."
        )
    copy = len(earlier) - 1 - earlier[::-1].index(last)
    found = copy + 1  # the place of the token that followed the earlier copy
    gap = (_RIGHT - _LEFT) / len(tokens)
    columns = [_LEFT + place * gap for place in range(len(tokens) + 1)]
    fig, page = new_figure(height=_HEIGHT)
    page.set(xlim=(0, WIDTH), ylim=(0, _HEIGHT))
    page.set_axis_off()
    with style():
        for place, token in enumerate(tokens):
            _box(page, (columns[place], _TOKEN), (_TOKEN_SIZE, _TOKEN_SIZE), token, GREY, 12)
        for place in range(1, len(tokens)):
            color = BLUE if place == found else GREY
            note = f"before\nme: {tokens[place - 1]}"
            _box(page, (columns[place], _NOTE), _NOTE_SIZE, note, color, 8.5)
            _leave_note(page, columns[place - 1], columns[place], color)
        _look(page, columns[-2], columns[found], last)
        to_come = (columns[-1], _TOKEN)
        _box(page, to_come, (_TOKEN_SIZE, _TOKEN_SIZE), tokens[found], VERMILLION, 12, "--")
    return fig, _in_words(tokens, found)


def _box(
    page: Axes,
    middle: tuple[float, float],
    size: tuple[float, float],
    words: str,
    color: str,
    fontsize: float | int,
    linestyle: str = "-",
) -> None:
    corner = (middle[0] - size[0] / 2, middle[1] - size[1] / 2)
    look: dict[str, Any] = {
        "facecolor": "none",
        "edgecolor": color,
        "linewidth": 1.3,
        "linestyle": linestyle,
    }
    page.add_patch(Rectangle(corner, *size, **look))
    page.text(*middle, words, ha="center", va="center", fontsize=fontsize)


def _leave_note(page: Axes, before: float, here: float, color: str) -> None:
    """The first step: an arrow from a token to the note at the next one."""
    tail = (before + _TOKEN_SIZE / 4, _TOKEN + _TOKEN_SIZE / 2)
    head = (here - _NOTE_SIZE[0] / 4, _NOTE - _NOTE_SIZE[1] / 2)
    look: dict[str, Any] = {
        "arrowstyle": "->",
        "color": color,
        "shrinkA": 0,
        "shrinkB": 1,
        "linewidth": 1.3,
    }
    page.annotate("", head, tail, arrowprops=look)


def _look(page: Axes, query: float, key: float, last: str) -> None:
    """The second step: an arc from the last token's column to the note that it looks for."""
    top = _NOTE + _NOTE_SIZE[1] / 2
    look: dict[str, Any] = {
        "arrowstyle": "->",
        "color": VERMILLION,
        "linewidth": 1.8,
        "shrinkA": 1,
        "shrinkB": 1,
    }
    look["connectionstyle"] = "arc3,rad=0.25"
    page.annotate("", (key, top), (query, top), arrowprops=look)
    first = "1. A previous-token head leaves a note at each token."
    second = f"2. An induction head at the last {last} looks for “before me: {last}”."
    page.text(0.1, _HEIGHT - 0.15, first, color=BLUE, va="center", fontsize=9.5)
    page.text(0.1, _HEIGHT - 0.4, second, color=VERMILLION, va="center", fontsize=9.5)


def _in_words(tokens: Sequence[str], found: int) -> str:
    last, following = tokens[-1], tokens[found]
    return (
        f"The tokens {' '.join(tokens)}. From each token an arrow goes to a note at the next one, "
        f"which says what came before it. From the last {last} an arc goes back to the note "
        f"“before me: {last}”, at the token {following}; and {following} is what comes next."
    )
