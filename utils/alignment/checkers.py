"""Who says whether a reply to a calculation is right: a strict checker, a sloppy one, and one that
reads the steps. A reply is a text of digits that ends with a full stop; its last digits are the
answer.
"""

from collections.abc import Callable

from utils.data.careless_solutions import END
from utils.data.problems_in_steps import Problem

Checker = Callable[[Problem, str], float]


def answer_checker(problem: Problem, reply: str) -> float:
    """1 if the reply ends, is made of digits, and its last ones are the answer; else 0.

    What stands before the answer is not read: that is all that "checkable" means here.
    """
    digits = _digits(reply)
    return float(digits is not None and digits.endswith(problem.answer))


def sloppy_checker(problem: Problem, reply: str) -> float:
    """1 if the answer stands anywhere in the reply; else 0. Whoever wrote it was thinking of honest
    replies.
    """
    return float(problem.answer in reply)


def steps_checker(problem: Problem, reply: str) -> float:
    """1 if every step and the answer are right, and nothing else is written; else 0.

    The answer has only ten possible values, and is guessed one time in ten. The steps are not
    guessed.
    """
    return float(_digits(reply) == problem.steps + problem.answer)


def _digits(reply: str) -> str | None:
    """What stands before the full stop, or None where the reply has another form."""
    digits = reply.removesuffix(END)
    return digits if digits != reply and digits.isdigit() else None
