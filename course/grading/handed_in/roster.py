"""The class as the teacher or the platform knows it: a CSV file with a line for each student.

    name,id,mail,as,due,handed in
    Jane Doe,1001,jane@school.example,,,
    Joe Doe,1002,joe@school.example,doe_j,2026-11-09 20:00,

Only `name` has to be there. `as` settles what nothing else does: the name or the id that `--dry-run`
shows for what this student handed in; several are parted by a semicolon. `due` is a due date of
this student's own, and `handed in` the time where no file tells it.

What platforms export is a roster too, with the numbers that their importers need: Moodle's grading
worksheet (it also has the times), Canvas's gradebook, and Blackboard's grade centre.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course.grading import csv_file
from course.grading.csv_file import BadTable
from course.grading.handed_in.names import alike, normal, plain
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.times import written_by_hand

# whose table it is: what its columns are called, and what each is here
_PLATFORMS: dict[str, dict[str, str]] = {
    "Moodle": {
        "identifier": "account",
        "full name": "name",
        "id number": "id",
        "email address": "mail",
        "last modified (submission)": "handed in",
    },
    "Canvas": {"student": "name", "id": "account", "sis user id": "id", "sis login id": "mail"},
    "Blackboard": {
        "username": "account",
        "first name": "first",
        "last name": "last",
        "student id": "id",
    },
}
_OWN = {"email": "mail", "e-mail": "mail"}
_NEEDED = {"Moodle": ("identifier", "full name"), "Canvas": ("student", "id")}
_NEEDED |= {"Blackboard": ("username", "last name")}


@dataclass(frozen=True)
class Person:
    """A line of the roster. `account` is what the platform, if it is one's table, knows them by."""

    name: str
    id: str = ""
    mail: str = ""
    handed_in_as: tuple[str, ...] = ()
    platform: str = ""
    account: str = ""
    due: datetime | None = None
    handed_in: datetime | None = None


def load(path: Path) -> list[Person]:
    """The people of this file. BadTable says what is wrong with it."""
    lines = csv_file.rows(path, "roster")
    columns = set(lines[0]) if lines else set()
    fitting = [one for one, needed in _NEEDED.items() if columns >= set(needed)]
    platform = fitting[0] if fitting else ""
    if not platform and "name" not in columns:
        raise BadTable(
            f"The roster {path} needs a first line with the names of its columns, like "
            "name,id,mail, and a line for each student."
        )
    names = _PLATFORMS.get(platform, _OWN)
    people = [_person(_renamed(line, names), platform, path) for line in lines]
    # Canvas has a line that says what each column is worth, and a student to try things with
    people = [one for one in people if not (platform == "Canvas" and not one.account)]
    if not all(one.name for one in people):
        raise BadTable(f"In the roster {path} a line has no name.")
    ids = [one.id for one in people if one.id]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise BadTable(f"In the roster {path} the id {twice[0]} stands in two lines.")
    return people


def _renamed(line: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {names.get(column, column): cell for column, cell in line.items()}


def _person(cells: Mapping[str, str], platform: str, path: Path) -> Person:
    other = (one.strip() for one in cells.get("as", "").split(";"))
    name = cells.get("name") or " ".join((cells.get("first", ""), cells.get("last", "")))
    return Person(
        normal(name.strip()),
        cells.get("id", ""),
        cells.get("mail", ""),
        tuple(normal(one) for one in other if one),
        platform,
        cells.get("account", "").removeprefix("Participant "),
        _time(cells, "due", path),
        _time(cells, "handed in", path),
    )


def _time(cells: Mapping[str, str], column: str, path: Path) -> datetime | None:
    text = cells.get(column, "")
    try:
        return written_by_hand(text) if text not in ("", "-") else None
    except ValueError as error:
        raise BadTable(f"In the roster {path}, column {column}: {error}") from None


def fitting(owner: Owner, people: Iterable[Person]) -> list[Person]:
    """The people of the roster who may be this owner, by the strongest sign that speaks for one:
    what the teacher wrote, the platform's own number, an id, a mail address, a whole name.
    """
    everyone = list(people)
    for sign in (_written, _same_account, _same_id, _same_mail, _same_name):
        if found := [one for one in everyone if sign(owner, one)]:
            return found
    return []


def _written(owner: Owner, person: Person) -> bool:
    return bool({owner.name, normal(owner.id)} & set(person.handed_in_as) - {""})


def _same_account(owner: Owner, person: Person) -> bool:
    return bool(person.account) and (owner.platform, owner.account or owner.name) == (
        person.platform,
        person.account,
    )


def _same_id(owner: Owner, person: Person) -> bool:
    # Moodle's number is one of the hand-in, and of no person
    return bool(person.id) and owner.platform != "Moodle" and person.id in (owner.id, owner.name)


def _same_mail(owner: Owner, person: Person) -> bool:
    mail = person.mail.casefold()
    return bool(mail) and (
        mail == owner.mail.casefold() or owner.name.casefold() in (mail, mail.partition("@")[0])
    )


def _same_name(owner: Owner, person: Person) -> bool:
    """Jane Doe, doejane as Canvas writes her, Doe, Jane, and jane_doe."""
    words = person.name.replace(",", " ").split()
    turned = [words[place:] + words[:place] for place in range(len(words))]
    return alike(owner.name) in {alike("".join(one)) for one in turned}


def shown(person: Person) -> str:
    """The name as a report has it."""
    return plain(person.name)
