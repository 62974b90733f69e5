"""The explorer of scaling: budgets, what every size wrote, and where the rule would spend a real model's
FLOPs.
"""

import re
from html import unescape
from math import sqrt

import pytest

from utils.scaling.iso_flop import IsoFlop, SizedRun
from utils.training.published_sizes import PUBLISHED_SIZES
from utils.widgets.explorer_frames import MOST, dial, thinned
from utils.widgets.scaling_explorer import scaling_explorer

# each budget has sizes of its own, and not as many as the next
COLUMNS = [
    IsoFlop(
        2e10,
        [
            SizedRun(2_000, 800_000, 2.6, "narrow <b>&\nsecond line"),
            SizedRun(7_000, 250_000, 2.4, "w" * 300),
            SizedRun(20_000, 90_000, 2.5, "third"),
        ],
    ),
    IsoFlop(
        6e10,
        [
            SizedRun(7_000, 700_000, 2.2, "a"),
            SizedRun(20_000, 260_000, 2.1, "b"),
            SizedRun(50_000, 110_000, 2.15, "c"),
            SizedRun(90_000, 60_000, 2.3, "d"),
        ],
    ),
]
BEST = {2e10: (9_000.0, 2.39), 6e10: (24_000.0, 2.09)}


def opened():
    """The slider of budgets, the list of models, and the picture with what is below it."""
    controls, picture = scaling_explorer(COLUMNS, BEST).children
    return *controls.children, picture


def rows(picture):
    """The cells of the table, row by row."""
    found = re.findall(r"<tr>(.*?)</tr>", picture.value, re.DOTALL)[1:]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in found]


@pytest.mark.parametrize("place", [0, 1])
def test_a_budget_shows_what_each_of_its_sizes_read_lost_and_wrote(place):
    budget, _, picture = opened()
    column = COLUMNS[place]
    budget.value = column.budget
    found = rows(picture)
    assert len(found) == len(column.runs)
    for (weights, read, loss, text), run in zip(found, column.runs, strict=True):
        assert weights.startswith(f"{run.weights:,}") and read == f"{run.read:,}"
        assert loss == f"{run.loss:.3f}" and unescape(text) == run.text[:160].replace("\n", " ⏎ ")
    assert "<b>&" not in picture.value  # what a model writes is text, and no HTML
    marked = [row[0] for row in found if "nearest to the best" in row[0]]
    assert len(marked) == 1 and marked[0].startswith(("7,000", "20,000")[place])
    assert picture.value.startswith(f'<img alt="{("2e10", "6e10")[place]} FLOPs set apart.')


def test_the_largest_budget_stands_there_first_and_the_slider_has_them_all():
    budget, real, _ = opened()
    assert budget.value == 6e10 and [value for _, value in budget.options] == [2e10, 6e10]
    assert [words for words, _ in budget.options] == ["2e10", "6e10"]
    assert list(real.options) == list(PUBLISHED_SIZES)


@pytest.mark.parametrize("name", PUBLISHED_SIZES)
def test_a_real_model_is_measured_by_the_rule(name):
    _, real, picture = opened()
    real.value = name
    one = PUBLISHED_SIZES[name]
    size = sqrt(6 * one.weights * one.tokens / 120)
    (said,) = re.findall(r"<p[^>]*>(.*?)</p>", picture.value)
    number = r"([\d.,]+(?:e\+\d+)?)"
    numbers = re.search(
        f"read {number} tokens.* on {number} billion .* {number} tr", unescape(said)
    )
    ratio, billions, trillions = (float(one.replace(",", "")) for one in numbers.groups())
    assert said.startswith(name)
    assert ratio == pytest.approx(one.tokens / one.weights, rel=0.01)
    assert billions == pytest.approx(size / 1e9, rel=0.01)
    assert trillions == pytest.approx(20 * size / 1e12, rel=0.06)


def test_every_setting_has_a_picture_on_a_page_without_a_kernel():
    budget, real, _ = opened()
    controls = [dial("budget", budget), dial("real", real)]
    assert thinned(controls, MOST) == controls


@pytest.mark.parametrize(("columns", "best"), [([], {}), (COLUMNS, {2e10: (9_000.0, 2.39)})])
def test_a_budget_without_a_best_size_is_refused(columns, best):
    with pytest.raises(ValueError, match=rf"got {len(columns)} budgets and {len(best)} best sizes"):
        scaling_explorer(columns, best)
