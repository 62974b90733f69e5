"""The teacher's page: `python -m course teacher` writes build/teacher.html.

What is written stands in course/teaching.md. The rest is made from the chapters, the exercises and
course/term: a plan for 14 weeks, what is talked through in each, projects, minutes and points, and
for each exercise the misconceptions that the course knows by name.
"""

import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from course.atomic_file import write_atomically
from course.building.build import CHAPTERS
from course.building.chapter import Chapter, ChapterError, read_chapters
from course.exercises import of_chapter
from course.grading.reports.pages import list_of, page, table
from course.grading.reports.term_page import each_week, planned, project_list, weeks_table
from course.term.plan import TermError

PAGE = Path("build/teacher.html")
WRITTEN = Path(__file__).resolve().parents[2] / "teaching.md"


def _chapters(chapters: Sequence[Chapter]) -> str:
    rows = []
    for one in chapters:
        exercises = of_chapter(one.number)
        points = sum(exercise.minutes for exercise in exercises if exercise.graded)
        rows.append(
            [one.number, escape(one.title), str(one.minutes), str(len(exercises)), str(points)]
        )
    return table(["Chapter", "Title", "Minutes", "Exercises", "Points"], rows, (2, 3, 4))


def _misconceptions(chapters: Sequence[Chapter]) -> str:
    sections = []
    for one in chapters:
        sections.append(f"<h3>Chapter {one.number}: {escape(one.title)}</h3>")
        for exercise in of_chapter(one.number):
            worth = f"{exercise.minutes} points" if exercise.graded else "for practice"
            heading = f"{exercise.id} {exercise.title} ({worth})"
            sections.append(list_of(heading, [wrong.hint for wrong in exercise.wrongs], level=4))
    return "".join(sections)


def written() -> str:
    """The written part as HTML."""
    html: str = MarkdownIt("commonmark").render(WRITTEN.read_text(encoding="utf-8"))
    return html


def teacher_page(root: Path) -> bytes:
    """The whole page."""
    chapters = read_chapters(root / CHAPTERS)
    weeks = planned(chapters)
    minutes = (
        "An exercise has as many points as it is meant to take minutes; a chapter's minutes are "
        "those of its exercises and of reading and running it. What is for practice has no points: "
        "its answer stands in the lesson."
    )
    body = f"{weeks_table(weeks)}{written()}{each_week(weeks)}{project_list(chapters)}"
    body += f"<h2>Minutes and points</h2><p>{minutes}</p>"
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
    except (ChapterError, TermError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {PAGE.as_posix()}")
    return 0
