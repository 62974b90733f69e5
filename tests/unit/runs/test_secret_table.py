"""The table of planted secrets: means over models, with the errors of models."""

import csv
from pathlib import Path

import numpy as np
import pytest

from course.runs import secret_table

STORED = Path(__file__).resolve().parents[3] / "course" / "runs" / "planted_secrets.csv"
SETTINGS = ("short text", "twice the text")
COPIES = [0, 1, 2, 4, 8, 16, 32]


def column(setting, name):
    """A column of the file: (model, number of copies, secret)."""
    with STORED.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["setting"] == setting]
    return np.array([float(row[name]) for row in rows]).reshape(20, len(COPIES), 3)


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_number_of_copies_has_three_secrets_in_each_of_twenty_models(setting):
    assert (column(setting, "copies") == np.array(COPIES)[:, None]).all()
    assert (column(setting, "seed") == np.arange(1, 21)[:, None, None]).all()


@pytest.mark.parametrize("setting", SETTINGS)
def test_means_and_errors_are_those_of_models(setting):
    found = secret_table.known(setting)
    assert list(found) == COPIES
    passes = column(setting, "passes").mean()
    surprise, away = (column(setting, name).mean(axis=2) for name in ("surprise", "given_away"))
    for place, (copies, one) in enumerate(found.items()):
        assert one.surprise == pytest.approx(surprise[:, place].mean())
        assert one.surprise_error == pytest.approx(surprise[:, place].std(ddof=1) / 20**0.5)
        assert one.given_away == pytest.approx(away[:, place].mean())
        assert one.given_away_error == pytest.approx(away[:, place].std(ddof=1) / 20**0.5)
        assert (one.away, one.secrets) == (round(away[:, place].sum() * 3), 60)
        assert one.sights == pytest.approx(copies * passes)


def test_passes_are_the_characters_read_for_each_of_the_text():
    # 450 batches of 16 windows of 64; nine tenths of 30,000 characters, and 189 lines of about 28
    passes = secret_table.known("short text")[1].sights
    assert passes == pytest.approx(450 * 16 * 64 / (27_000 + 189 * 28), rel=0.03)


def test_a_setting_that_is_not_stored_is_named():
    with pytest.raises(ValueError, match="no setting 'huge' is stored"):
        secret_table.known("huge")
