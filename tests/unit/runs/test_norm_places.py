"""The stored runs of GPTs with their norms before or after the additions."""

import csv
from pathlib import Path

import pytest

from course.runs.norm_places import losses

FILE = Path(__file__).resolve().parents[3] / "course" / "runs" / "norm_places.csv"


@pytest.mark.parametrize(("norm", "warmup"), [("before", 0), ("after", 50)])
def test_the_losses_are_those_of_the_file(norm, warmup):
    with FILE.open(encoding="utf-8", newline="") as file:
        found = [
            float(row["loss"])
            for row in csv.DictReader(file)
            if (row["norm"], row["warmup"], row["rate"]) == (norm, str(warmup), "0.003")
        ]
    assert losses(norm, warmup, 0.003) == found and len(found) == 3


def test_every_start_says_what_the_chapter_says():
    for warmup in (0, 50):
        assert max(losses("before", warmup, 0.003)) < 3.0
        assert min(losses("after", warmup, 0.003)) > 3.2


def test_a_run_that_is_not_stored_is_named():
    with pytest.raises(ValueError, match=r"norm 'after', a warm-up of 7 and the rate 0\.003 is"):
        losses("after", 7, 0.003)
