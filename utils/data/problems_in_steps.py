"""Calculations with their steps written out, for small models that answer at once, after filler
tokens, or after the steps.

    problem = last_digit_problem("3*7+4*9=")
    problem.question, problem.steps, problem.answer          # "3*7+4*9=", "15", "5"
    completion(problem, "dots")                              # "..5"

Within a task all questions of a size are of the same length, and so are their steps and answers.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from typing import Literal, get_args

Way = Literal["direct", "dots", "steps"]
WAYS: tuple[Way, ...] = get_args(Way)
SYMBOLS = "0123456789+*=."
FACTORS = (3, 7, 9)  # each sends the ten last digits to ten different ones: nothing is forgotten
_OPERATION = re.compile(r"([+*])([0-9])")

Draw = Callable[[random.Random], "Problem"]


@dataclass(frozen=True)
class Problem:
    """A question, the steps on the way, and the answer, as texts of SYMBOLS."""

    question: str
    steps: str
    answer: str


def completion(problem: Problem, way: Way) -> str:
    """What a model of this way writes after the question: the answer alone, or after the steps, or
    after as many dots as the steps have symbols.
    """
    before = {"direct": "", "dots": "." * len(problem.steps), "steps": problem.steps}
    if way not in before:
        raise ValueError(f"the way is {way!r}; give one of {', '.join(before)}.")
    return before[way] + problem.answer


def last_digit_problem(question: str) -> Problem:
    """A calculation from left to right, of which only the last digit is kept: "3*7+4*9=".

    The steps are the last digits after each operation but the last. Raises ValueError for a text
    that is no such calculation.
    """
    start, operations = operations_of(question)
    digits = list(accumulate(operations, next_digit, initial=start))[1:]
    *steps, answer = map(str, digits)
    return Problem(question, "".join(steps), answer)


def last_digit_from(question: str, at: int, digit: int) -> str:
    """The answer if the step number `at` (from 0) had come out as `digit`: what follows from a
    broken step.
    """
    _, operations = operations_of(question)
    if not 0 <= at < len(operations):
        raise ValueError(f"there is no step {at}: give one from 0 to {len(operations) - 1}.")
    *_, last = accumulate(operations[at + 1 :], next_digit, initial=digit)
    return str(last)


def operations_of(question: str) -> tuple[int, list[tuple[str, int]]]:
    """The first number of a calculation, and its operations: "3*7+4=" is 3 and ("*", 7), ("+", 4)."""
    if not re.fullmatch(r"[0-9]([+*][0-9])+=", question):
        raise ValueError(
            f"{question!r:.40} is no calculation of single digits: write one such as 3*7+4*9=, with "
            "+ or * between the digits and = at the end."
        )
    found = _OPERATION.findall(question)
    return int(question[0]), [(sign, int(digit)) for sign, digit in found]


def next_digit(digit: int, operation: tuple[str, int]) -> int:
    """The last digit after an operation: 8 and ("+", 4) make 2."""
    sign, number = operation
    return (digit * number if sign == "*" else digit + number) % 10


def last_digits(operations: int) -> Draw:
    """Draws calculations of so many operations: times 3, 7 or 9, or plus 1 to 9, half of each."""

    def draw(rng: random.Random) -> Problem:
        parts = [str(rng.randrange(10))]
        for _ in range(operations):
            times = rng.random() < 0.5
            parts.append(f"*{rng.choice(FACTORS)}" if times else f"+{rng.randint(1, 9)}")
        return last_digit_problem("".join(parts) + "=")

    return draw


def totals(numbers: int) -> Draw:
    """Draws sums of so many digits, "3+8+5=", with the whole total (two digits) as the answer, and
    the running totals as steps.
    """

    def draw(rng: random.Random) -> Problem:
        terms = [rng.randint(1, 9) for _ in range(numbers)]
        *steps, answer = [f"{total:02d}" for total in list(accumulate(terms))[1:]]
        return Problem("+".join(map(str, terms)) + "=", "".join(steps), answer)

    return draw


def product_problem(x: int, y: int) -> Problem:
    """A product of two numbers of two digits, with the partial products as steps: 47*23= has the
    steps 0940+141= and the answer 1081.
    """
    for number in (x, y):
        if not 10 <= number <= 99:
            raise ValueError(f"{number} was given; give numbers from 10 to 99.")
    tens, units = y // 10 * 10, y % 10
    return Problem(f"{x}*{y}=", f"{x * tens:04d}+{x * units:03d}=", f"{x * y:04d}")


def split_products(left_out: int, seed: int) -> tuple[list[Problem], list[Problem]]:
    """All 8,100 products of two such numbers in an order of chance: those to read, and `left_out`
    that are never read.
    """
    pairs = list(product(range(10, 100), repeat=2))
    random.Random(seed).shuffle(pairs)
    problems = [product_problem(x, y) for x, y in pairs]
    return problems[left_out:], problems[:left_out]


def one_of(problems: Sequence[Problem]) -> Draw:
    """Draws one of these, each as likely as the others."""
    return lambda rng: rng.choice(problems)
