"""The gradebook as tables (CSV). No cell starts like a formula.

A spreadsheet computes a cell that begins with =, +, - or @, even if it is a student's name; such a
cell gets an apostrophe in front, which spreadsheets do not show. In some countries they cut cells
at a semicolon, and wide signs count as well.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from course.grading.marks.row import Row
from course.judging.judge import State


def number(points: float) -> str:
    """Points without a needless .0."""
    return f"{points:g}"


def harmless(cell: Any) -> str:
    """A cell's text on one line, that no spreadsheet takes for a formula."""
    text = " ".join(str(cell).split())
    return re.sub(r"""(^|[;"] ?)(?=[=+\-@＝＋－＠])""", r"\1'", text)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, quoted: bool = False) -> bytes:
    """A CSV file. quoted: every cell stands in quotes."""
    text = io.StringIO()
    quotes: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(text, lineterminator="\n", quoting=quotes)
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def gradebook(rows: Sequence[Row]) -> bytes:
    """One line for each student and exercise, and one for each student's total.

    `machine`: what there was before the teacher set points by hand.
    """
    head = ["student", "id", "exercise", "title", "points", "of", "state", "late"]
    lines: list[list[Any]] = []
    for row in rows:
        who = [row.student.owner.name, row.student.owner.id]
        for one in row.marked.marks:
            points = [number(one.points), number(one.most), one.state]
            machine = "" if one.machine is None else number(one.machine)
            lines.append([*who, one.name, one.title, *points, row.late_words, machine, one.comment])
        most = number(sum(one.most for one in row.marked.marks))
        machine = "" if row.total_by_hand is None else number(row.computed)
        total = [number(row.total), most, "", row.late_words, machine, row.comment]
        lines.append([*who, "total", "", *total])
    return table([*head, "machine", "comment"], lines)


def by_student(rows: Sequence[Row]) -> bytes:
    """One line for each student: points of each exercise, when it was handed in and by whose time,
    what lateness costs, and the total. A spreadsheet sees that it is UTF-8.
    """
    names = list(dict.fromkeys(one.name for row in rows for one in row.marked.marks))
    head = ["student", "id", "mail", *names, "sum", "handed in", "time from", "days late"]
    lines = []
    for row in rows:
        points = {
            one.name: one.state if one.state == State.TO_READ else number(one.points)
            for one in row.marked.marks
        }
        owner, late = row.student.owner, row.late
        # Canvas tells that somebody is late, and not how late
        days = row.late_words if late.days is None else late.days
        lines.append(
            [
                *(owner.name, owner.id, owner.mail),
                *(points.get(name, "") for name in names),
                *(number(row.marked.points), late.at, late.source, days),
                *(number(row.off), "; ".join(row.by_hand), number(row.total)),
            ]
        )
    head += ["off for lateness", "set by hand", "total"]
    return "\ufeff".encode() + table(head, lines)
