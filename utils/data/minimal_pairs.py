"""Short texts with a right and a wrong end, for models that know English: grammar, facts, logic and
code, twenty of each.

Every right end of one pair is the wrong end of another, or of one like it, so that a model that only
knows which end is commoner gets half of them.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class MinimalPair(NamedTuple):
    """A beginning, and two ends of which the first is right."""

    prompt: str
    right: str
    wrong: str


_SUBJECTS = ("girl", "dog", "teacher", "king", "child", "bird", "farmer", "nurse", "horse", "boy")
_PLURALS = {"child": "children"}
_VERBS = ("walk", "stand", "run", "sing", "eat", "jump", "wait", "work", "play", "sit")
# A place between subject and verb whose number is the other one.
_BETWEEN_SINGULAR, _BETWEEN_PLURAL = "near the trees", "near the tree"

CAPITALS = {
    "France": "Paris",
    "Japan": "Tokyo",
    "Italy": "Rome",
    "Germany": "Berlin",
    "Spain": "Madrid",
    "Russia": "Moscow",
    "China": "Beijing",
    "Egypt": "Cairo",
    "Greece": "Athens",
    "Ireland": "Dublin",
    "Austria": "Vienna",
    "Portugal": "Lisbon",
    "Norway": "Oslo",
    "Cuba": "Havana",
    "Iran": "Tehran",
    "Iraq": "Baghdad",
    "Kenya": "Nairobi",
    "Poland": "Warsaw",
    "Peru": "Lima",
    "England": "London",
}

# A premise, the same turned round, and what follows from each.
_PREMISES = (
    (
        "It rained all night, so in the morning the street was",
        "It had not rained for weeks, so the street was",
        " wet",
        " dry",
    ),
    (
        "The sun had melted the ice, so the lake was",
        "It had been freezing for weeks, so the lake was",
        " open",
        " frozen",
    ),
    (
        "He had eaten nothing for two days. He was",
        "He had just eaten a huge dinner. He was",
        " hungry",
        " full",
    ),
    (
        "She turned the lamp off. Now the room was",
        "She turned the lamp on. Now the room was",
        " dark",
        " bright",
    ),
    (
        "Tom is taller than Ann. So of the two the taller one is",
        "Ann is taller than Tom. So of the two the taller one is",
        " Tom",
        " Ann",
    ),
    (
        "Tom is older than Ann. So of the two the younger one is",
        "Ann is older than Tom. So of the two the younger one is",
        " Ann",
        " Tom",
    ),
    (
        "The red box is empty and the blue box is full. The box with nothing in it is the",
        "The blue box is empty and the red box is full. The box with nothing in it is the",
        " red",
        " blue",
    ),
    (
        "All cats are black. Mimi is a cat. So Mimi is",
        "All cats are white. Mimi is a cat. So Mimi is",
        " black",
        " white",
    ),
    (
        "The door was locked, and nobody could come in. The door was",
        "The door stood wide, and everybody could come in. The door was",
        " closed",
        " open",
    ),
    (
        "If today is Monday, then tomorrow is",
        "If today is Friday, then tomorrow is",
        " Tuesday",
        " Saturday",
    ),
)

_CODE = (
    ("for i in range(10", "for i in [1, 2, 10", "):", "]:"),
    ('print("hello', "print('hello", '")', "')"),
    ("if x == 1", "x = {'a': 1", ":", "}"),
    ("def add(a, b):\n    return a", "def sub(a, b):\n    return a", " + b", " - b"),
    (
        "def larger(a, b):\n    return a if a",
        "def smaller(a, b):\n    return a if a",
        " > b",
        " < b",
    ),
    ("numbers = [1, 2, 3", "numbers = (1, 2, 3", "]", ")"),
    ("import numpy as", "import pandas as", " np", " pd"),
    ("count = 0\ncount", "name = 'Ann'\nname", " += 1", ".upper"),
    ("try:\n    run()\n", "if ready:\n    run()\n", "except", "else"),
    ("x = 3\ny = 4\nprint(x", "x = [3]\ny = 4\nx", " + y)", ".append(y"),
)


def grammar_pairs(between: bool = False) -> list[MinimalPair]:
    """A subject and two forms of a verb: 10 in the singular, 10 in the plural.

    between: with a noun of the other number between subject and verb.
    """
    found = []
    for subject, verb in zip(_SUBJECTS, _VERBS, strict=True):
        many = _PLURALS.get(subject, f"{subject}s")
        one_place = f" {_BETWEEN_SINGULAR}" if between else ""
        many_place = f" {_BETWEEN_PLURAL}" if between else ""
        found.append(MinimalPair(f"Every day the {subject}{one_place}", f" {verb}s", f" {verb}"))
        found.append(MinimalPair(f"Every day the {many}{many_place}", f" {verb}", f" {verb}s"))
    return found


def fact_pairs() -> list[MinimalPair]:
    """A country and its capital, or that of the next country in the list."""
    countries = [*CAPITALS, next(iter(CAPITALS))]
    return [
        MinimalPair(f"The capital of {one} is", f" {CAPITALS[one]}", f" {CAPITALS[other]}")
        for one, other in pairwise(countries)
    ]


def logic_pairs() -> list[MinimalPair]:
    """A premise and what follows from it; then the premise turned round, with the ends the other way."""
    return _both_ways(_PREMISES)


def code_pairs() -> list[MinimalPair]:
    """The beginning of a line of Python and what goes on with it."""
    return _both_ways(_CODE)


def _both_ways(rows: Sequence[tuple[str, str, str, str]]) -> list[MinimalPair]:
    return [
        pair
        for one, other, first, second in rows
        for pair in (MinimalPair(one, first, second), MinimalPair(other, second, first))
    ]
