"""How late a hand-in is, and what that costs: by the times that platforms and files tell.

The points taken off are a part of those that were reached, for each day that has begun after the
due date. Within the grace nothing is late; after it, days count from the due date. Nothing is
guessed: where no time is known, nobody is late.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from course.grading.counted import counted
from course.grading.handed_in.submissions import Student
from course.grading.handed_in.times import OF_FILE, OF_ZIP, Time, written_by_hand

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Policy:
    """When a hand-in is late, and what it costs.

    due: with or without a zone; without, it is this machine's.
    grace: minutes. percent: of the points reached, for each day. most: percent, at most.
    """

    due: datetime
    grace: float = 0.0
    percent: float = 0.0
    most: float = 100.0

    def __str__(self) -> str:
        here = self.due.astimezone() if self.due.tzinfo is None else self.due
        zone = "this machine's zone, " if self.due.tzinfo is None else ""
        words = [f"due {here:%Y-%m-%d %H:%M} ({zone}UTC{here:%z})"]
        words += [f"{self.grace:g} minutes of grace"] * bool(self.grace)
        cost = f"{self.percent:g}% of the points reached for each day, at most {self.most:g}%"
        return ", ".join([*words, cost if self.percent else "no points off"])

    def kept(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return vars(self) | {"due": self.due.isoformat()}


def policy(due: str, grace: float, penalty: str) -> Policy:
    """From the command line. ValueError says what does not fit."""
    percent, _, most = penalty.partition(",")
    try:
        found = Policy(written_by_hand(due), grace, float(percent or 0), float(most or 100))
    except ValueError as error:
        why = str(error) if "time" in str(error) else "--penalty is like 10 or 10,50."
        raise ValueError(why) from None
    if not (found.grace >= 0 and 0 <= found.percent <= 100 and 0 <= found.most <= 100):
        raise ValueError("--grace is minutes, from 0; --penalty is percent, from 0 to 100.")
    return found


@dataclass(frozen=True)
class Lateness:
    """How late somebody is.

    at: the time, as text; empty where none is known. source: what says so.
    days: those that have begun since it was due; None without a due date or a time.
    off: the part of the points reached that is taken off, from 0 to 1.
    """

    at: str = ""
    source: str = ""
    days: int | None = None
    off: float = 0.0

    @property
    def words(self) -> str:
        """For a reader: "2 days late"."""
        return f"{counted(self.days, 'day')} late" if self.days else ""


UNKNOWN = Lateness()


def lateness(
    student: Student,
    counted: Collection[int],
    rules: Policy | None,
    not_used: Collection[str] = (),
) -> Lateness:
    """By the latest of the notebooks that count; these are places among the student's notebooks.

    Where none counts, by the latest of all. not_used: sources of times that say nothing.
    """
    found = _handed_in(student, counted)
    if found is None or found.source in not_used:
        return UNKNOWN
    due = student.due or (rules.due if rules else None)
    at = _in_the_zone_of(due, found.at)
    shown = f"{at:%Y-%m-%d %H:%M:%S}" + (f"{at:%z}" if at.tzinfo else "")
    if rules is None or due is None:
        return Lateness(shown, found.source)
    late = at - (due if due.tzinfo else due.astimezone())
    days = math.ceil(late / _DAY) if late > timedelta(minutes=rules.grace) else 0
    return Lateness(shown, found.source, days, min(rules.percent * days, rules.most) / 100)


def _handed_in(student: Student, counted: Collection[int]) -> Time | None:
    if student.handed_in and student.count:
        return Time(student.handed_in, "the roster")
    notebooks = [student.notebooks[place] for place in counted] or student.notebooks
    known = [one.time for one in notebooks if one.time]
    # one that is not known may be the latest
    if not known or len(known) < len(notebooks):
        return None
    return max(known, key=lambda time: time.at.astimezone())


def _in_the_zone_of(due: datetime | None, at: datetime) -> datetime:
    """A clock without a zone goes as that of the due date does."""
    if due is None:
        return at
    if due.tzinfo is None:
        return at.astimezone()
    return at.replace(tzinfo=due.tzinfo) if at.tzinfo is None else at.astimezone(due.tzinfo)


def of_a_copy(students: Collection[Student]) -> list[str]:
    """Which sources tell the time of a download or a copy, and not of a hand-in: zips or files with
    all their times within two minutes, though they are of three students or more.
    """
    found = []
    for source in (OF_ZIP, OF_FILE):
        ats = [max(times) for one in students if (times := _times(one, source))]
        if len(ats) > 2 and max(ats) - min(ats) < timedelta(minutes=2):
            found.append(source)
    return found


def _times(student: Student, source: str) -> list[datetime]:
    known = [one.time for one in student.notebooks if one.time]
    return [time.at.astimezone() for time in known if time.source == source]
