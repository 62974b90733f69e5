"""Whose is it? Read from the name of a file, a folder or a zip, as learning platforms name what
they export.

Moodle       Jane Doe_1234567_assignsubmission_file_/…, or with the file's name right behind
Canvas       doejane_LATE_12345_678901_02_cross_entropy-1.ipynb, doejane_12345_text.html,
             LATE_anon_aB3xY_678901_02_cross_entropy.ipynb where names are hidden
Blackboard   Homework 1_j_doe_attempt_2026-11-02-23-50-10_02_cross_entropy.ipynb
Brightspace  12345-67890 - Jane Doe - Nov 2, 2026 150 PM/…, or with the file's name right behind
Gradescope   submission_98765/…, and beside it submission_metadata.yml with the names
files        jane_02_cross_entropy.ipynb, Jane Doe - 02_cross_entropy.ipynb, jane.ipynb
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from course.grading.handed_in.names import normal, plain

_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d{1,20})_assignsubmission_(?:file|onlinetext)(?:_.*)?", re.DOTALL
)
# A user's name in Canvas has no _digits_ in it: Canvas itself finds the user by them again.
_CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)??(?P<late>LATE_)?(?:(?P<id>\d{2,20})|anon_(?P<anonymous>\w{5}))"
    r"_(?:(?P<attachment>\d{3,20})_.+|text\.html|link\.html)",
    re.DOTALL,
)
_BLACKBOARD = re.compile(r"(?P<name>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:[_.].*)?", re.DOTALL)
_BRIGHTSPACE = re.compile(
    r"(?P<id>\d{1,20})-\d{1,20} - (?P<name>.+?) - (?P<time>\w+\.? \d{1,2}, \d{4} \d{3,4}(?: [AP]M)?)"
    r"(?: - .*)?",
    re.DOTALL,
)
_GRADESCOPE = re.compile(r"submission_(?P<id>\d{1,20})(?:\.\w+)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Owner:
    """A student as a platform names them.

    `when` orders files of one student, where the name tells it. `place` tells people apart whom no
    number does.
    """

    name: str
    platform: str = ""
    id: str = ""
    late: bool = False
    when: str = ""
    mail: str = ""
    place: str = ""

    @property
    def key(self) -> str:
        """Equal for the files of one student and for nobody else's: what was read, letter by
        letter.
        """
        name = "" if self.platform else normal(self.name)
        return "\n".join((self.platform, self.id, self.place, name))


def on_platform(name: str) -> Owner | None:
    """Who handed in what has this name, if it is a name that a platform gives."""
    if found := _MOODLE.fullmatch(name):
        return Owner(plain(found["name"]), "Moodle", found["id"])
    if found := _BRIGHTSPACE.fullmatch(name):
        # the number is not known to be a person's own, so both have to be the same
        name, when = normal(found["name"]), _moment(found["time"])
        return Owner(plain(name), "Brightspace", found["id"], when=when, place=name)
    if found := _BLACKBOARD.fullmatch(name):
        name = normal(found["name"])
        return Owner(plain(name), "Blackboard", when=found["time"], place=name)
    if found := _GRADESCOPE.fullmatch(name):
        return Owner(f"submission {found['id']}", "Gradescope", found["id"])
    if found := _CANVAS.fullmatch(name):
        return _of_canvas(found)
    return None


def _of_canvas(found: re.Match[str]) -> Owner:
    id = found["id"] or f"anon_{found['anonymous']}"
    attachment = (found["attachment"] or "").zfill(20)
    return Owner(plain(found["name"] or id), "Canvas", id, bool(found["late"]), attachment)


def _moment(time: str) -> str:
    """Brightspace's "Nov 2, 2026 150 PM" as text that sorts like the time."""
    month, day, year, clock, *half = time.replace(",", "").split()
    number = next((n for n, name in enumerate(_MONTHS, 1) if month.lower().startswith(name)), 0)
    minutes = int(clock[:-2]) % (12 if half else 24) * 60 + int(clock[-2:])
    minutes += 720 * (half == ["PM"])
    return f"{year}-{number:02d}-{int(day):02d}-{minutes // 60:02d}-{minutes % 60:02d}"


def named_by_file(name: str, slugs: Sequence[str]) -> str:
    """Who a file's name names: what is left of it without a chapter, a copy's number and its end.

    Empty if nothing is left.
    """
    stem = re.sub(r"(?:\.ipynb)?\.\w{1,6}$", "", name)
    for slug in slugs:
        chapter = rf"(?:(?:copy|kopie) (?:of|von) )?{re.escape(slug)}(?:[ _-]*(?:\(\d+\)|copy\d*))*"
        stem = re.sub(rf"[ _-]*{chapter}[ _-]*", "", stem, flags=re.IGNORECASE)
    return stem.strip(" _-")


def of_chapters(slugs: Sequence[str]) -> set[str]:
    """What folders are called that sort files by chapter."""
    return {word.casefold() for slug in slugs for word in (slug, slug[:2], f"chapter {slug[:2]}")}
