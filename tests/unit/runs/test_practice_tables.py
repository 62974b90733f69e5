"""The stored runs of practice, against the files read by hand, and against what made them."""

import csv
import statistics
from pathlib import Path

import pytest

from course.runs.practice_tables import (
    hurried_model,
    mean_passes,
    pass_values,
    practice_curve,
    sample_steps,
    samples,
    stage_table,
    stage_values,
)
from utils.alignment.checkers import answer_checker
from utils.alignment.practice import ask_for, draw_problems, marks
from utils.data.careless_solutions import LAST_DIGITS
from utils.data.problems_in_steps import last_digit_problem

RUNS = Path(__file__).resolve().parents[3] / "course" / "runs"


def by_hand(name, **wanted):
    with (RUNS / f"practice_{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if all(row[key] == value for key, value in wanted.items())
        ]


@pytest.mark.parametrize(
    ("run", "what", "step"), [("practice", "right", "60"), ("totals", "length", "5")]
)
def test_a_curve_is_the_mean_over_the_seeds(run, what, step):
    values = [float(row[what]) for row in by_hand("runs", run=run, step=step)]
    found = practice_curve(run, what)
    at = found.steps.index(float(step))
    assert len(values) >= 2
    assert float(found.mean[at]) == pytest.approx(statistics.mean(values), rel=1e-5)
    error = statistics.stdev(values) / len(values) ** 0.5
    assert float(found.error[at]) == pytest.approx(error, rel=1e-4)


def test_stages_and_passes_are_the_columns():
    rows = by_hand("stages", stage="hurried")
    assert stage_values("hurried", "right") == [float(row["right"]) for row in rows]
    passed = pass_values("practised", 5, "answer_checker")
    assert list(passed) == [1, 2, 4, 8, 16, 32, 64]
    for k, values in passed.items():
        chosen = by_hand("passes", stage="practised", size="5", checker="answer_checker", k=str(k))
        assert values == [float(row["passed"]) for row in chosen]
    for one, more in zip(list(passed.values()), list(passed.values())[1:], strict=False):
        assert all(a <= b for a, b in zip(one, more, strict=True))


def test_the_table_has_a_line_for_each_model_with_two_standard_errors():
    head, *lines = stage_table({"hurried": "in a hurry", "adder, practised": "sums"}).splitlines()
    assert head.split() == ["right", "with", "steps", "symbols"]
    for line, name, stage in zip(
        lines, ("in a hurry", "sums"), ("hurried", "adder, practised"), strict=True
    ):
        assert line.startswith(name)
        shown = line[24:].split()
        for place, what in enumerate(("right", "with_steps", "length")):
            values = [float(row[what]) for row in by_hand("stages", stage=stage)]
            mean, sign, error = shown[3 * place : 3 * place + 3]
            assert sign == "±"
            assert float(mean) == pytest.approx(statistics.mean(values), abs=0.0051)
            two_errors = 2 * statistics.stdev(values) / len(values) ** 0.5
            assert float(error) == pytest.approx(two_errors, abs=0.0051)


def test_mean_passes_are_the_means_over_the_seeds():
    found = mean_passes("read", 4, "steps_checker")
    assert list(found) == [1, 2, 4, 8, 16, 32, 64]
    for k, mean in found.items():
        chosen = by_hand("passes", stage="read", size="4", checker="steps_checker", k=str(k))
        assert mean == pytest.approx(statistics.mean(float(row["passed"]) for row in chosen))


def test_every_stored_step_has_eight_replies_to_a_problem_with_its_answer():
    for run in ("practice", "totals", "sloppy", "leash"):
        steps = sample_steps(run)
        assert steps == list(range(0, 125, 5))
        for step in steps:
            question, answer, replies = samples(run, step)
            assert len(replies) == 8 and all(replies)
            if run == "totals":
                assert int(answer) == sum(map(int, question[:-1].split("+")))
            else:
                assert last_digit_problem(question).answer == answer


def test_what_is_not_stored_says_so():
    with pytest.raises(ValueError, match="no run 'chess' is stored"):
        practice_curve("chess", "right")
    with pytest.raises(ValueError, match="no stage 'chess' is stored"):
        stage_values("chess", "right")


def test_the_stored_model_is_the_one_that_was_measured():
    problems = draw_problems(LAST_DIGITS.draw(4), 400, 10**9)
    right = marks(answer_checker, problems, ask_for(hurried_model(), problems, 7)).mean().item()
    (row,) = by_hand("stages", stage="hurried", seed="1")
    assert right == pytest.approx(float(row["right"]), abs=0.02)
