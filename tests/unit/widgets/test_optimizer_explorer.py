"""The explorers of optimizers: each setting makes the walk anew, or shows the run that was chosen."""

import re

import pytest

from utils.widgets.optimizer_explorer import RULES, bowl_explorer, stored_runs_explorer


def alt_of(picture):
    return re.search(r'alt="([^"]*)"', picture.value)[1]


def ends(picture):
    """The last loss of each walk, by its name."""
    return {
        name: float(end)
        for name, end in re.findall(
            r"(?:: |; )([^;:]*?) from \S+ to ([\d.e+-]*\d)", alt_of(picture)
        )
    }


def test_plain_descent_stands_beside_every_rule():
    controls, picture = bowl_explorer().children
    rule, rate, momentum, steepness = controls.children
    assert list(rule.options) == list(RULES)
    momentum.value = 0.0
    plain, same = ends(picture).values()
    assert plain == same  # SGD without momentum is plain descent
    rate.value, steepness.value, momentum.value = 0.04, 30.0, 0.6
    plain, with_momentum = ends(picture).values()
    assert with_momentum < 0.1 * plain
    for name in RULES:
        rule.value = name
        assert f"{name}, momentum 0.60" in ends(picture)


def test_a_rate_that_is_too_high_is_drawn_too():
    controls, picture = bowl_explorer().children
    controls.children[1].value, controls.children[3].value = 0.3, 60.0
    assert ends(picture)["plain descent"] > 1e6


RUNS = {
    "one": {0.1: [3.0, 3.5], 0.2: [2.25, 2.75], 0.4: [3.75, 3.85]},
    "two": {0.01: [2.0, 2.5]},
}


@pytest.mark.parametrize(
    ("number", "rate", "end"), [(1, "0.1", "3.25"), (2, "0.2", "2.50"), (3, "0.4", "3.80")]
)
def test_the_chosen_run_and_the_best_of_its_optimizer(number, rate, end):
    controls, picture = stored_runs_explorer(RUNS).children
    controls.children[1].value = number
    assert alt_of(picture) == (
        f"one with rate {rate} ends at a loss of {end}; with its best rate at 2.50."
    )


def test_an_optimizer_with_fewer_rates_shows_its_highest():
    controls, picture = stored_runs_explorer(RUNS).children
    controls.children[1].value = 3
    controls.children[0].value = "two"
    assert alt_of(picture).startswith("two with rate 0.01 ends at a loss of 2.25;")
