"""The stored runs of deep stacks: read against the file by hand, and every statement of the chapter
on them.
"""

import csv
import statistics
from pathlib import Path

import pytest

from course.runs.depth_map import accuracies, best_rate, depths, mean_accuracies, recipes
from utils.predecessors.deep_stack import RECIPES

PLACES, STARTS = ("after", "before"), ("start", "orthogonal start")
FILE = Path(__file__).resolve().parents[3] / "course" / "runs" / "deep_stacks.csv"


def rows():
    """Read without our reader."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_hand(recipe, optimizer, depth):
    wanted = (recipe, optimizer, str(depth))
    return [row for row in rows() if (row["recipe"], row["optimizer"], row["depth"]) == wanted]


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_the_best_rate_of_the_first_start_and_the_means_at_it(optimizer):
    table = mean_accuracies(optimizer)
    assert table.shape == (len(recipes()), len(depths()))
    for recipe, line in zip(recipes(), table.tolist(), strict=True):
        for depth, mean in zip(depths(), line, strict=True):
            found = by_hand(recipe, optimizer, depth)
            tried = {row["rate"]: float(row["accuracy"]) for row in found if row["seed"] == "0"}
            assert len(tried) >= 3
            rate = best_rate(recipe, optimizer, depth)
            (chosen,) = [text for text in tried if float(text) == rate]
            assert tried[chosen] == max(tried.values())
            values = [float(row["accuracy"]) for row in found if row["rate"] == chosen]
            assert accuracies(recipe, optimizer, depth) == values
            assert mean == pytest.approx(statistics.mean(values), rel=1e-5)


def test_no_run_is_stored_twice():
    labels = [tuple(row[name] for name in list(row)[:5]) for row in rows()]
    assert len(set(labels)) == len(labels)


def test_the_table_has_the_recipes_and_depths_of_the_map():
    assert recipes() == list(RECIPES)
    assert depths() == sorted(depths()) and {2, 20, 80} <= set(depths())


def test_what_the_chapter_says_of_80_layers():
    for too_little in ("plain", "start", "norm", "start + norm"):
        for optimizer in ("SGD", "Adam"):
            assert max(accuracies(too_little, optimizer, 80)) < 0.3
    assert max(accuracies("residual", "Adam", 80)) < 0.75
    for enough in ("residual + norm before", "residual + small start", "all three"):
        assert min(accuracies(enough, "Adam", 80)) > 0.75
    assert accuracies("residual + start", "SGD", 80) == [0, 0, 0]  # every one broke
    after, before = (accuracies(f"residual + norm {place}", "Adam", 80) for place in PLACES)
    assert max(after) < min(before)


def test_what_the_chapter_says_of_80_layers_with_tanh():
    drawn, rotated = (accuracies(f"tanh: {start}", "Adam", 80) for start in STARTS)
    assert min(drawn) > 0.3 and max(drawn) < 0.5 < 0.65 < min(rotated)
    assert max(accuracies("tanh: norm", "Adam", 80)) < 0.3
    assert min(accuracies("tanh: residual + norm", "Adam", 80)) > max(rotated)


def test_a_run_that_is_not_stored_is_named():
    with pytest.raises(ValueError, match="no run of 'plain' with Adam and 7 layers is stored"):
        accuracies("plain", "Adam", 7)
