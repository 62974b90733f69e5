"""Variants of the documents' problems, with their numbers known: apples given away and bought, and
products of two numbers of two digits.
"""

import ast
import operator
import random
import re
from collections.abc import Callable, Sequence
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
_EXAMPLES = (
    (
        "If Ann has 6 pears and gives 1 to Bob, then buys 4 more, how many pears does Ann have?",
        "6 - 1 + 4",
    ),
    ("What is 31 × 58?", "31 * 58"),
    (
        "If Max has 8 cups and gives 3 to Jo, then buys 2 more, how many cups does Max have?",
        "8 - 3 + 2",
    ),
)
_SIGNS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


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


_NUMBER = r"(\d+(?:,\d{3})*(?:\.\d+)?)"


def reply_begun(problem: WordProblem, off: int) -> str:
    """The beginning of a reply to a problem of `apple_problems(bought=True)`: its first step, whose
    result is `off` too large, and the next step up to its result.
    """
    pattern = r"If (\w+) has (\d+) (\w+) and gives (\d+) to (\w+), then buys (\d+) more"
    found = re.match(pattern, problem.question)
    if found is None:
        raise ValueError(f"{problem.question!r:.60} is no problem of giving away and buying.")
    name, has, thing, gives, other, more = found.groups()
    left = int(has) - int(gives) + off
    return (
        f"{name} had {has} {thing} and gave {gives} to {other}, so {name} had {has} - {gives} = "
        f"{left} {thing}. Then {name} bought {more} more, so now {name} has"
    )


def final_answer(reply: str, begun: bool = False) -> int | None:
    """The number that a reply gives as its answer; None if there is no number.

    That is the number behind "####" or "answer is" if the reply has one of these, else its last
    one. `begun`: the reply was begun with "The answer is", and its first number is the answer.
    "1,081" is one number, and "3.0" is 3.
    """
    said = re.findall(r"(?:####|[Aa]nswer is:?)[^\d\n]*" + _NUMBER, reply)
    numbers = said[:1] or re.findall(_NUMBER, reply)
    if not numbers:
        return None
    return int(float(numbers[0 if begun else -1].replace(",", "")))


def share_right(answers: Sequence[int | None], problems: Sequence[WordProblem]) -> float:
    """The share of the answers that are right, each for its problem."""
    right = [said == one.answer for said, one in zip(answers, problems, strict=True)]
    return sum(right) / len(right)


def few_shot(problem: WordProblem, calls: bool) -> str:
    """A prompt with three questions that are answered, and this one, which is not. `calls`: the
    answer is a call of a calculator, "calculate(6 - 1 + 4)", in place of a number.
    """
    shown = [
        f"Q: {question}\nA: {f'calculate({expression})' if calls else calculated(expression)}\n"
        for question, expression in _EXAMPLES
    ]
    return "".join(shown) + f"Q: {problem.question}\nA:"


def calculated(expression: str) -> int | None:
    """What a calculator makes of whole numbers with + - * or × between them; None for anything else.

    A text that a model has written is never run: only numbers and these signs are looked at.
    """
    try:
        return _value(ast.parse(expression.strip().replace("×", "*"), mode="eval").body)
    except (SyntaxError, KeyError, TypeError):
        return None


def _value(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.BinOp):
        return _SIGNS[type(node.op)](_value(node.left), _value(node.right))
    raise TypeError(f"{type(node).__name__} is none of the calculator's")


def written_steps(text: str) -> list[tuple[str, int]]:
    """The steps such as "5 - 2 + 3 = 6" that a text contains, each as its left side and its result."""
    found = re.findall(r"(\d+(?: ?[-+*x×] ?\d+)+) ?= ?(\d+)", text)
    return [(left.replace("x", "*"), int(result)) for left, result in found]


def called(text: str) -> int | None:
    """What the calculator gives back for a text that begins with a call of it; None if it does not."""
    found = re.match(r"\s*calculate\(([^()\n]{1,60})\)", text)
    return calculated(found[1]) if found else None
