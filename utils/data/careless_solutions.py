"""Calculations as people write them down: some write each step and slip now and then, some are in a
hurry and write the answer alone.

    rng = random.Random(0)
    problem = LAST_DIGITS.draw(4)(rng)
    solution(LAST_DIGITS, problem, Habits(with_steps=0.6, slips=0.05), rng)    # "7169.", or "9."
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from utils.data.problems_in_steps import (
    Draw,
    Problem,
    last_digits,
    next_digit,
    operations_of,
    totals,
)

END = "."  # a solution ends with it


@dataclass(frozen=True)
class Task:
    """A kind of calculation. `draw(size)` draws one of so many operations (or numbers to add);
    `work_out(question, slips, rng)` writes all its steps, the answer as the last, each wrong with
    the probability `slips`, and the next goes on from the wrong one.
    """

    name: str
    draw: Callable[[int], Draw]
    work_out: Callable[[str, float, random.Random], str]


@dataclass(frozen=True, kw_only=True)
class Habits:
    """`with_steps`: the share of solutions with all steps, the others are the right answer alone.
    `slips`: the share of steps that are wrong.
    """

    with_steps: float
    slips: float = 0.05

    def __post_init__(self) -> None:
        for name, share in (("with_steps", self.with_steps), ("slips", self.slips)):
            if not 0 <= share <= 1:
                raise ValueError(f"{name} is {share}; give a share from 0 to 1.")


def solution(task: Task, problem: Problem, habits: Habits, rng: random.Random) -> str:
    """What one of these people writes behind the question, up to the full stop."""
    if rng.random() < habits.with_steps:
        return task.work_out(problem.question, habits.slips, rng) + END
    return problem.answer + END


def _last_digits_with_slips(question: str, slips: float, rng: random.Random) -> str:
    digit, operations = operations_of(question)
    written = ""
    for operation in operations:
        digit = next_digit(digit, operation)
        if rng.random() < slips:
            digit = rng.randrange(10)
        written += str(digit)
    return written


def _totals_with_slips(question: str, slips: float, rng: random.Random) -> str:
    first, *others = map(int, re.findall(r"\d", question))
    total, written = first, ""
    for number in others:
        total += number
        if rng.random() < slips:
            total += rng.choice((-1, 1))
        written += f"{total:02d}"
    return written


LAST_DIGITS = Task("last digits", last_digits, _last_digits_with_slips)
TOTALS = Task("totals", totals, _totals_with_slips)
