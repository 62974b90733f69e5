"""The path through the course: what each chapter needs, where it leads, and three ways through.

needs.csv has a row for each chapter: those which it rests on (only the nearest: what they need in
turn is understood), and earlier ones that its text names without resting on them. ways.csv has the
ways: `all` stands for every chapter.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol


class PathError(ValueError):
    """The path's files contradict themselves. The message is one sentence."""


class Titled(Protocol):
    """What the path has to know of a chapter. course.building.chapter.Chapter is one."""

    @property
    def number(self) -> str:
        """Two digits."""

    @property
    def slug(self) -> str:
        """The name of its notebook."""

    @property
    def title(self) -> str:
        """As the reader sees it."""

    @property
    def minutes(self) -> int:
        """How long it takes in all."""

    @property
    def reading_minutes(self) -> int:
        """How long it takes without its exercises."""


@dataclass(frozen=True)
class Way:
    """A choice of chapters for a reader's purpose, with or without their exercises."""

    name: str
    purpose: str
    chapters: tuple[str, ...]
    exercises: bool

    def minutes(self, chapters: Iterable[Titled]) -> int:
        """The minutes of those chapters that lie on the way."""
        own = [one for one in chapters if one.number in self.chapters]
        return sum(one.minutes if self.exercises else one.reading_minutes for one in own)

    def steps_over(self) -> dict[str, list[str]]:
        """What the way leaves out though a chapter on it needs it: by that chapter."""
        found = {one: [n for n in needs()[one] if n not in self.chapters] for one in self.chapters}
        return {one: missing for one, missing in found.items() if missing}


def _rows(name: str) -> list[dict[str, str]]:
    text = files("course.book").joinpath(name).read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@cache
def needs() -> Mapping[str, tuple[str, ...]]:
    """For each chapter those that it rests on, nearest only: needs()["10"] == ("09",).

    PathError unless every one of them is an earlier chapter.
    """
    found = {row["chapter"]: tuple(row["needs"].split()) for row in _rows("needs.csv")}
    check_backward(found)
    return found


def check_backward(found: Mapping[str, tuple[str, ...]]) -> None:
    """PathError if a chapter needs itself, a later one, or one that there is not."""
    for chapter, needed in found.items():
        for one in needed:
            if one not in found or one >= chapter:
                raise PathError(
                    f"chapter {chapter} needs {one}, which is not an earlier chapter; mend "
                    "course/book/needs.csv"
                )


@cache
def names() -> Mapping[str, tuple[str, ...]]:
    """For each chapter earlier ones that its text names, though it does not rest on them."""
    return {row["chapter"]: tuple(row["names"].split()) for row in _rows("needs.csv")}


def all_needed(chapter: str) -> set[str]:
    """What a chapter needs, and what that needs in turn, down to the first."""
    found: set[str] = set()
    for one in needs()[chapter]:
        found |= {one} | all_needed(one)
    return found


def leads_to(chapter: str) -> list[str]:
    """The chapters that rest on this one, nearest only."""
    return [later for later, needed in needs().items() if chapter in needed]


@cache
def ways() -> tuple[Way, ...]:
    """The ways through the course. PathError for a chapter that is not there."""
    return tuple(_way(row) for row in _rows("ways.csv"))


def _way(row: Mapping[str, str]) -> Way:
    everything = tuple(needs())
    numbers = everything if row["chapters"] == "all" else tuple(row["chapters"].split())
    for one in numbers:
        if one not in everything:
            raise PathError(f"the way {row['way']!r} has no chapter {one} to go to; mend ways.csv")
    return Way(row["way"], row["for"], numbers, row["exercises"] == "yes")


def path_line(number: str, beside: Iterable[Titled]) -> str:
    """What a chapter needs and where it leads, as a line of Markdown; empty if it is on no path.

    beside: the chapters whose notebooks lie in the same folder. They are linked; of others only
        the number is said, and only where they are needed.
    """
    if number not in needs():
        return ""
    there = {one.number: one for one in beside}
    needed = [_named(one, there) for one in needs()[number]]
    ahead = [_named(one, there) for one in leads_to(number) if one in there]
    first = f"Needs {listed(needed)}." if needed else "Needs no other chapter."
    return f"{first} Leads to {listed(ahead)}." if ahead else first


def _named(number: str, there: Mapping[str, Titled]) -> str:
    if number not in there:
        return f"chapter {number}"
    return f"[{number} {there[number].title}]({there[number].slug}.ipynb)"


def listed(words: list[str]) -> str:
    """Words as a sentence has them: "a", "a and b", "a; b; and c" where they hold commas."""
    if len(words) < 3:
        return " and ".join(words)
    mark = ";" if any("," in word for word in words) else ","
    return f"{f'{mark} '.join(words[:-1])}{mark} and {words[-1]}"


def way_rows(chapters: Iterable[Titled]) -> list[str]:
    """A row of a Markdown table for each way: name, chapters, hours, for whom."""
    there = list(chapters)
    return [_way_row(way, there) for way in ways()]


def _way_row(way: Way, chapters: list[Titled]) -> str:
    there = [one.number for one in chapters]
    own = [one for one in way.chapters if one in there]
    numbers = f"all {len(own)}" if own == there else ", ".join(own)
    over = sorted({one for missing in way.steps_over().values() for one in missing})
    steps = f"; steps over {listed(over)}, which some of these rest on" if over else ""
    minutes = way.minutes(chapters)
    return f"| {way.name} | {numbers} | {minutes:,} | {way.purpose}{steps} |"
