"""The kinds of prediction: a number, a choice, a ranking. Each reads an answer, shows it, compares
it with the truth.

The sentences are about the guess, never about the person, and say how far off it was: that is what
one learns from.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from course.measured_number import as_number, plain, show_number


class Kind(ABC):
    """What all kinds can do."""

    example: str  # of an answer, as Python

    @abstractmethod
    def read(self, answer: Any) -> Any:
        """The answer as plain data that JSON can hold.

        ValueError, in words for the learner, if it is none.
        """

    def measured(self, truth: Any) -> Any:
        """The truth in the form of an answer.

        ValueError if the run gave nothing that can be compared.
        """
        return self.read(truth)

    def at(self, place: int) -> str:
        """The choice at that place, from 0. ValueError if there is none."""
        raise ValueError(f"choice {place} was given, and this question has no choices")

    @abstractmethod
    def show(self, answer: Any) -> str:
        """An answer in words."""

    @abstractmethod
    def compare(self, answer: Any, truth: Any) -> tuple[str, bool]:
        """A sentence on how the answer and the truth compare, and whether the answer was right."""


class Number(Kind):
    """A number, with a unit or none."""

    example = "0.5"

    def __init__(self, unit: str):
        self.unit = unit

    def read(self, answer: Any) -> int | float:
        """A finite int or float."""
        return as_number(answer)

    def show(self, answer: int | float) -> str:
        """With the unit."""
        return f"{show_number(answer)} {self.unit}".strip()

    def compare(self, answer: int | float, truth: int | float) -> tuple[str, bool]:
        """How far off, as a difference or a factor; within a tenth is right enough for a guess."""
        if show_number(answer) == show_number(truth) or math.isclose(answer, truth, rel_tol=0.02):
            return "Spot on.", True
        smaller, larger = sorted([abs(answer), abs(truth)])
        if answer * truth > 0 and larger >= 2 * smaller:
            size = "large" if abs(answer) > abs(truth) else "small"
            return f"Too {size} by a factor of {show_number(larger / smaller)}.", False
        points = "percentage points" if self.unit == "%" else self.unit
        off = f"too {'high' if answer > truth else 'low'} by {show_number(abs(answer - truth))} {points}".strip()
        close = math.isclose(answer, truth, rel_tol=0.1)
        return (f"Close: {off}.", True) if close else (f"{off.capitalize()}.", False)


class Year(Number):
    """A year. What counts is how many years a guess is off: as shares all years are nearly equal."""

    example = "2020"
    UNIT = "(a year)"

    def __init__(self) -> None:
        super().__init__(self.UNIT)

    def show(self, answer: int | float) -> str:
        """Four digits, without a separator."""
        return f"{answer:.0f}"

    def compare(self, answer: int | float, truth: int | float) -> tuple[str, bool]:
        """How many years off; one year is close."""
        off = round(answer) - round(truth)
        if not off:
            return "Spot on.", True
        said = f"{abs(off)} year{'s' if abs(off) > 1 else ''} too {'late' if off > 0 else 'early'}."
        return (f"Close: {said}", True) if abs(off) == 1 else (f"{said.capitalize()}", False)


def _several(items: Sequence[str], what: str) -> tuple[str, ...]:
    names = tuple(items)
    if isinstance(items, str) or len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"a {what} needs two or more different texts, and got {items!r}")
    return names


class Choice(Kind):
    """One of several texts."""

    def __init__(self, choices: Sequence[str]):
        self.choices = _several(choices, "question with choices")
        self.example = repr(self.choices[0])

    def read(self, answer: Any) -> str:
        """One of the choices."""
        if not isinstance(answer, str) or answer not in self.choices:
            raise ValueError(f"choose one of {', '.join(self.choices)}")
        return answer

    def at(self, place: int) -> str:
        """The choice at that place."""
        if not 0 <= place < len(self.choices):
            raise ValueError(
                f"choice {place} was given, and there are {len(self.choices)}, counted from 0"
            )
        return self.choices[place]

    def measured(self, truth: Any) -> str:
        """The result as text; it may be none of the choices."""
        return str(plain(truth))

    def show(self, answer: str) -> str:
        """As it is."""
        return answer

    def compare(self, answer: str, truth: str) -> tuple[str, bool]:
        """Right or not."""
        if truth not in self.choices:
            return "The result was none of the choices: a surprise for everyone.", False
        return ("Right.", True) if answer == truth else (f"Not this one: it was {truth}.", False)


class Ranking(Kind):
    """Several texts in order, the first on top."""

    def __init__(self, items: Sequence[str]):
        self.items = _several(items, "ranking")
        self.example = repr(list(self.items))

    def read(self, answer: Any) -> list[str]:
        """Every item once, the first on top."""
        given = (
            [item for item in answer if isinstance(item, str)]
            if isinstance(answer, list | tuple)
            else []
        )
        if sorted(given) != sorted(self.items) or len(given) != len(answer):
            raise ValueError(f"give each of {', '.join(self.items)} one place")
        return given

    def measured(self, truth: Any) -> list[str]:
        """The items in order, or a mapping from item to number, whose largest comes first."""
        if not isinstance(truth, Mapping):
            return self.read(truth)
        numbers = {item: as_number(value) for item, value in truth.items()}
        return self.read(sorted(numbers, key=lambda item: -numbers[item]))

    def show(self, answer: list[str]) -> str:
        """With their places."""
        return ", ".join(f"{place}. {item}" for place, item in enumerate(answer, 1))

    def compare(self, answer: list[str], truth: list[str]) -> tuple[str, bool]:
        """Which places agree."""
        agree = [
            str(place)
            for place, pair in enumerate(zip(answer, truth, strict=True), 1)
            if pair[0] == pair[1]
        ]
        if len(agree) == len(truth):
            return "Right, in every place.", True
        if not agree:
            return "No place agrees.", False
        places = (
            f"place {agree[0]}"
            if len(agree) == 1
            else f"places {', '.join(agree[:-1])} and {agree[-1]}"
        )
        return f"{len(agree)} of {len(truth)} places agree: {places}.", False
