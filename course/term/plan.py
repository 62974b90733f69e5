"""The plan of a term: 14 weeks with a lesson of two hours each.

term.csv has a row for each chapter, in the order in which they are taught: which of its sittings
are done in class (`all`, numbers, or none), which are read at home instead, and of what is left,
after which chapter it fits and what it is. Minutes come from the chapters and the exercises.
Sittings are never split; they are laid into the weeks so that neither lessons nor homework differ
more than they must.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from course.book.path import needs
from course.building.chapter import Cell, Chapter
from course.building.exercise_cells import exercise_of
from course.building.sittings import parts_of, sittings
from course.judging.exercise import Exercise

WEEKS = 14
FREE = {
    7: "Catch up, and a test in the middle of the term",
    14: "Projects are shown, questions for the exam",
}
LESSON = 120  # minutes
TALK = 10  # minutes of a lesson that are for its questions: five for each of two
_SPARE = 5  # and that the plan tries to leave free besides
HOMEWORK = 120  # minutes of a week
# A reader alone predicts in a minute; in class two people first have to convince each other.
_PREDICTED_TOGETHER = 2


class TermError(ValueError):
    """The term's files do not fit the chapters. The message is one sentence."""


@dataclass(frozen=True)
class Row:
    """What term.csv says of a chapter.

    in_class, at_home: the numbers of its sittings, from 1; None for all.
    after: the chapter after which what is left fits; empty if nothing is left.
    """

    chapter: str
    in_class: tuple[int, ...] | None
    at_home: tuple[int, ...]
    after: str
    left: str


@dataclass(frozen=True)
class Part:
    """A sitting of a chapter: number `place` of `of`.

    reading: minutes of reading and running, for one reader alone.
    """

    chapter: Chapter
    place: int
    of: int
    reading: int
    predictions: int
    exercises: tuple[Exercise, ...]
    headings: tuple[str, ...]
    in_class: bool = True

    @property
    def lesson(self) -> int:
        """Minutes in class: to read and run it, and to predict together."""
        return self.reading + _PREDICTED_TOGETHER * self.predictions if self.in_class else 0

    @property
    def home(self) -> int:
        """Minutes at home: its exercises, and to read it if that was not done in class."""
        exercises = sum(one.minutes for one in self.exercises)
        return exercises if self.in_class else self.reading + exercises

    @property
    def name(self) -> str:
        """Number and title, and which part of its chapter it is."""
        which = f", part {self.place} of {self.of}" if self.of > 1 else ""
        return f"{self.chapter.number} {self.chapter.title}{which}"


@dataclass(frozen=True)
class Left:
    """What the lessons leave out of a chapter, and where it fits."""

    parts: tuple[Part, ...]
    after: str
    words: str

    @property
    def chapter(self) -> Chapter:
        """The chapter that it is of."""
        return self.parts[0].chapter

    @property
    def minutes(self) -> int:
        """How long it takes alone, with its exercises."""
        return sum(one.home for one in self.parts)


@dataclass(frozen=True)
class Week:
    """A week: what is done in class, and what fits after it for those who want more."""

    number: int
    parts: tuple[Part, ...]
    more: tuple[Left, ...]

    @property
    def lesson(self) -> int:
        """Minutes in class without the questions."""
        return sum(one.lesson for one in self.parts)

    @property
    def home(self) -> int:
        """Minutes at home."""
        return sum(one.home for one in self.parts)

    @property
    def exercises(self) -> list[Exercise]:
        """What is done at home; what is graded of it is handed in."""
        return [exercise for one in self.parts for exercise in one.exercises]


def rows() -> list[Row]:
    """What term.csv says, in the order of the lessons."""
    text = files("course.term").joinpath("term.csv").read_bytes().decode("utf-8")
    return [_row(one) for one in csv.DictReader(io.StringIO(text, newline=""))]


def _row(row: dict[str, str]) -> Row:
    in_class = None if row["class"] == "all" else _numbers(row["class"])
    return Row(row["chapter"], in_class, _numbers(row["home"]), row["after"], row["left"])


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split())


def parts(chapter: Chapter) -> list[Part]:
    """The sittings of a chapter, with what a plan has to know of them."""
    cells = parts_of(chapter)
    return [
        _part(chapter, place, own, len(cells), one.reading)
        for place, (own, one) in enumerate(zip(cells, sittings(chapter), strict=True), 1)
    ]


def _part(chapter: Chapter, place: int, cells: Sequence[Cell], of: int, reading: int) -> Part:
    exercises = tuple(found for cell in cells if (found := exercise_of(cell)))
    code = "\n".join(cell.source for cell in cells if cell.kind == "code")
    texts = "\n".join(cell.source for cell in cells if cell.kind == "markdown")
    lines = [line for line in texts.splitlines() if line.startswith("##")]
    headings = tuple(line.lstrip("#").strip() for line in lines)
    return Part(chapter, place, of, reading, code.count("predict("), exercises, headings)


def divided(chapters: Iterable[Chapter]) -> tuple[list[Part], list[Left]]:
    """What is done in class, in order, and what is left. Rows without their chapter are left out.

    TermError for a chapter without a row, for a sitting that its chapter does not have, for what
    is left without a place, and for a chapter that comes before one that it needs.
    """
    there = {one.number: one for one in chapters}
    found = rows()
    if missing := sorted(there.keys() - {row.chapter for row in found}):
        raise TermError(
            f"course/term/term.csv has no row for chapter {missing[0]}; say there what of it is "
            "done in class, or after which chapter it fits"
        )
    core: list[Part] = []
    left: list[Left] = []
    for row in found:
        if row.chapter in there:
            own, others = _split(row, parts(there[row.chapter]))
            core += own
            left += [Left(tuple(others), row.after, row.left)] if others else []
    check_order(
        [one.chapter.number for one in core], {one.chapter.number: one.after for one in left}
    )
    return core, left


def _split(row: Row, own: list[Part]) -> tuple[list[Part], list[Part]]:
    """The sittings of the core, in class or at home, and the others."""
    in_class = {one.place for one in own} if row.in_class is None else {*row.in_class}
    core = in_class | {*row.at_home}
    if strange := sorted(core - {one.place for one in own}):
        raise TermError(
            f"course/term/term.csv names sitting {strange[0]} of chapter {row.chapter}, which has "
            f"{len(own)}: mend the row"
        )
    found = [replace(one, in_class=one.place in in_class) for one in own]
    others = [replace(one, in_class=False) for one in own if one.place not in core]
    if others and not (row.after and row.left):
        raise TermError(
            f"course/term/term.csv leaves out a part of chapter {row.chapter}: say in `left` what "
            "it is, and in `after` where it fits"
        )
    return [one for one in found if one.place in core], others


def check_order(core: Sequence[str], after: dict[str, str]) -> None:
    """TermError unless each chapter comes after those that it needs.

    core: the chapters of the lessons, in order. after: for a chapter that is left out, wholly or in
    part, the one after which it fits.
    """
    order = list(dict.fromkeys(core))
    # a chapter of which a part is done in class counts from there on
    place = {number: at for at, number in enumerate(order)}
    for number, behind in after.items():
        if behind not in place:
            raise TermError(
                f"what is left of chapter {number} comes after chapter {behind}, which is in no "
                "lesson; mend course/term/term.csv"
            )
    left = {number: place[behind] for number, behind in after.items() if number not in place}
    # after the lesson, so half a step behind it
    when = {number: at + 0.5 for number, at in left.items()} | place
    for number, at in when.items():
        for needed in needs().get(number, ()):
            if needed in when and when[needed] > at:
                raise TermError(
                    f"chapter {number} comes before chapter {needed}, which it needs; mend "
                    "course/term/term.csv"
                )


def balanced(loads: Sequence[tuple[float, float]], weeks: int) -> list[int]:
    """How many parts go into each week, in order. No week is empty if there are enough parts.

    First the minutes beyond what a lesson and a week's homework hold are as few as possible, then the squares of the
    weeks' minutes in class and at home add up to the least.
    loads: minutes of each part, in class and at home.
    """
    weeks = min(weeks, len(loads))
    best: dict[int, _Way] = {0: ((0.0, 0.0), [])}
    for week in range(1, weeks + 1):
        ends = range(week, len(loads) - (weeks - week) + 1)
        best = {end: _cheapest(best, loads, end) for end in ends}
    return best[len(loads)][1]


# for the first parts of a plan: minutes too many, sum of squares; and how many parts each week has
_Way = tuple[tuple[float, float], list[int]]


def _cheapest(before: dict[int, _Way], loads: Sequence[tuple[float, float]], end: int) -> _Way:
    """The best way to let one more week end at part `end`."""
    ways = []
    for start, ((too_many, squares), counts) in before.items():
        if start < end:
            lesson, home = (sum(one) for one in zip(*loads[start:end], strict=True))
            too_many += max(0.0, lesson + TALK + _SPARE - LESSON)
            too_many += max(0.0, home - HOMEWORK)
            ways.append(((too_many, squares + lesson**2 + home**2), [*counts, end - start]))
    return min(ways)


def plan(chapters: Iterable[Chapter]) -> list[Week]:
    """The weeks in which something is taught, in order (see divided for what it refuses)."""
    core, left = divided(chapters)
    numbers = [week for week in range(1, WEEKS + 1) if week not in FREE]
    counts = balanced([(one.lesson, one.home) for one in core], len(numbers))
    last = {one.chapter.number: at for at, one in enumerate(core)}
    weeks = []
    start = 0
    for number, count in zip(numbers, counts, strict=False):
        here = range(start, start + count)
        more = tuple(one for one in left if last[one.after] in here)
        weeks.append(Week(number, tuple(core[start : start + count]), more))
        start += count
    return weeks
