"""Marks and comments that the teacher sets by hand, in a file beside the gradebook. They are applied
anew each time, so a regrade does not lose them, and the machine's mark stays visible beside them.

    student,exercise,points,comment
    Jane Doe,02.1,8,"The idea is right, the sum is over the wrong axis."
    1002,late,0,A note from a doctor.
    1003,total,12,As agreed.

A student is named as the gradebook names them, by name, id or mail. `late` are the points that
lateness costs, `total` are those of the whole. Without points, only the comment counts.
"""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from course.grading import csv_file
from course.grading.counted import counted
from course.grading.csv_file import BadTable
from course.grading.handed_in.names import normal
from course.grading.handed_in.submissions import Student
from course.grading.marks.marks import WAITS, Mark
from course.grading.marks.row import Row
from course.judging.judge import State

FILE = "by_hand.csv"
EMPTY = b"student,exercise,points,comment\n"
LATE, TOTAL = "late", "total"


@dataclass(frozen=True)
class Entry:
    """One line of the file. `points`: None if only the comment counts."""

    who: str
    exercise: str
    points: float | None
    comment: str


def load(path: Path) -> list[Entry]:
    """The lines of this file; none if there is no file. BadTable says what is wrong with it."""
    if not path.exists():
        return []
    lines = csv_file.rows(path, "file of marks by hand")
    if lines and not {"student", "exercise", "points"} <= lines[0].keys():
        raise BadTable(f"{path} needs the columns student,exercise,points,comment.")
    return [_entry(line, path) for line in lines]


def _entry(line: dict[str, str], path: Path) -> Entry:
    who, exercise, text = (line.get(name, "") for name in ("student", "exercise", "points"))
    try:
        points = float(text.replace(",", ".")) if text else None
    except ValueError:
        points = -1.0
    if points is not None and not 0 <= points < 1e6:
        raise BadTable(f"{path}: {who}, {exercise}: {text} is no number of points, from 0.")
    return Entry(normal(who.removeprefix("'")), exercise, points, line.get("comment", ""))


def whose(who: str, students: Sequence[Student]) -> Student:
    """The student of this name, id or mail. BadTable if that is nobody, or several."""
    signs = ("name", "id", "mail")
    found = [one for one in students if who in [getattr(one.owner, sign) for sign in signs]]
    found = found or [one for one in students if one.owner.name.casefold() == who.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(one.owner.id for one in found[:5] if one.owner.id)
        more = f": {ids}" if ids else ""
        raise BadTable(f"{len(found)} students are called {who}; give the id{more}.")
    names = [one.owner.name for one in students]
    near = difflib.get_close_matches(who, names, 3, 0.5)
    shown = " or ".join(near) if near else ", ".join(names[:5])
    more = ", …" if not near and len(names) > 5 else ""
    raise BadTable(
        f"There is no student {who}; "
        + (f"is it {shown}?" if near else f"there are {shown}{more}.")
    )


def by_student(
    folder: Path, students: Sequence[Student], names: Collection[str]
) -> dict[str, list[Entry]]:
    """The lines of the file in this folder, by the key of their student.

    names: of the exercises. BadTable names the first line that fits no student or no exercise, or
    is there twice.
    """
    found: dict[str, list[Entry]] = {}
    for one in load(folder / FILE):
        mine = found.setdefault(whose(one.who, students).owner.key, [])
        if one.exercise not in (*names, LATE, TOTAL):
            raise BadTable(
                f"{FILE}: there is no exercise {one.exercise}; there are "
                f"{', '.join((*names, LATE, TOTAL))}."
            )
        if one.exercise in [other.exercise for other in mine]:
            raise BadTable(f"{FILE}: {one.who}, {one.exercise} stands in two lines.")
        mine.append(one)
    return found


def apply(row: Row, entries: Sequence[Entry]) -> Row:
    """The row with what these lines, all of its student, set by hand."""
    for one in entries:
        if one.exercise == LATE:
            points = row.off_by_hand if one.points is None else one.points
            row = replace(row, off_by_hand=points, comment=_joined(row.comment, one.comment))
        elif one.exercise == TOTAL:
            row = replace(row, total_by_hand=one.points, comment=_joined(row.comment, one.comment))
        else:
            row = _with_mark(row, one)
    return row


def _with_mark(row: Row, entry: Entry) -> Row:
    marks = tuple(
        _set(mark, entry) if mark.name == entry.exercise else mark for mark in row.marked.marks
    )
    return replace(row, marked=replace(row.marked, marks=marks))


def _set(mark: Mark, entry: Entry) -> Mark:
    if entry.points is None:
        return replace(mark, comment=entry.comment)
    if mark.state == State.TO_READ:
        state = State.RIGHT if entry.points >= mark.most else State.NOT_YET
        lines = tuple(line for line in mark.lines if line != WAITS)
        return replace(mark, points=entry.points, comment=entry.comment, state=state, lines=lines)
    return replace(mark, points=entry.points, machine=mark.points, comment=entry.comment)


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def remarks(rows: Sequence[Row]) -> list[str]:
    """How many marks are set by hand, and those that are more than the exercise is worth."""
    marks = [(row, one) for row in rows for one in row.marked.marks if one.machine is not None]
    count = sum(len(row.by_hand) for row in rows)
    said = [f"{counted(count, 'mark')} set by hand, in {FILE}."] if count else []
    return said + [
        f"{row.student.owner.name}, {one.name}: {one.points:g} by hand, of {one.most:g}."
        for row, one in marks
        if one.points > one.most
    ]
