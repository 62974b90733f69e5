"""From what a worker says to a mark: each fact travels in a field of its own, and words decide
nothing.
"""

import sys
from types import ModuleType

import pytest

from course.answers.run_answer import Outcome
from course.exercises import exercises
from course.grading.inside.wire import BadFrame, Refusal
from course.grading.inside.worker import Worker
from course.grading.marks import mark_student
from course.grading.marks.examine import Fault, Result, Trial, _result
from course.grading.marks.marks import Item, mark, mark_all
from course.judging.judge import State, _outcomes

SEED = 71
EXERCISE = exercises()["02.1"]
HINT = "What if the vocabulary has a single token?"


def given(function) -> Result:
    """What a worker sends of this answer to 02.1."""
    return Result(outcomes=tuple(_outcomes(EXERCISE, function, SEED)))


RIGHT = given(EXERCISE.reference)
MISTAKE = next(one for one in EXERCISE.wrongs if one.answer.__name__ == "_base_two")
MISTAKEN = given(MISTAKE.answer)
OWN = Item(Trial("02.1", EXERCISE, SEED), "The loss", 10)
PRIVATE = Item(Trial("02.1 more", EXERCISE, SEED), "One more", 2.5, private=True, hint=HINT)


def test_a_mark_names_the_mistake_of_an_exercise_and_hides_that_of_a_private_check():
    own, private = mark(OWN, MISTAKEN), mark(PRIVATE, MISTAKEN)
    assert own.mistake == MISTAKE.hint == own.lines[0]
    assert private.mistake == "" and private.lines == (HINT,)
    assert (own.state, own.points, private.points) == (State.NOT_YET, 0, 0)


def test_a_mistake_beside_another_one_is_still_that_mistake():
    other = Outcome(12345.678, ())
    twice = Result(outcomes=(other, *MISTAKEN.outcomes[1:]))
    found = mark(OWN, twice)
    assert found.mistake == MISTAKE.hint and "That is not all:" in found.lines
    assert mark(OWN, given(lambda logits, targets: 12345.678)).mistake == ""


def test_a_private_check_is_one_whatever_its_hint():
    """It counts only where the exercise is right, and shows no words of its own."""
    silent = Item(PRIVATE.trial, PRIVATE.title, PRIVATE.points, private=True)
    assert mark(silent, MISTAKEN).lines == ("",)
    for item in (PRIVATE, silent):
        own, private = mark_all([(OWN, MISTAKEN), (item, RIGHT)])
        assert (private.state, private.points) == (State.NOT_STARTED, 0)
        own, private = mark_all([(OWN, RIGHT), (item, RIGHT)])
        assert (own.points, private.points, private.lines) == (10, 2.5, ())


@pytest.mark.parametrize(
    ("reply", "fault", "words"),
    [
        ({"refused": Refusal.UNTOUCHED}, Fault.UNTOUCHED, "three dots"),
        ({"refused": Refusal.NOT_DEFINED}, Fault.STOPPED, "is not defined"),
        ({"refused": Refusal.NOT_A_FUNCTION}, Fault.STOPPED, "has to be a function"),
        ({"stopped": "untouched"}, Fault.STOPPED, "untouched"),
        ({"too_large": "It is too large."}, Fault.STOPPED, "too large"),
    ],
)
def test_a_reply_without_outcomes_has_its_fault(reply, fault, words):
    found = _result(EXERCISE, reply, b"", 3)
    assert found.fault is fault and words in found.words and found.outcomes == ()
    expected = State.NOT_STARTED if fault is Fault.UNTOUCHED else State.NOT_YET
    assert mark(OWN, found).state is expected


@pytest.mark.parametrize("refused", ["right", "", None, ["untouched"], 0, True])
def test_a_refusal_that_no_worker_of_ours_gives_is_no_reply(refused):
    with pytest.raises(ValueError):
        _result(EXERCISE, {"refused": refused}, b"", 3)


def test_a_result_without_words_is_no_reply():
    with pytest.raises(BadFrame):
        _result(EXERCISE, {"stopped": 7}, b"", 3)


def test_only_a_name_that_is_missing_may_come_with_a_later_statement(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    worker = Worker(line=None)
    cell = "a = later\nb = int('NameError')\nc = 4\ndef answer(): return a + b + c"
    planned = worker.plan({"cells": [cell], "names": ["answer"]}, b"")
    places = range(len(planned["statements"]))
    said = [worker.run({"place": place, "limit": 30}, b"") for place in places]
    assert [list(one) for one in said] == [["missing"], ["error"], [], []]
    assert "NameError" in said[1]["error"]


@pytest.mark.parametrize(
    ("python", "unreadable", "told"),
    [("2.7", True, True), ("2.7", False, False), ("", True, False), ("here", True, False)],
)
def test_pythons_that_differ_are_named_where_a_cell_is_no_python(
    monkeypatch, python, unreadable, told
):
    class Examined:
        notes = ()

        def __init__(self, cells, trials, launch):
            self.unreadable, self.trials = unreadable, trials

        def run(self):
            return {one.name: RIGHT for one in self.trials}

    monkeypatch.setattr(mark_student, "Examination", Examined)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    cells = ["def cross_entropy(a, b): return a"]
    notebook = mark_student.Readable("a.ipynb", cells, here if python == "here" else python)
    item = Item(Trial("02.1", EXERCISE, SEED), "", 1)
    notes = mark_student.run([notebook], [[item]], None).notes
    assert [f"written with Python 2.7 and is graded with {here}" in one for one in notes] == (
        [True] * told
    )
