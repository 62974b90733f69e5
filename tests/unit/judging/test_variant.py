"""Exercises with other numbers: another task, another answer, and hints that fit."""

import pytest
import torch

from course.exercises import exercises
from course.judging.exercise_source import reference, stub
from course.judging.judge import State, judge
from course.judging.variant import varied
from course.lesson.check import check

CHANGING = [one for one in exercises().values() if one.constants]
each = pytest.mark.parametrize("exercise", CHANGING, ids=lambda one: one.id)
VARIANTS = range(1, 41)


def test_an_exercise_without_constants_and_variant_0_stay_as_they_are():
    assert varied(exercises()["02.1"], 5) is exercises()["02.1"]
    assert varied(exercises()["02.4"], 0) is exercises()["02.4"]
    assert exercises()["02.4"] in CHANGING


@each
def test_right_and_wrong_answers_of_every_variant(exercise):
    for number in VARIANTS:
        own = varied(exercise, number)
        assert judge(own, own.reference()).state == State.RIGHT
        for wrong in own.wrongs:
            found = judge(own, wrong.answer())
            assert found.lines == (wrong.hint,) and found.mistake == wrong.hint


@each
def test_the_answer_of_one_class_is_wrong_in_another(exercise):
    answers = [varied(exercise, number).reference() for number in VARIANTS]
    right = [
        judge(varied(exercise, number), answer).state == State.RIGHT
        for number in VARIANTS
        for answer in answers[:8]
    ]
    # each answer fits its own class, and a few that drew the same numbers
    assert sum(right) / len(right) < 0.2
    assert all(judge(exercise, answer).state == State.NOT_YET for answer in answers)


def test_the_task_the_answer_and_the_hints_have_the_same_numbers():
    texts = {}
    for number in VARIANTS:
        own = varied(exercises()["02.4"], number)
        words = "".join(stub(own)) + reference(own) + "".join(wrong.hint for wrong in own.wrongs)
        assert (
            "50,000" not in words
            and "50_000" not in words
            and "12.5" not in words
            and "50000" not in words
        )
        texts[stub(own)] = reference(own)
        vocabulary = next(
            new for new in exercises()["02.4"].constants[50_000] if f"{new:,} tokens" in stub(own)
        )
        loss = next(
            new for new in exercises()["02.4"].constants[12.5] if f"loss is {new}." in stub(own)
        )
        assert own.reference() == pytest.approx(
            torch.tensor(loss).double().exp().item() / vocabulary
        )
    assert len(texts) > 10


def test_check_knows_the_variant(capsys):
    own = varied(exercises()["02.4"], 5)
    assert own.call == 'check("02.4", answer_02_4, variant=5)'
    check("02.4", own.reference(), variant=5)
    assert "02.4: right" in capsys.readouterr().out
    check("02.4", own.reference())
    assert "02.4: not yet" in capsys.readouterr().out
