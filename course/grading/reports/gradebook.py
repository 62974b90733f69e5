"""The gradebook as tables (CSV), and as learning platforms import it. No cell starts like a
formula.

A spreadsheet computes a cell that begins with =, +, - or @, even if it is a student's name; such a
cell gets an apostrophe in front, which spreadsheets do not show. In some countries they cut cells
at a semicolon, and wide signs count as well.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from course.grading.assignment import Assignment
from course.grading.handed_in.submissions import Student
from course.grading.marks.mark_student import Marked

Row = tuple[Student, Marked]


def number(points: float) -> str:
    """Points without a needless .0."""
    return f"{points:g}"


def harmless(cell: Any) -> str:
    """A cell's text on one line, that no spreadsheet takes for a formula."""
    text = " ".join(str(cell).split())
    return re.sub(r"""(^|[;"] ?)(?=[=+\-@＝＋－＠])""", r"\1'", text)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def gradebook(rows: Sequence[Row]) -> bytes:
    """One line for each student and exercise, and one for each student's total."""
    head = ["student", "id", "exercise", "title", "points", "of", "state", "late"]
    lines: list[list[Any]] = []
    for student, marked in rows:
        who, late = [student.owner.name, student.owner.id], "late" if student.late else ""
        for one in marked.marks:
            lines.append(
                [*who, one.name, one.title, number(one.points), number(one.most), one.state, late]
            )
        most = sum(one.most for one in marked.marks)
        lines.append([*who, "total", "", number(marked.points), number(most), "", late])
    return table(head, lines)


def by_student(rows: Sequence[Row]) -> bytes:
    """One line for each student, with their points of each exercise; a spreadsheet sees that it is
    UTF-8.
    """
    names = list(dict.fromkeys(one.name for _, marked in rows for one in marked.marks))
    lines = []
    for student, marked in rows:
        points = {one.name: number(one.points) for one in marked.marks}
        who = [student.owner.name, student.owner.id, student.owner.mail]
        late = "late" if student.late else ""
        each = [points.get(name, "") for name in names]
        lines.append([*who, late, *each, number(marked.points)])
    head = ["student", "id", "mail", "late", *names, "total"]
    return "\ufeff".encode() + table(head, lines)


def canvas(assignment: Assignment, rows: Sequence[Row], most: float) -> bytes:
    """For Canvas, Grades > Import: it finds a student by ID.

    The second line says what the assignment is worth.
    """
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.title]
    possible = ["Points Possible", "", "", "", "", number(most)]
    lines = [[one.owner.name, one.owner.id, "", "", "", number(got.points)] for one, got in rows]
    return table(head, [possible, *lines])


def moodle(rows: Sequence[Row], most: float) -> bytes:
    """For Moodle, the assignment's "Upload grading worksheet": it finds a student by the
    participant's number.

    Moodle refuses a table without the column "Last modified (grade)". It is empty, so a grade that
    is there already is replaced only if the teacher says so.
    """
    head = ["Identifier", "Full name", "Status", "Grade", "Maximum Grade"]
    head += ["Last modified (grade)", "Feedback comments"]
    lines = []
    for student, marked in rows:
        who = f"Participant {student.owner.id}" if student.owner.id else ""
        said = "; ".join(f"{one.name}: {one.state}" for one in marked.marks)
        status = "Submitted for grading" + (", late" if student.late else "")
        lines.append(
            [who, student.owner.name, status, number(marked.points), number(most), "", said]
        )
    return table(head, lines)
