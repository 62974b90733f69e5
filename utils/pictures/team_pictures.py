"""Pictures of training in a team: who holds what and sends what, and a pipeline's timetable."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from utils.pictures.figures import BLUE, GREEN, GREY, INK, ORANGE, PAPER, SKY, new_figure, style

# Of a box, as x, y, width, height: what is held of a matrix, from the top left.
_ALL, _NONE = (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0)
_TOP, _LOW = (0.0, 0.0, 1.0, 0.5), (0.0, 0.5, 1.0, 0.5)
_LEFT, _RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0)
Part = tuple[float, float, float, float]
Layers = tuple[Part, Part, Part]

_KINDS = ("weights", "gradients", "optimizer")
_COLOURS = {"weights": BLUE, "gradients": GREEN, "optimizer": ORANGE}
_EVERYTHING: Layers = (_ALL, _ALL, _ALL)
_UPPER, _LOWER = (_TOP, _TOP, _TOP), (_LOW, _LOW, _LOW)

# The way -> what each of two processes holds of three layers, of which data, and what is sent.
_WAYS: Mapping[str, tuple[tuple[Mapping[str, Layers], ...], tuple[str, str], tuple[str, ...]]] = {
    "data parallel": (
        (dict.fromkeys(_KINDS, _EVERYTHING), dict.fromkeys(_KINDS, _EVERYTHING)),
        ("rows 0–15", "rows 16–31"),
        ("gradients",),
    ),
    "optimizer in shards": (
        (
            {**dict.fromkeys(_KINDS, _EVERYTHING), "optimizer": (_NONE, _ALL, _NONE)},
            {**dict.fromkeys(_KINDS, _EVERYTHING), "optimizer": (_ALL, _NONE, _ALL)},
        ),
        ("rows 0–15", "rows 16–31"),
        ("gradients,", "new weights"),
    ),
    "weights in shards": (
        (dict.fromkeys(_KINDS, _UPPER), dict.fromkeys(_KINDS, _LOWER)),
        ("rows 0–15", "rows 16–31"),
        ("weights,", "gradients"),
    ),
    "tensor parallel": (
        (
            dict.fromkeys(_KINDS, (_TOP, _LEFT, _ALL)),
            dict.fromkeys(_KINDS, (_LOW, _RIGHT, _ALL)),
        ),
        ("all 32 rows", "all 32 rows"),
        ("partial", "sums"),
    ),
    "pipeline": (
        (
            dict.fromkeys(_KINDS, (_ALL, _NONE, _NONE)),
            dict.fromkeys(_KINDS, (_NONE, _ALL, _ALL)),
        ),
        ("all 32 rows", "all 32 rows"),
        ("activations →", "← their", "gradients"),
    ),
}
_BOX, _GAP = 0.3, 0.08  # inches
_CARD = 3 * _BOX + 2 * _GAP
_APART = 0.95  # between two cards, for what is sent
_PANEL_WIDTH, _PANEL_HEIGHT = 3.5, 1.85


def who_holds_what() -> tuple[Figure, str]:
    """Five ways to train a network of three layers in two processes, with words for who cannot see
    it.
    """
    fig, page = new_figure(height=3 * _PANEL_HEIGHT)
    page.set(xlim=(0, 2 * _PANEL_WIDTH), ylim=(3 * _PANEL_HEIGHT, 0))  # inches, from the top
    page.set_axis_off()
    with style():
        for place, (name, (cards, rows, sent)) in enumerate(_WAYS.items()):
            row, column = divmod(place, 2)
            left, top = column * _PANEL_WIDTH + 0.35, row * _PANEL_HEIGHT + 0.2
            page.text(left, top, name, fontsize=11, fontweight="bold", va="center")
            for process, (card, data) in enumerate(zip(cards, rows, strict=True)):
                at = left + process * (_CARD + _APART)
                _draw_card(page, at, top + 0.22, card)
                under = top + 0.22 + _CARD + 0.14
                page.text(at, under, f"process {process}", fontsize=9, va="center")
                page.text(at, under + 0.17, data, fontsize=9, va="center", color=GREY)
            _draw_arrow(page, left + _CARD, top + 0.22 + _CARD / 2, sent)
        _draw_legend(page, _PANEL_WIDTH + 0.35, 2 * _PANEL_HEIGHT + 0.2)
    return fig, _words()


def _draw_card(page: Axes, left: float, top: float, card: Mapping[str, Layers]) -> None:
    """A column for weights, gradients and optimizer each, a box for each layer."""
    for column, kind in enumerate(_KINDS):
        for layer, (x, y, width, height) in enumerate(card[kind]):
            at = left + column * (_BOX + _GAP), top + layer * (_BOX + _GAP)
            held = (at[0] + x * _BOX, at[1] + y * _BOX)
            colour = _COLOURS[kind]
            page.add_patch(Rectangle(held, width * _BOX, height * _BOX, color=colour, linewidth=0))
            page.add_patch(Rectangle(at, _BOX, _BOX, fill=False, edgecolor=GREY, linewidth=0.8))


def _draw_arrow(page: Axes, left: float, middle: float, words: Sequence[str]) -> None:
    """From one card to the other, with what is sent above it."""
    look = {"arrowstyle": "<->", "color": INK, "shrinkA": 3, "shrinkB": 3}
    page.annotate("", (left + _APART, middle), (left, middle), arrowprops=look)
    above = middle - 0.08 - 0.16 * (len(words) - 1)
    for number, line in enumerate(words):
        centre = left + _APART / 2
        page.text(centre, above + 0.16 * number, line, fontsize=9, ha="center", va="bottom")


def _draw_legend(page: Axes, left: float, top: float) -> None:
    """What the columns, rows and colours mean."""
    page.text(left, top, "each process holds of", fontsize=10, va="center")
    for number, kind in enumerate(_KINDS):
        at = top + 0.22 + 0.26 * number
        page.add_patch(Rectangle((left, at), 0.2, 0.2, color=_COLOURS[kind], linewidth=0))
        page.text(left + 0.3, at + 0.1, kind, fontsize=10, va="center")
    page.text(left, top + 1.12, "a row of boxes for each layer", fontsize=10, va="center")


def _words() -> str:
    return (
        "Two processes and a network of three layers. Data parallel: both hold all weights, "
        "gradients and optimizer state, each reads half of the rows, gradients are sent. Optimizer "
        "in shards: the same, but each holds the optimizer state of some layers only, and new "
        "weights are sent, too. Weights in shards: each holds half of every matrix, gradient and "
        "optimizer state; weights and gradients are sent. Tensor parallel: both read all "
        "rows, the first layer is cut by rows and the second by columns, partial sums are sent. "
        "Pipeline: the first process holds the first layer, the second the other two; activations "
        "go one way, their gradients the other."
    )


def pipeline_figure(table: Sequence[Sequence[str]]) -> tuple[Figure, str]:
    """A timetable (see utils.teams.pipeline_schedule) with a row for each stage, with words for who
    cannot see it.
    """
    slots = len(table[0])
    fig, ax = new_figure(height=0.7 + 0.42 * len(table))
    with style():
        for stage, row in enumerate(table):
            for slot, entry in enumerate(row):
                colour = {"F": SKY, "B": ORANGE, "": PAPER}[entry[:1]]
                box = Rectangle(
                    (slot, stage), 1, 1, facecolor=colour, edgecolor=GREY, linewidth=0.6
                )
                ax.add_patch(box)
                ax.text(slot + 0.5, stage + 0.5, entry, fontsize=9, ha="center", va="center")
        ax.set(xlim=(0, slots), ylim=(len(table), 0))
        ax.set_yticks([stage + 0.5 for stage in range(len(table))])
        ax.set_yticklabels([f"stage {stage}" for stage in range(len(table))])
        ax.set_xticks(range(0, slots + 1, 2))
        ax.set_xlabel("time, in slots")
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    idle = sum(row.count("") for row in table)
    words = (
        f"A timetable of {len(table)} stages and {slots} slots. Forward passes begin one slot later "
        f"in each stage, backward passes come back the other way. {idle} of {len(table) * slots} "
        "slots are empty, at the beginning, in the middle and at the end."
    )
    return fig, words
