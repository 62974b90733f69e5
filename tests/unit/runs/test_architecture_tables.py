"""The stored runs of chapter 15: read by hand, complete, and made again in small."""

import csv
import importlib.util
from pathlib import Path
from statistics import fmean

import pytest

from course.runs.architecture_tables import (
    alignments,
    copied,
    date_curve,
    quickest_rate,
    reader_results,
    recall_curve,
    recall_kinds,
    recall_shares,
    steps_until,
)

ROOT = Path(__file__).resolve().parents[3]


def by_hand(name):
    with (ROOT / "course" / "runs" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def benchmark(name):
    """A module of benchmarks/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_recall_by_seed_and_distance():
    assert recall_kinds() == ["rnn", "lstm", "attention"]
    for kind in recall_kinds():
        rows = [row for row in by_hand("recall_runs.csv") if row["kind"] == kind]
        rows = [row for row in rows if float(row["seed"]) > 0]
        shares = recall_shares(kind)
        assert list(shares) == list(range(1, 16))
        for far, seeds in shares.items():
            found = [float(row["right"]) for row in rows if float(row["distance"]) == far]
            assert seeds == found and len(seeds) == 3
        last = max(float(row["steps"]) for row in rows)
        ends = [row for row in rows if (float(row["steps"]), float(row["distance"])) == (last, 0)]
        steps, right = recall_curve(kind)[-1]
        assert steps == last and len(ends) == 3
        assert right == pytest.approx(fmean(float(row["right"]) for row in ends))
        seconds, _ = recall_curve(kind, "seconds")[-1]
        assert seconds == pytest.approx(fmean(float(row["seconds"]) for row in ends))
    with pytest.raises(ValueError, match="no run of 'gru' is stored"):
        recall_curve("gru")


def test_the_translators_have_five_seeds_at_their_quickest_rate():
    for kind in ("one vector", "look back", "transformer"):
        rate = quickest_rate(kind)
        rows = [
            row
            for row in by_hand("date_runs.csv")
            if row["kind"] == kind and float(row["seed"]) > 0 and float(row["rate"]) == rate
        ]
        first = {}
        for row in rows:
            if float(row["right"]) >= 0.9:
                first.setdefault(row["seed"], float(row["steps"]))
        assert sorted(steps_until(kind, 0.9)) == sorted(first.values()) and len(first) == 5
        assert date_curve(kind)[0][1] < 0.05 < 0.9 < date_curve(kind)[-1][1]
        peaks = [float(row["peak"]) for row in rows if row["peak"]]
        assert alignments(kind)["peak"] == peaks
        assert len(peaks) == (0 if kind == "one vector" else 5)
    assert steps_until("transformer", 1.01) == [float("inf")] * 5


def test_readers_and_copiers_are_complete():
    for kind, tasks in {"gpt": ("next", "left", "scored"), "bert": ("next", "hidden")}.items():
        for task in tasks:
            assert len(reader_results(kind, task)) == len(reader_results(kind, task, "right")) == 3
    with pytest.raises(ValueError, match="no 'scored' of 'bert' is stored"):
        reader_results("bert", "scored")
    for looks_back, steps in ((False, 300), (False, 1200), (True, 300)):
        found = copied(looks_back, steps)
        assert list(found) == [6, 12, 20]
        assert all(len(seeds) == 3 for seeds in found.values())


def near(found, name, **where):
    """The row of a stored run with these fields has nearly the number that was made again."""
    (row,) = [
        row
        for row in by_hand(name)
        if all(
            row[key] == value if isinstance(value, str) else float(row[key]) == value
            for key, value in where.items()
        )
    ]
    assert float(found) == pytest.approx(float(row["right"]), rel=0.15, abs=0.02)


def test_a_part_of_the_copying_comes_out_the_same():
    module = benchmark("copy_runs")
    (row,) = module.one_run(module.Run(True, 6, 0), (300,))
    near(row["right"], "copy_runs.csv", looks_back=1.0, length=6.0, seed=0.0, steps=300.0)


def test_a_part_of_the_recall_comes_out_the_same():
    """Its first look is after no step: what the weights of that seed say."""
    module = benchmark("recall_runs")
    rows = module.one_run(module.Run("attention", 0.003, 2), steps=3, every=3)
    near(
        rows[0]["right"],
        "recall_runs.csv",
        kind="attention",
        rate=0.003,
        seed=2.0,
        steps=0.0,
        distance=0.0,
    )
    assert {row["distance"] for row in rows} == set(range(16))


def test_a_part_of_the_dates_and_of_the_readers_runs():
    dates = benchmark("date_runs")
    rows = dates.one_run(dates.Run("transformer", 0.005, 1), steps=4, every=2)
    assert [row["steps"] for row in rows] == [0, 2, 4]
    assert 0 <= float(rows[-1]["exchanged_peak"]) <= 1 and rows[0]["peak"] == ""
    assert dates.one_run(dates.Run("one vector", 0.005, 1), 2, 2)[-1]["peak"] == ""
    readers = benchmark("reader_runs")
    rows = readers.one_run(readers.Run("bert", 0.01, 1), steps=2)
    assert [row["task"] for row in rows] == ["next", "hidden"]
