"""The teacher's page: `python -m course teacher` writes build/teacher.html.

What is written stands in course/teaching.md. The rest is made from the chapters and the exercises:
a plan for 14 weeks, minutes and points, and for each exercise the misconceptions that the course
knows by name.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from course.atomic_file import write_atomically
from course.building.build import CHAPTERS
from course.building.chapter import Chapter, ChapterError, read_chapters
from course.exercises import of_chapter
from course.grading.reports.pages import list_of, page, table

PAGE = Path("build/teacher.html")
WEEKS = 14
FREE = {
    7: "Catch up, and a test in the middle of the term",
    14: "Projects are shown, questions for the exam",
}
WRITTEN = Path(__file__).resolve().parents[2] / "teaching.md"


@dataclass(frozen=True)
class Part:
    """A chapter, or one of the equal parts of a chapter that takes several weeks."""

    chapter: Chapter
    place: int = 1
    of: int = 1

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return self.chapter.minutes / self.of

    @property
    def last(self) -> bool:
        """Whether the chapter is done with it."""
        return self.place == self.of

    @property
    def name(self) -> str:
        """For the plan: number, title, and which half it is."""
        half = f", {('first', 'second')[self.place - 1]} half" if self.of == 2 else ""
        return f"{self.chapter.number} {self.chapter.title}{half}"


def _halved(chapters: Sequence[Chapter], weeks: int) -> list[Part]:
    """The chapters in order; where there are fewer than weeks, the longest take two weeks each."""
    longest = sorted(chapters, key=lambda one: -one.minutes)[: max(0, weeks - len(chapters))]
    parts: list[Part] = []
    for one in chapters:
        parts += [Part(one, 1, 2), Part(one, 2, 2)] if one in longest else [Part(one)]
    return parts


def plan(chapters: Sequence[Chapter], weeks: int) -> list[list[Part]]:
    """The parts of each week, in order, so that the longest week is as short as possible."""
    parts = _halved(chapters, weeks)
    minutes = [part.minutes for part in parts]
    bound = max(minutes, default=0)
    while len(split := _filled(minutes, bound)) > weeks:
        bound += 5
    starts = [0]
    for count in split:
        starts.append(starts[-1] + count)
    return [parts[start:end] for start, end in pairwise(starts)]


def _filled(minutes: Sequence[float], bound: float) -> list[int]:
    """How many parts fit into each week, if none may be longer than `bound` minutes."""
    counts: list[int] = []
    left = 0.0
    for one in minutes:
        if counts and one <= left:
            counts[-1] += 1
            left -= one
        else:
            counts.append(1)
            left = bound - one
    return counts


def _weeks(chapters: Sequence[Chapter]) -> str:
    teaching = [week for week in range(1, WEEKS + 1) if week not in FREE]
    planned = dict(zip(teaching, plan(chapters, len(teaching)), strict=False))
    rows = []
    for week in range(1, WEEKS + 1):
        parts = planned.get(week, [])
        done = [part.chapter.number for part in parts if part.last]
        due = [number for number in done if of_chapter(number)]
        spare = "A project, or a chapter once more"
        words = FREE.get(week) or "; ".join(part.name for part in parts) or spare
        minutes = f"{sum(part.minutes for part in parts):.0f}" if parts else ""
        rows.append([str(week), escape(words), minutes, ", ".join(due)])
    return table(["Week", "Lesson", "Minutes", "Assignment"], rows, (0, 2))


def _chapters(chapters: Sequence[Chapter]) -> str:
    rows = []
    for one in chapters:
        exercises = of_chapter(one.number)
        points = sum(exercise.minutes for exercise in exercises)
        rows.append(
            [one.number, escape(one.title), str(one.minutes), str(len(exercises)), str(points)]
        )
    return table(["Chapter", "Title", "Minutes", "Exercises", "Points"], rows, (2, 3, 4))


def _misconceptions(chapters: Sequence[Chapter]) -> str:
    sections = []
    for one in chapters:
        sections.append(f"<h3>Chapter {one.number}: {escape(one.title)}</h3>")
        for exercise in of_chapter(one.number):
            heading = f"{exercise.id} {exercise.title} ({exercise.minutes} points)"
            sections.append(list_of(heading, [wrong.hint for wrong in exercise.wrongs], level=4))
    return "".join(sections)


def written() -> str:
    """The written part as HTML."""
    html: str = MarkdownIt("commonmark").render(WRITTEN.read_text(encoding="utf-8"))
    return html


def teacher_page(root: Path) -> bytes:
    """The whole page."""
    chapters = read_chapters(root / CHAPTERS)
    minutes = (
        "An exercise has as many points as it is meant to take minutes; a chapter's minutes are "
        "those of its exercises and of reading and running it."
    )
    body = f"<h2>Fourteen weeks</h2>{_weeks(chapters)}{written()}<h2>Minutes and points</h2><p>{minutes}</p>"
    known = (
        "These are the mistakes that <code>check</code> and <code>grade</code> recognise, in the "
        "words that learners read. They make good questions for a lesson: who would do it like "
        "this, and why?"
    )
    body += f"{_chapters(chapters)}<h2>Misconceptions, exercise by exercise</h2><p>{known}</p>{_misconceptions(chapters)}"
    return page("Teaching with Glass Box", body)


def main(root: Path) -> int:
    """Write the page below `root` and say where it is. Returns 0, or 1 after a sentence."""
    try:
        write_atomically(root / PAGE, teacher_page(root))
    except (ChapterError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {PAGE.as_posix()}")
    return 0
