"""The table of what cleaning is worth: one loss a web, in the same order for all texts."""

import csv
from pathlib import Path

import pytest

from course.runs import cleaning_table

STORED = Path(__file__).resolve().parents[3] / "course" / "runs" / "clean_or_raw.csv"


@pytest.mark.parametrize("text", ["as crawled", "main text", "cleaned", "truly good"])
def test_losses_stand_in_the_order_of_the_webs(text):
    with STORED.open(newline="", encoding="utf-8") as file:
        by_seed = {
            int(row["seed"]): float(row["loss"])
            for row in csv.DictReader(file)
            if row["text"] == text
        }
    assert cleaning_table.losses(text) == [by_seed[seed] for seed in range(1, 11)]
    assert all(1 < loss < 4 for loss in by_seed.values())  # nats: an alphabet evenly guessed has 6


def test_a_text_that_is_not_stored_is_named():
    with pytest.raises(ValueError, match="no text 'washed' is stored"):
        cleaning_table.losses("washed")
