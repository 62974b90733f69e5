"""The stored runs of GPTs with their norms before or after the additions."""

import csv
from pathlib import Path

import pytest

from course.runs.norm_places import best_rate, losses, rates

FILE = Path(__file__).resolve().parents[3] / "course" / "runs" / "norm_places.csv"


@pytest.mark.parametrize(("norm", "warmup"), [("before", 0), ("after", 50)])
def test_the_losses_are_those_of_the_file(norm, warmup):
    rate = best_rate(norm, warmup)
    with FILE.open(encoding="utf-8", newline="") as file:
        found = [
            float(row["loss"])
            for row in csv.DictReader(file)
            if (row["norm"], row["warmup"], float(row["rate"])) == (norm, str(warmup), rate)
        ]
    assert losses(norm, warmup, rate) == found and len(found) == 3


@pytest.mark.parametrize("norm", ["before", "after"])
@pytest.mark.parametrize("warmup", [0, 50])
def test_the_best_rate_has_the_lowest_loss_of_the_first_start(norm, warmup):
    by_rate = {rate: losses(norm, warmup, rate)[0] for rate in rates()}
    assert len(by_rate) >= 4 and best_rate(norm, warmup) == min(by_rate, key=by_rate.get)


def test_a_run_that_is_not_stored_is_named():
    with pytest.raises(ValueError, match=r"norm 'after', a warm-up of 7 and the rate 0\.003 is"):
        losses("after", 7, 0.003)
