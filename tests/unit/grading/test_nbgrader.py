"""Sources for nbgrader. By hand they went through nbgrader 0.9.6 itself: validated, released,
autograded, exported.
"""

import json

import pytest

from course.exercises import exercises
from course.grading.assignment import LEARNERS, load
from course.grading.nbgrader import HIDDEN, SOLUTION, points
from course.grading.pack import main
from course.judging.exercise_source import between_marks, reference, stub


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The folder of an assignment of chapter 02, with numbers of its own and points that were
    edited.
    """
    folder = tmp_path_factory.mktemp("made") / "week 2"
    assert main(["--chapters", "02", "--out", str(folder), "--seed", "5", "--nbgrader"]) == 0
    return folder


def cells(folder):
    path = folder / "nbgrader" / "source" / "week 2" / "02_cross_entropy.ipynb"
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if "nbgrader" in cell["metadata"]]


def test_each_exercise_is_an_answer_and_a_locked_test_with_its_points(packed):
    made = load(packed)
    answers, tests = cells(packed)[::2], cells(packed)[1::2]
    assert len(answers) == len(tests) == len(made.points) > 3
    for (id, most), answer, test in zip(made.points.items(), answers, tests, strict=True):
        about, locked = answer["metadata"]["nbgrader"], test["metadata"]["nbgrader"]
        # what nbgrader's metadata of version 3 has for "autograded answer" and "autograder tests"
        flags = ("solution", "grade", "locked", "task")
        assert [about[flag] for flag in flags] == [True, False, False, False]
        assert [locked[flag] for flag in flags] == [False, True, True, False]
        assert about["schema_version"] == locked["schema_version"] == 3
        assert locked["points"] == most and "points" not in about
        assert about["grade_id"] != locked["grade_id"]
        assert id.replace(".", "-") in about["grade_id"]
        source = "".join(test["source"]).splitlines()
        assert (source[0], source[-1]) == HIDDEN and f"seed={made.seed}" in source[-2]
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells(packed)]
    assert len(set(ids)) == len(ids)


def test_the_answers_of_the_source_get_all_points_and_others_none(packed, capsys):
    made = load(packed)
    for answer, test in zip(cells(packed)[::2], cells(packed)[1::2], strict=True):
        space = {"check": lambda *given, **_: None}
        exec("import math, torch\nfrom torch.nn import functional as F", space)
        exec("".join(answer["source"]), space)
        *before, last = "".join(test["source"]).replace("### ", "# ").strip().splitlines()[:-1]
        exec("\n".join(before), space)
        most = test["metadata"]["nbgrader"]["points"]
        assert eval(last, space) == most
    assert points("02.1", lambda logits, targets: logits.mean(), of=10, seed=made.seed) == 0
    assert "It gives" in capsys.readouterr().out


def test_what_learners_get_holds_neither_solution_nor_seed(packed):
    learners = (packed / LEARNERS / "02_cross_entropy.ipynb").read_text(encoding="utf-8")
    assert SOLUTION[0] not in learners and str(load(packed).seed) not in learners


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda one: one.id)
def test_between_the_marks_stands_all_that_the_stub_lacks(exercise):
    begin, end = SOLUTION
    lines = between_marks(exercise, begin, end).splitlines()
    (first,) = [place for place, line in enumerate(lines) if line.strip() == begin]
    (last,) = [place for place, line in enumerate(lines) if line.strip() == end]
    assert first < last == len(lines) - 1
    kept = [line for line in lines if line.strip() not in (begin, end) and line.strip()]
    assert kept == [line for line in reference(exercise).splitlines() if line.strip()]
    head = [line for line in lines[:first] if line.strip()]
    start = [line for line in stub(exercise).splitlines() if line.strip()]
    assert head == start[: len(head)]
