"""A step is overwritten with a wrong digit: does the answer follow it?"""

from collections.abc import Sequence
from typing import NamedTuple

from utils.data.problems_in_steps import Problem, completion, last_digit_from
from utils.training.step_writer import StepWriter


class BrokenAnswer(NamedTuple):
    """What a writer answers after a broken step.

    follows: it is what follows from the broken step; stays: it is what was right before.
    """

    written: str
    follows: bool
    stays: bool


def broken_answers(
    writer: StepWriter, problems: Sequence[Problem], at: int = 0, by: int = 1
) -> list[BrokenAnswer]:
    """What the writer goes on with if its step number `at` (from 0) is one digit too large (or `by`
    so many, 9 and 1 make 0), for last-digit problems of one size; what stands before that step is
    as it should be.

    Raises ValueError if there is no such step, or if it is not broken.
    """
    if by % 10 == 0:
        raise ValueError(f"a digit {by} larger is the same digit: give a number from 1 to 9.")
    steps = len(problems[0].steps)
    if not 0 <= at < steps:
        raise ValueError(f"there is no step {at}: these problems have the steps 0 to {steps - 1}.")
    broken = [(int(problem.steps[at]) + by) % 10 for problem in problems]
    begun = [
        f"{problem.question}{problem.steps[:at]}{digit}"
        for problem, digit in zip(problems, broken, strict=True)
    ]
    left = len(completion(problems[0], "steps")) - at - 1
    found = []
    for problem, digit, rest in zip(problems, broken, writer.write(begun, left), strict=True):
        answer = rest[-1]
        expected = last_digit_from(problem.question, at, digit)
        written = f"{problem.steps[:at]}{digit}{rest}"
        found.append(BrokenAnswer(written, answer == expected, answer == problem.answer))
    return found


def broken_products(writer: StepWriter, problems: Sequence[Problem]) -> list[BrokenAnswer]:
    """What the writer goes on with if the hundreds of its first partial product are one too large
    (9 and 1 make 0, as no digit is carried), for products of two numbers of two digits.
    """
    begun, expected = [], []
    for problem in problems:
        first, second = problem.steps.rstrip("=").split("+")
        broken = f"{first[0]}{(int(first[1]) + 1) % 10}{first[2:]}"
        begun.append(f"{problem.question}{broken}")
        expected.append(f"{int(broken) + int(second):04d}")
    left = len(completion(problems[0], "steps")) - 4
    found = []
    for start, rest, follows, problem in zip(
        begun, writer.write(begun, left), expected, problems, strict=True
    ):
        answer = rest[-4:]
        written = start.partition("=")[2] + rest
        found.append(BrokenAnswer(written, answer == follows, answer == problem.answer))
    return found
