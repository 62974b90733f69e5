"""One look for all figures, and one way to show them: with words for those who cannot see the
picture.

JupyterLab drops the alternative text that matplotlib pictures can carry, so a figure is shown as
HTML, in an <img> that has it. Figures are made without pyplot: nothing global is changed, and
nothing is drawn twice.
"""

import base64
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any, SupportsFloat

from matplotlib import font_manager, ft2font, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from utils.pictures.html_panels import FONT, INK, PAPER, show_html

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType  # older releases than the tested one lack it

# Okabe & Ito, "Color Universal Design" (2008): eight colours that people with any common colour
# blindness tell apart. Those that stand out best from white paper come first; the yellow is left
# out, it is too pale to be read.
BLUE, VERMILLION, GREEN, BLACK, PURPLE, SKY, ORANGE = PALETTE = (
    *("#0072B2", "#D55E00", "#009E73", "#000000"),
    *("#CC79A7", "#56B4E9", "#E69F00"),
)
GREY = "#6b6b6b"
FONT_NAME = "DejaVu Sans"  # it comes with matplotlib, so a figure looks the same on every machine

_STYLE: "dict[RcKeyType, object]" = {
    "font.family": FONT_NAME,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": f"cycler(color={list(PALETTE)})",
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "lines.linewidth": 2,
    "image.cmap": "cividis",
    "legend.frameon": False,
}

WIDTH = 7.0  # inches; shown at 96 pixels an inch this fills a notebook cell without scrolling
_SHOWN_DPI, _DRAWN_DPI = 96, 144  # drawn finer than shown, so that it stays sharp on dense screens
_SHORTEST_ALT = 20
_LONGEST_LABEL = 28


@contextmanager
def style() -> Iterator[None]:
    """The look of all figures, for as long as the `with` block lasts.

    `new_figure` and `show` use it by themselves.
    """
    with rc_context(_STYLE):
        yield


def figure_of(ax: Axes) -> Figure:
    """The figure in which these axes lie.

    Raises ValueError for axes that were taken out of their figure, or lie in a part of one.
    """
    figure = ax.get_figure()
    if not isinstance(figure, Figure):
        raise ValueError(f"axes of a figure were expected, and these lie in {figure}.")
    return figure


def new_figure(height: float | int = 3.0, rows: int = 1, columns: int = 1) -> tuple[Figure, Any]:
    """A figure as wide as a notebook, `height` inches high, with its axes: one, or a numpy array of
    rows x columns.
    """
    with style():
        fig = Figure(figsize=(WIDTH, height), layout="constrained")
        return fig, fig.subplots(rows, columns)


def img(fig: Figure, alt: str) -> str:
    """The figure as one <img> element: an opaque PNG inside, `alt` for who cannot see it.

    Explorers put it in an ipywidgets.HTML. Raises ValueError if `alt` is too short to carry the
    point of the picture.
    """
    if len(alt.strip()) < _SHORTEST_ALT:
        raise ValueError(
            f"the alternative text {alt!r} has {len(alt.strip())} characters; say in at least "
            f"{_SHORTEST_ALT} what the "
            "picture shows, for readers who cannot see it"
        )
    file = io.BytesIO()
    with style():
        # Software=None: matplotlib's version is not part of the picture.
        fig.savefig(
            file,
            format="png",
            dpi=_DRAWN_DPI,
            facecolor=PAPER,
            transparent=False,
            metadata={"Software": None},
        )
    data = base64.b64encode(file.getvalue()).decode("ascii")
    width, height = (round(inches * _SHOWN_DPI) for inches in fig.get_size_inches())
    look = f"max-width:100%;height:auto;background:{PAPER}"
    size = f'width="{width}" height="{height}"'
    return f'<img alt="{escape(alt.strip())}" {size} style="{look}" src="data:image/png;base64,{data}">'


def show(fig: Figure, alt: str, caption: str = "") -> None:
    """Show a figure in the notebook. `alt` (20 characters or more) carries the point of the picture
    in words.

    Without a screen for pictures, `alt` is printed instead. A figure made with pyplot is closed, so
    it comes only once.
    """
    under = (
        f'<figcaption style="color:{INK};{FONT}">{escape(caption)}</figcaption>' if caption else ""
    )
    html = f'<figure style="margin:0;padding:4px;background:{PAPER};color:{INK}">{img(fig, alt)}{under}</figure>'
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    show_html(html, "\n".join(filter(None, [alt.strip(), caption])))


@cache
def _font() -> ft2font.FT2Font:
    return ft2font.FT2Font(font_manager.findfont(FONT_NAME))


_VISIBLE = {" ": "␣", "\n": "⏎", "\r": "\\r", "\t": "⇥"}


def _visible_character(character: str) -> str:
    if character in _VISIBLE:
        return _VISIBLE[character]
    if character.isprintable() and _font().get_char_index(ord(character)):
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):x}"


def visible(piece: str) -> str:
    r"""A token's text as a label: spaces and line ends get a sign, but for a single space between
    two words; what the font cannot draw is written as \u4e2d.

    A label longer than 28 characters is cut in the middle, where an ellipsis stands.
    """
    words = re.split(r"(?<=\S) (?=\S)", piece)
    label = " ".join("".join(map(_visible_character, word)) for word in words) or "(empty)"
    if len(label) <= _LONGEST_LABEL:
        return label
    half = (_LONGEST_LABEL - 1) // 2
    return f"{label[:half]}…{label[-half:]}"


def bars(
    labels: Sequence[str],
    values: Iterable[SupportsFloat],
    *,
    title: str = "",
    xlabel: str = "probability",
    highlight: int | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Horizontal bars, the first on top: the next-token distribution with a label for each token
    piece.

    Each bar has its value at its end. `highlight` is the index of a bar to set apart, in another
    colour and in bold. Draws into `ax` if given, else into a new figure. Raises ValueError if there
    are not as many values as labels.
    """
    lengths = [float(value) for value in values]
    if len(lengths) != len(labels):
        raise ValueError(
            f"bars needs one value for each label, and got {len(labels)} labels and "
            f"{len(lengths)} values"
        )
    if ax is None:
        _, ax = new_figure(height=0.9 + 0.3 * len(lengths))
    with style():
        colors = [VERMILLION if i == highlight else BLUE for i in range(len(lengths))]
        drawn = ax.barh(range(len(lengths)), lengths, color=colors, height=0.75)
        ax.bar_label(drawn, [f"{length:.3g}".replace("-", "−") for length in lengths], padding=3)
        # parse_math=False: a token may hold dollar signs, which are no formula.
        ax.set_yticks(range(len(lengths)), [visible(label) for label in labels], parse_math=False)
        if highlight is not None:
            ax.get_yticklabels()[highlight].set_fontweight("bold")
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.margins(x=0.15)  # room for the values at the ends
        ax.set_xlabel(xlabel)
        ax.set_title(title, parse_math=False)
    return figure_of(ax)
