"""The headings of the documents, in their order: outline.csv.

A row says by which names the ledger and the chapters call the section, and why it has none where it
has neither claims nor parts.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from course.claims.claim import Claim, ClaimError, claims


@dataclass(frozen=True)
class Heading:
    """A heading of a document. `level`: 1 is the document's own. `parts`: whether others follow
    below it.
    """

    document: str
    level: int
    words: str
    names: tuple[str, ...]
    reason: str
    parts: bool

    @property
    def claims(self) -> list[Claim]:
        """The ledger's rows of this section, in its order."""
        own = claims().values()
        return [row for row in own if row.document == self.document and row.section in self.names]


@cache
def outline() -> tuple[Heading, ...]:
    """Every heading of every document.

    ClaimError if a section of the ledger stands below none of them, or below two.
    """
    text = files("course.claims").joinpath("outline.csv").read_bytes().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    found = tuple(_heading(row, after) for row, after in zip(rows, [*rows[1:], {}], strict=True))
    check_places(found, claims().values())
    return found


def _heading(row: dict[str, str], after: dict[str, str]) -> Heading:
    level = int(row["level"])
    parts = after.get("document") == row["document"] and int(after["level"]) > level
    names = tuple(name for name in row["names"].split(" | ") if name)
    return Heading(row["document"], level, row["heading"], names, row["reason"], parts)


def check_places(headings: Iterable[Heading], rows: Iterable[Claim]) -> None:
    """ClaimError for the first row of the ledger that has not exactly one heading above it."""
    places = [(one.document, name) for one in headings for name in one.names]
    for row in rows:
        if (count := places.count((row.document, row.section))) != 1:
            raise ClaimError(
                f"{row.id} is in the section {row.section!r}, which {count} headings of "
                f"{row.document} have as a name; it has to be one: mend course/claims/outline.csv"
            )
