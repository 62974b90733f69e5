"""What is talked through in a lesson: talk.csv has a few questions for each chapter of the core,
each with the section that has its answer and what a good answer holds.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from course.term.plan import Part, TermError, Week


@dataclass(frozen=True)
class Question:
    """A question, the section of the chapter where its answer stands, and what it holds."""

    chapter: str
    section: str
    question: str
    answer: str


def questions() -> list[Question]:
    """All of them, in the order of the chapters."""
    text = files("course.term").joinpath("talk.csv").read_bytes().decode("utf-8")
    return [Question(**row) for row in csv.DictReader(io.StringIO(text, newline=""))]


def of_week(week: Week) -> list[Question]:
    """Those whose sections are read by the end of this week and not before."""
    return [one for one in questions() if any(_stands_in(one, part) for part in week.parts)]


def _stands_in(question: Question, part: Part) -> bool:
    return part.chapter.number == question.chapter and question.section in part.headings


def check_places(weeks: Iterable[Week], chapters: Iterable[str]) -> None:
    """TermError if a question of one of these chapters (numbers) stands in none of the weeks,
    because its section has another name or is left out.
    """
    asked = [question for week in weeks for question in of_week(week)]
    there = set(chapters)
    for one in questions():
        if one.chapter in there and one not in asked:
            raise TermError(
                f"course/term/talk.csv asks about {one.section!r} of chapter {one.chapter}, which "
                "is no section of the lessons; mend the row"
            )
