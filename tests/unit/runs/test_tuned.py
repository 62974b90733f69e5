"""First the rates are tried, then the other seeds have the quickest one of each kind."""

import csv

import pytest

from course.runs import architecture_tables, stored, tuned
from course.runs.tuned import Run, make_tuned

BEST = {"flat": 0.3, "steep": 0.01}


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A table in a course/runs of its own."""
    monkeypatch.setattr(stored, "files", lambda _: tmp_path)
    stored.stored.cache_clear()
    yield tmp_path / "some_runs.csv"
    stored.stored.cache_clear()


def test_the_seeds_come_at_the_rate_that_did_best_and_nothing_is_made_twice(table):
    made = []

    def make(run):
        made.append(run)
        off = abs(run.rate - BEST[run.kind])
        return [{**run._asdict(), "steps": at, "right": 1 - off - at / 100} for at in (0, 1)]

    rates = {"flat": (0.1, 0.3, 0.5), "steep": (0.01, 0.02)}
    make_tuned(table, rates, (4, 7), make)
    tried = [Run(kind, rate, 0) for kind, own in rates.items() for rate in own]
    assert made == [*tried, *(Run(kind, BEST[kind], seed) for seed in (4, 7) for kind in rates)]
    with table.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 2 * len(made)
    make_tuned(table, rates, (4, 7, 9), make)
    assert made[len(tried) + 4 :] == [Run(kind, BEST[kind], 9) for kind in rates]


def test_the_tuning_seed_is_none_of_those_that_lessons_read():
    assert tuned.TUNING_SEED == architecture_tables.TUNING_SEED == 0
    kinds = ("rnn", "lstm", "attention")
    for file in ("recall_runs.csv", "shell_game_runs.csv"):
        for kind in kinds:
            rows = architecture_tables._tuned(file, kind)
            assert {row["seed"] for row in rows} == {1, 2, 3}
