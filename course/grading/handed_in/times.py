"""When something was handed in, and what says so.

A time without a zone is what a clock on the wall showed: platforms and zips write no zone. Canvas
and Moodle (since 4.0, mod/assign/classes/downloader.php) write the time of the download into their
zips, which says nothing about the hand-in: those times are not taken.
"""

import re
from dataclasses import dataclass
from datetime import datetime

_MOODLE = (  # as its grading worksheet writes "Last modified (submission)", in two kinds of English
    "%A, %d %B %Y, %I:%M %p",
    "%A, %B %d, %Y, %I:%M %p",
)
OF_THE_DOWNLOAD = ("Canvas", "Moodle")
OF_ZIP, OF_FILE = "the zip", "the file"


@dataclass(frozen=True)
class Time:
    """A moment, and what says so, like "Blackboard's file name"."""

    at: datetime
    source: str


def on_a_clock(text: str, source: str) -> Time | None:
    """The time in "2026-11-02-23-50-10"; None where that is none, or what a zip has for want of
    one.
    """
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    try:
        at = datetime(*numbers[:6])  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return Time(at, source) if at.year > 1980 else None


def written_by_hand(text: str) -> datetime:
    """A time as a person or Moodle's worksheet writes it. ValueError says how it should look."""
    for form in _MOODLE:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f'"{text}" is no time: write it like "2026-11-02 20:00", or with its zone, like '
            '"2026-11-02 20:00+01:00".'
        ) from None
