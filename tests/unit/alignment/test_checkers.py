"""Checkers of calculations, on replies that were judged by hand."""

import random

import pytest

from utils.alignment.checkers import answer_checker, sloppy_checker, steps_checker
from utils.data.careless_solutions import TOTALS
from utils.data.problems_in_steps import last_digit_problem

PROBLEM = last_digit_problem("3*7+4*9=")  # 21 -> 1, 5, 45 -> 5


@pytest.mark.parametrize(
    ("reply", "answer", "sloppy", "steps"),
    [
        ("155.", 1, 1, 1),
        ("5.", 1, 1, 0),  # no steps
        ("125.", 1, 1, 0),  # a wrong step, the right answer
        ("1555.", 1, 1, 0),  # a step too many
        ("152.", 0, 1, 0),
        ("155", 0, 1, 0),  # does not end
        ("15+5.", 0, 1, 0),  # not made of digits
        ("1234.", 0, 0, 0),
        (".", 0, 0, 0),
        ("", 0, 0, 0),
    ],
)
def test_what_each_pays_for(reply, answer, sloppy, steps):
    found = [check(PROBLEM, reply) for check in (answer_checker, sloppy_checker, steps_checker)]
    assert found == [answer, sloppy, steps]


def test_an_answer_of_two_digits_has_to_be_there_whole():
    problem = TOTALS.draw(4)(random.Random(3))
    assert answer_checker(problem, problem.answer + ".") == 1
    assert answer_checker(problem, problem.answer[-1] + ".") == 0
    assert steps_checker(problem, problem.steps + problem.answer + ".") == 1
