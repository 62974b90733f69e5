"""What a run of `grade` leaves for the next one, in a file of the result folder: the lines of all
students, so that one of them can be graded anew alone; the roster and the rules for late hand-ins,
which nobody has to give again; and the names of the pages, which nobody can guess and which stay
the same.
"""

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from course.atomic_file import write_atomically
from course.grading.handed_in.notebook import Unreadable
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.roster import Person
from course.grading.handed_in.submissions import File, Student
from course.grading.handed_in.times import Time
from course.grading.marks.lateness import Policy
from course.grading.marks.mark_student import Marked
from course.grading.marks.marks import Mark
from course.judging.judge import State

FILE = ".class.json"


@dataclass
class LastRun:
    """`students`: with their marks, as the machine gave them. `pages`: the names of their files, by
    the student's key.
    """

    students: list[tuple[Student, Marked]] = field(default_factory=list)
    policy: Policy | None = None
    pages: dict[str, str] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)

    def page(self, student: Student) -> str:
        """The file of this student's page: their name as far as a file can have it, and what nobody
        can guess.
        """
        key = student.owner.key
        if key not in self.pages:
            # a letter takes up to 4 bytes
            short = re.sub(r"[^\w-]+", "_", student.owner.name).strip("_")[:40] or "student"
            self.pages[key] = f"{short}-{secrets.token_urlsafe(12)}.html"
        return self.pages[key]


Line = TypeVar("Line")


def with_new(
    old: Iterable[tuple[Student, Line]], new: Iterable[tuple[Student, Line]]
) -> list[tuple[Student, Line]]:
    """What belongs to each student, the new one in the place of the old."""
    lines = {student.owner.key: (student, line) for student, line in (*old, *new)}
    return list(lines.values())


def load(folder: Path) -> LastRun:
    """What the last run left in this folder; nothing if there was none, or it cannot be read."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        policy = kept["policy"]
        if policy:
            policy = Policy(**policy | {"due": datetime.fromisoformat(policy["due"])})
        students = [(_student(one["student"]), marked(one["marked"])) for one in kept["students"]]
        people = [_person(one) for one in kept["people"]]
        return LastRun(students, policy, dict(kept["pages"]), people)
    except (OSError, ValueError, LookupError, TypeError):
        return LastRun()


def save(folder: Path, run: LastRun) -> None:
    """Write the file."""
    content = {
        "policy": run.policy.kept() if run.policy else None,
        "pages": run.pages,
        "people": [asdict(one) for one in run.people],
        "students": [
            {"student": _kept(student), "marked": asdict(marked)}
            for student, marked in run.students
        ],
    }
    write_atomically(folder / FILE, json.dumps(content, default=str, indent=1).encode())


def marked(kept: dict[str, Any]) -> Marked:
    """Marks from JSON. LookupError, TypeError or ValueError for what is none."""
    marks = tuple(
        Mark(**one | {"state": State(one["state"]), "lines": tuple(one["lines"])})
        for one in kept["marks"]
    )
    return Marked(marks, tuple(kept["notes"]), kept["seconds"], tuple(kept["counted"]))


def _kept(student: Student) -> dict[str, Any]:
    """All of a student but what is in the files."""
    files = [
        {"parts": one.parts, "when": one.when, "time": asdict(one.time) if one.time else None}
        for one in student.notebooks
    ]
    return vars(student) | {"owner": asdict(student.owner), "notebooks": files}


def _student(kept: dict[str, Any]) -> Student:
    owner = Owner(**kept["owner"] | {"time": _time(kept["owner"]["time"])})
    files = [
        File(tuple(one["parts"]), one["when"], _gone, _time(one["time"]))
        for one in kept["notebooks"]
    ]
    return Student(**kept | {"owner": owner, "notebooks": files} | _times(kept))


def _person(kept: dict[str, Any]) -> Person:
    return Person(**kept | {"handed_in_as": tuple(kept["handed_in_as"])} | _times(kept))


def _times(kept: dict[str, Any]) -> dict[str, datetime | None]:
    """What a roster says of a student."""
    return {
        name: kept[name] and datetime.fromisoformat(kept[name]) for name in ("due", "handed_in")
    }


def _time(kept: dict[str, str] | None) -> Time | None:
    return Time(datetime.fromisoformat(kept["at"]), kept["source"]) if kept else None


def _gone() -> bytes:
    raise Unreadable("it was read in an earlier run")
