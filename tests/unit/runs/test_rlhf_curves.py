"""The stored runs averaged over their seeds, against the file read by hand."""

import csv
import statistics
from pathlib import Path

import pytest

from course.runs.rlhf_curves import best_of_n, curve, each_seed, replies

RUNS = Path(__file__).resolve().parents[3] / "course" / "runs"


def by_hand(method, beta, step, what):
    """Read without our reader: the column's values in the order of the file."""
    with (RUNS / "rlhf_runs.csv").open(encoding="utf-8", newline="") as file:
        return [
            float(row[what])
            for row in csv.DictReader(file)
            if row["method"] == method and float(row["beta"]) == beta and float(row["step"]) == step
        ]


@pytest.mark.parametrize(
    ("method", "beta", "step", "what"),
    [("ppo", 0.03, 25, "true"), ("ppo", 1.0, 150, "kl"), ("dpo", 0.3, 60, "again")],
)
def test_mean_and_standard_error_over_the_seeds(method, beta, step, what):
    values = by_hand(method, beta, step, what)
    assert each_seed(method, beta, step, what) == values and len(values) == 5
    found = curve(method, beta, what)
    at = found.steps.index(step)
    assert float(found.mean[at]) == pytest.approx(statistics.mean(values), rel=1e-5)
    error = statistics.stdev(values) / len(values) ** 0.5
    assert float(found.error[at]) == pytest.approx(error, rel=1e-4)


def test_step_0_is_the_sft_model():
    sft = by_hand("sft", 0, 0, "true")
    assert each_seed("ppo", 0.3, 0, "true") == each_seed("dpo", 1.0, 0, "true") == sft
    assert float(curve("ppo", 0.1, "true").mean[0]) == pytest.approx(statistics.mean(sft), rel=1e-5)


def test_each_method_has_its_own_steps():
    assert curve("ppo", 0.1, "true").steps == [0, *range(5, 151, 5)]
    assert curve("dpo", 0.1, "true").steps == [0, *range(15, 151, 15)]


def test_replies_are_those_of_one_seed():
    found = replies(0.03, 50)
    assert found and len({row["seed"] for row in found}) == 1
    assert {(row["method"], row["beta"], row["step"]) for row in found} == {("ppo", 0.03, 50)}


@pytest.mark.parametrize(("beta", "step", "what"), [(0.2, 5, "true"), (0.1, 5, "chosen")])
def test_a_number_that_is_not_stored_is_named(beta, step, what):
    with pytest.raises(ValueError, match=f"{what!r} of a run of 'ppo' with beta {beta} .* {step};"):
        each_seed("ppo", beta, step, what)


def test_numbers_that_only_one_method_has():
    assert each_seed("dpo", 0.1, 60, "chosen") == by_hand("dpo", 0.1, 60, "chosen")


def test_the_best_of_n_of_each_seed():
    with (RUNS / "rlhf_best_of_n.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["n"] == "16"]
    assert best_of_n(16, "true") == [float(row["true"]) for row in rows]
    assert best_of_n(16, "learned") == [float(row["learned"]) for row in rows]
    assert len(rows) == 5
    with pytest.raises(ValueError, match="no best of 3 is stored; there are those of 1, 2, 4, 8"):
        best_of_n(3, "true")
