"""Pictures of scaling: what is drawn is what was given, nothing is small or cut off, and the words say
it too.
"""

import itertools

import numpy as np
import pytest
from matplotlib.text import Text

from utils.pictures.figures import img, new_figure
from utils.pictures.scaling_pictures import (
    flops_words,
    iso_flop_figure,
    power_law_figure,
    shares_figure,
    sizes_figure,
    window_figure,
)
from utils.scaling.iso_flop import IsoFlop, SizedRun
from utils.scaling.scaling_laws import PowerLaw, parabola_minimum
from utils.training.published_sizes import PUBLISHED_SIZES

REAL = list(PUBLISHED_SIZES.values())
SIZES = [1_900, 3_700, 6_400, 13_500, 23_000]
VALLEYS = {2e10: 4_000, 6e10: 7_000, 1.8e11: 12_000}
COLUMNS = [
    IsoFlop(
        budget,
        [
            SizedRun(size, budget / size / 6, 2.4 - place / 5 + 0.1 * np.log(size / valley) ** 2)
            for size in SIZES[: 4 + place % 2]
        ],
    )
    for place, (budget, valley) in enumerate(VALLEYS.items())
]
BEST = {
    column.budget: parabola_minimum(
        [run.weights for run in column.runs], [run.loss for run in column.runs]
    )
    for column in COLUMNS
}
READ = [0, 1_280, 5_120, 51_200, 1_024_000]
SHARES = {
    "spelling": [0.5, 0.6, 0.75, 0.9, 0.97],
    "names": [0.4, 0.5, 0.6, 0.9, 0.99],
    "words": [0.5, 0.5, 0.52, 0.6, 0.7],
    "agreement": [0.5, 0.5, 0.5, 0.55, 0.62],
}
LAW = PowerLaw(3.2, -0.02)
GROUPS = {"four": (SIZES[:4], [2.8, 2.7, 2.65, 2.6]), "the fifth": ([90_000], [2.66])}


def two_panels():
    _, (left, right) = new_figure(height=3.6, columns=2)
    iso_flop_figure(COLUMNS, BEST, 6e10, left)
    return sizes_figure([(4_000, 8e5), (9_000, 2e6)], REAL, "Llama 3.1 405B", right)


DRAWN = {
    "window": lambda: window_figure("To be, or"),
    "shares": lambda: shares_figure(READ, SHARES, [4.4, 3.9, 3.1, 2.2, 1.8]),
    "power law": lambda: power_law_figure(GROUPS, LAW, "3.20 · weights^-0.020"),
    "iso-FLOP": lambda: iso_flop_figure(COLUMNS, BEST),
    "sizes": lambda: sizes_figure([(4_000, 8e5), (9_000, 2e6)], REAL),
    "two panels": two_panels,
}


def boxes(figure):
    """The words that are shown, and where they stand in pixels."""
    figure.draw_without_rendering()
    hidden = [words for ax in figure.axes for words in not_drawn(ax)]
    words = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip()]
    return {one: one.get_window_extent() for one in words if one not in hidden}


def not_drawn(ax):
    """The words of axes that are off, and of ticks beyond the ends of an axis."""
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks() + axis.get_minor_ticks():
            if not ax.axison or not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)


@pytest.mark.parametrize("name", DRAWN)
def test_words_are_large_enough_inside_the_figure_and_clear_of_each_other(name):
    figure, alt = DRAWN[name]()
    assert img(figure, alt)
    placed = boxes(figure)
    assert len(placed) > 10
    for one, box in placed.items():
        assert one.get_fontsize() >= 9, one
        assert box.x0 >= figure.bbox.x0 - 1 and box.x1 <= figure.bbox.x1 + 1, one
        assert box.y0 >= figure.bbox.y0 - 1 and box.y1 <= figure.bbox.y1 + 1, one
    for (one, box), (other, second) in itertools.combinations(placed.items(), 2):
        assert not box.padded(-1).overlaps(second.padded(-1)), (one, other)


@pytest.mark.parametrize("name", [name for name in DRAWN if name != "window"])
def test_every_axis_says_what_it_counts(name):
    figure, _ = DRAWN[name]()
    for ax in figure.axes:
        assert ax.get_ylabel()
    assert figure.axes[-1].get_xlabel()


@pytest.mark.parametrize("piece", ["To be", "a$b\nc"])
def test_above_each_character_stands_the_next_one(piece):
    figure, alt = window_figure(piece)
    rows = {}
    for text in figure.axes[0].texts:
        x, y = text.get_position()
        if text.get_text() and y in (0, 1) and x >= 0:
            rows.setdefault(y, []).append(text.get_text())
    signs = [{" ": "␣", "\n": "⏎"}.get(character, character) for character in piece]
    assert rows[0] == signs[:-1] and rows[1] == signs[1:]
    assert repr(piece[:-1]) in alt and repr(piece[1:]) in alt


def test_shares_and_losses_are_drawn_over_what_was_read_and_none_is_named():
    losses = [4.4, 3.9, 3.1, 2.2, 1.8]
    figure, alt = shares_figure(READ, SHARES, losses)
    above, below = figure.axes
    (line,) = above.lines
    assert line.get_ydata().tolist() == losses and line.get_xdata().tolist()[1:] == READ[1:]
    assert 0 < line.get_xdata()[0] < READ[1]
    curves = {line.get_label(): line for line in below.lines if line.get_label() in SHARES}
    assert {name: list(curve.get_ydata()) for name, curve in curves.items()} == SHARES
    assert all(curve.get_xdata().tolist() == line.get_xdata().tolist() for curve in curves.values())
    looks = {(curve.get_marker(), curve.get_linestyle()) for curve in curves.values()}
    assert len(looks) == len(SHARES)
    for ax in figure.axes:
        named = dict(
            zip(ax.get_xticks(), (t.get_text() for t in ax.get_xticklabels()), strict=True)
        )
        assert named.pop(line.get_xdata()[0]) == "none"
        assert named and all(float(words.replace(",", "")) == x for x, words in named.items())
    assert "falls from 4.40 to 1.80" in alt and "names from 40% to 99%" in alt


def test_points_and_law_on_logarithmic_axes():
    figure, alt = power_law_figure(GROUPS, LAW, "a law")
    (ax,) = figure.axes
    law, *groups = ax.lines
    assert ax.get_xscale() == ax.get_yscale() == "log"
    x, y = law.get_data()
    assert (min(x), max(x)) == pytest.approx((1_900, 90_000))
    assert list(y) == pytest.approx([3.2 * size**-0.02 for size in x])
    for line, (sizes, losses) in zip(groups, GROUPS.values(), strict=True):
        assert list(line.get_xdata()) == sizes and list(line.get_ydata()) == losses
    assert len({line.get_marker() for line in groups}) == 2
    assert "four: 1,900 2.80, 3,700 2.70" in alt and alt.endswith("Line: a law.")
    ticks = [tick for tick in ax.get_yticks() if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    assert len(ticks) >= 3  # a logarithmic axis by itself has only powers of ten


def test_each_budget_has_its_points_its_parabola_and_its_cross():
    figure, alt = iso_flop_figure(COLUMNS, BEST)
    (ax,) = figure.axes
    looks = set()
    for place, column in enumerate(COLUMNS):
        curve, points, in_legend, cross = ax.lines[4 * place : 4 * place + 4]
        assert list(points.get_xdata()) == [run.weights for run in column.runs]
        assert list(points.get_ydata()) == [run.loss for run in column.runs]
        x, y = curve.get_data()
        valley = VALLEYS[column.budget]
        assert list(y) == pytest.approx(2.4 - place / 5 + 0.1 * np.log(x / valley) ** 2)
        assert cross.get_xydata()[0] == pytest.approx([valley, 2.4 - place / 5])
        assert min(x) <= valley <= max(x)
        assert in_legend.get_label() == flops_words(column.budget)
        looks.add((points.get_marker(), curve.get_linestyle(), curve.get_color()))
        assert f"{valley:,} weights, {2.4 - place / 5:.3f}" in alt
    assert len(looks) == len({look[0] for look in looks}) == len({look[1] for look in looks}) == 3


def test_a_curve_goes_on_to_a_lowest_point_beyond_its_sizes():
    runs = [SizedRun(size, 1, 2 + 0.1 * np.log(size / 1_000) ** 2) for size in SIZES]
    figure, _ = iso_flop_figure([IsoFlop(2e10, runs)], {2e10: (1_000.0, 2.0)})
    curve, _, _, cross = figure.axes[0].lines
    assert curve.get_xydata()[0] == pytest.approx(cross.get_xydata()[0])


def test_a_chosen_budget_alone_keeps_its_colour():
    free, _ = iso_flop_figure(COLUMNS, BEST)
    held, _ = iso_flop_figure(COLUMNS, BEST, 6e10)
    colours = [[line.get_color() for line in figure.axes[0].lines[::4]] for figure in (free, held)]
    assert len(set(colours[0])) == 3
    assert colours[1][1] == colours[0][1] and colours[1][0] == colours[1][2] not in colours[0]


def test_more_budgets_than_marks_are_all_drawn():
    columns = [IsoFlop(2e10 * 2**place, COLUMNS[0].runs) for place in range(9)]
    best = dict.fromkeys((column.budget for column in columns), BEST[2e10])
    figure, _ = iso_flop_figure(columns, best)
    assert len(figure.axes[0].lines) == 4 * 9


def test_models_stand_at_their_tokens_for_each_weight():
    figure, alt = sizes_figure([(4_000, 8e5), (9_000, 2.7e6)], REAL)
    (ax,) = figure.axes
    rule, ours, real = ax.lines
    assert set(rule.get_ydata()) == {20}
    assert ours.get_xydata().tolist() == [[4_000, 200], [9_000, 300]]
    assert real.get_xydata().tolist() == [[one.weights, one.tokens / one.weights] for one in REAL]
    assert [text.get_text() for text in ax.texts] == [one.name for one in REAL]
    assert "GPT-3 1.7" in alt and "Chinchilla 20" in alt


@pytest.mark.parametrize("name", PUBLISHED_SIZES)
def test_a_chosen_model_is_joined_to_where_the_rule_would_spend_its_flops(name):
    _, (_, right) = new_figure(columns=2)
    figure, _ = sizes_figure([(4_000, 8e5)], REAL, name, right)
    one = PUBLISHED_SIZES[name]
    assert [text.get_text() for text in right.texts] == [name]
    (line,) = [line for line in right.lines if line.get_label() == "the same FLOPs"]
    (start, ratio), (size, rule) = line.get_xydata()
    assert (start, ratio) == (one.weights, one.tokens / one.weights) and rule == 20
    assert 6 * size * 20 * size == pytest.approx(6 * one.weights * one.tokens)
    for text, box in boxes(figure).items():
        assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1, text


@pytest.mark.parametrize(
    ("budget", "words"), [(2e10, "2e10"), (1.8e11, "1.8e11"), (3.14e23, "3.1e23")]
)
def test_flops_in_words(budget, words):
    assert flops_words(budget) == f"{words} FLOPs"
