"""The class as the teacher knows it: a CSV file with a line for each student.

    name,id,mail,as
    Jane Doe,1001,jane@school.example,
    Joe Doe,1002,joe@school.example,doe_j

Only `name` has to be there. `as` settles what nothing else does: the name or the id that `--dry-run`
shows for what this student handed in; several are parted by a semicolon.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course.grading.handed_in.names import alike, normal, plain
from course.grading.handed_in.owners import Owner

_COLUMNS = {
    "name": "name",
    "id": "id",
    "mail": "mail",
    "email": "mail",
    "e-mail": "mail",
    "as": "as",
}


class BadRoster(ValueError):
    """This file is no roster. The message is one sentence."""


@dataclass(frozen=True)
class Person:
    """A line of the roster."""

    name: str
    id: str = ""
    mail: str = ""
    handed_in_as: tuple[str, ...] = ()


def load(path: Path) -> list[Person]:
    """The people of this file. BadRoster says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRoster(f"The roster {path} cannot be read ({error}).") from None
    first = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    head = [_COLUMNS.get(cell.strip().casefold(), "") for cell in next(lines, [])]
    if "name" not in head:
        raise BadRoster(
            f"The roster {path} needs a first line with the names of its columns, like "
            "name,id,mail."
        )
    people = [_person(dict(zip(head, line, strict=False))) for line in lines if any(line)]
    if not all(one.name for one in people):
        raise BadRoster(f"In the roster {path} a line has no name.")
    ids = [one.id for one in people if one.id]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise BadRoster(f"In the roster {path} the id {twice[0]} stands in two lines.")
    return people


def _person(cells: dict[str, str]) -> Person:
    cells = {column: cell.strip() for column, cell in cells.items()}
    other = (one.strip() for one in cells.get("as", "").split(";"))
    names = tuple(normal(one) for one in other if one)
    return Person(normal(cells.get("name", "")), cells.get("id", ""), cells.get("mail", ""), names)


def fitting(owner: Owner, people: Iterable[Person]) -> list[Person]:
    """The people of the roster who may be this owner, by the strongest sign that speaks for one:
    what the teacher wrote, an id, a mail address, a whole name.
    """
    everyone = list(people)
    for sign in (_written, _same_id, _same_mail, _same_name):
        if found := [one for one in everyone if sign(owner, one)]:
            return found
    return []


def _written(owner: Owner, person: Person) -> bool:
    return bool({owner.name, normal(owner.id)} & set(person.handed_in_as) - {""})


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
