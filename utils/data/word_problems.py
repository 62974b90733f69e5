"""Variants of the documents' problems, with their numbers known: apples given away and bought, and
products of two numbers of two digits.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

_NAMES = ("John", "Anna", "Peter", "Lucy", "Tom", "Sara", "Ben", "Emma", "Paul", "Nina")
_OTHERS = ("Mary", "David", "Kate", "Max", "Julia", "Leo", "Clara", "Sam", "Ida", "Oscar")
_THINGS = (
    "apples",
    "books",
    "pens",
    "coins",
    "eggs",
    "cards",
    "stamps",
    "shells",
    "cakes",
    "balls",
)
STEP_BY_STEP = " Let's think step by step."


@dataclass(frozen=True)
class WordProblem:
    """A question, the numbers in it, and the answer.

    expression: how the answer comes from the numbers, as Python writes it: "5 - 2 + 3".
    """

    question: str
    expression: str
    answer: int


def apple_problems(bought: bool, count: int = 20, seed: int = 0) -> list[WordProblem]:
    """The documents' problem and `count` - 1 with other names, things and numbers. `bought`: the
    longer one, in which some are bought afterwards.
    """
    rng = random.Random(seed)
    problems = [_apples("John", "Mary", "apples", 5 if bought else 3, 2, 3 if bought else 0)]
    while len(problems) < count:
        name, other, thing = rng.choice(_NAMES), rng.choice(_OTHERS), rng.choice(_THINGS)
        has = rng.randint(3, 9)
        more = rng.randint(2, 9) if bought else 0
        problems.append(_apples(name, other, thing, has, rng.randint(1, has - 1), more))
    return problems


def _apples(name: str, other: str, thing: str, has: int, gives: int, more: int) -> WordProblem:
    given = f"If {name} has {has} {thing} and gives {gives} to {other}"
    if more:
        question = f"{given}, then buys {more} more, how many {thing} does {name} have?"
        return WordProblem(question, f"{has} - {gives} + {more}", has - gives + more)
    question = f"{given}, how many {thing} are left?"
    return WordProblem(question, f"{has} - {gives}", has - gives)


def times_problems(count: int = 20, seed: int = 0) -> list[WordProblem]:
    """47 x 23, and `count` - 1 other products of two numbers of two digits, none of them round."""
    rng = random.Random(seed)
    pairs = [(47, 23)]
    while len(pairs) < count:
        x, y = rng.randint(11, 99), rng.randint(11, 99)
        if x % 10 and y % 10:
            pairs.append((x, y))
    return [WordProblem(f"What is {x} × {y}?", f"{x} * {y}", x * y) for x, y in pairs]


def last_number(text: str) -> int | None:
    """The last whole number in a text, which is taken for the answer; None if there is none.

    "1,081" is one number, and "3.0" is 3.
    """
    found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)
    return int(float(found[-1].replace(",", ""))) if found else None


def share_right(answers: Sequence[int | None], problems: Sequence[WordProblem]) -> float:
    """The share of the answers that are right, each for its problem."""
    right = [said == one.answer for said, one in zip(answers, problems, strict=True)]
    return sum(right) / len(right)
