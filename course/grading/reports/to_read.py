"""The answers in words that wait for the teacher, question by question."""

from collections.abc import Sequence
from html import escape

from course.grading.assignment import Assignment
from course.grading.counted import counted
from course.grading.marks import by_hand
from course.grading.marks.marks import Mark
from course.grading.marks.row import Row
from course.grading.reports.gradebook import number
from course.grading.reports.pages import page
from course.judging.judge import State

FILE = "to_read.html"


def _waits(mark: Mark) -> bool:
    return mark.state == State.TO_READ


def waiting(rows: Sequence[Row]) -> list[str]:
    """How many answers wait. Nothing if none does."""
    count = sum(_waits(mark) for row in rows for mark in row.marked.marks)
    words = f"{counted(count, 'answer')} in words to be read, in {FILE}; without points until then."
    return [words] if count else []


def to_read(assignment: Assignment, rows: Sequence[Row]) -> bytes:
    """The page; empty if nothing waits."""
    parts = []
    for one in assignment.questions:
        waits = [
            (row, mark)
            for row in rows
            for mark in row.marked.marks
            if mark.name == one.id and _waits(mark)
        ]
        if waits:
            head = f"{one.id}, {number(one.points)} points, {len(waits)} to read"
            parts.append(f"<h2>{escape(head)}</h2><p>{escape(one.text)}</p>")
            parts += [_answer(row, mark) for row, mark in waits]
    if not parts:
        return b""
    how = (
        f"<p>Write the points into {by_hand.FILE}, in a line like <code>Jane Doe,Q1,3,Well said."
        "</code>, and grade once more: who has points is not on this page any more.</p>"
    )
    return page(f"{assignment.title}: to be read", how + "".join(parts))


def _answer(row: Row, mark: Mark) -> str:
    owner = row.student.owner
    who = f"{owner.name} ({owner.id})" if owner.id else owner.name
    text = "".join(f"<p>{escape(part)}</p>" for part in mark.lines[1].split("\n\n"))
    return f"<h3>{escape(who)}</h3>{text}"
