"""The stored runs of chapter 07: what is read from them, and that every optimizer is tuned."""

import csv
import statistics
from pathlib import Path

import pytest

from course.runs.norm_table import norm_runs
from course.runs.optimizer_table import best_rate, grid_mean, held_out, optimizers, rates
from course.runs.weight_decay_table import decays, losses, texts

RUNS = Path(__file__).resolve().parents[3] / "course" / "runs"


def by_hand(name, **wanted):
    """Read without our reader: the rows that have these values."""
    with (RUNS / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        row
        for row in rows
        if all(
            row[key] == value if isinstance(value, str) else float(row[key]) == value
            for key, value in wanted.items()
        )
    ]


USUAL = {"clip": 1.0, "warmup": 20, "floor": 0.1, "others": 1.0}


def test_the_best_rate_of_each_has_worse_ones_on_both_sides():
    assert set(optimizers()) == {"sgd", "momentum", "sign", "adamw", "muon"}
    for name in optimizers():
        means = {}
        for rate in rates(name):
            rows = by_hand("optimizer_runs.csv", optimizer=name, rate=rate, **USUAL)
            assert {int(row["seed"]) for row in rows} == {1, 2, 3, 4, 5}
            means[rate] = statistics.mean(float(row["held_out"]) for row in rows)
            assert grid_mean(name, rate) == pytest.approx(means[rate], rel=1e-9)
        best = min(means, key=means.get)
        assert best_rate(name) == best
        assert min(means) < best < max(means), name


def test_held_out_losses_by_seed_and_recipe():
    rate = best_rate("adamw")
    rows = by_hand("optimizer_runs.csv", optimizer="adamw", rate=rate, **USUAL | {"warmup": 0})
    found = held_out("adamw", rate, warmup=0)
    assert found == {int(row["seed"]): float(row["held_out"]) for row in rows}
    assert found != held_out("adamw", rate)
    assert len(held_out("adamw", rate, floor=1)) == 5
    assert held_out("adamw", rate, others=8) != found
    assert len(held_out("adamw", 2 * rate, others=8)) == 5
    with pytest.raises(ValueError, match="no run of 'sign' with rate 7 and the usual recipe"):
        held_out("sign", 7)


def test_losses_with_more_and_less_decay():
    few, whole = texts()
    assert (few, decays(few)[0]) == (6000, 0) and len(decays(few)) > len(decays(whole)) > 1
    rows = by_hand("weight_decay_runs.csv", characters=few, decay=1.0)
    for column in ("train", "lowest", "held_out"):
        assert losses(few, 1, column) == [float(row[column]) for row in rows]
    assert len(rows) == 5
    with pytest.raises(ValueError, match="no runs with characters 6000, decay 7 are stored"):
        losses(few, 7, "train")


def test_the_four_ways_of_the_norm():
    for norm in ("before", "after"):
        rows = by_hand("norm_runs.csv", norm=norm, rate=0.03, warmup=40)
        assert norm_runs(norm, 0.03, 40) == [float(row["held_out"]) for row in rows]
        assert len(rows) == 4
    with pytest.raises(ValueError, match=r"the norm .beside., rate 0\.03 and 40 steps"):
        norm_runs("beside", 0.03, 40)
