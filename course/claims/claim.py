"""The ledger: what the five source documents say, and whether it holds.

`claims.csv` has a row for each of their claims, `documents.csv` says which documents they are. A
chapter calls `claim("D0-006", loss)`: what was measured is compared with the row's column
`expect` (course/claims/expectation.py has its little language), and a box tells the reader the
verdict, or that this run came out differently.
"""

import csv
import difflib
import io
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from course.claims.expectation import Expectation, parse
from course.lesson.strictness import does_not_fit
from utils.pictures.html_panels import panel, show_html

# Each verdict with its sign and the tone of its panel. The words carry the meaning; sign and colour
# only support them.
VERDICTS = {
    "holds": ("✓", "good"),
    "holds with a correction": ("✎", "note"),
    "wrong": ("✗", "wrong"),
    "outdated": ("↶", "note"),
    "not checkable here": ("?", "plain"),
}
CORRECTED = ("holds with a correction", "wrong", "outdated")


class ClaimError(AssertionError):
    """A claim and what was measured for it do not fit together."""


@dataclass(frozen=True)
class Document:
    """A source document: its short title here, the prefix of its claims' ids, its file name, its
    own first heading.
    """

    title: str
    ids: str
    file: str
    heading: str


@dataclass(frozen=True)
class Claim:
    """One row of the ledger. `document` is a short title, `expect` is empty where no chapter
    measures the claim yet.

    `what`: a few words that say what is measured, "candidates that get a probability"; empty where
        `expect` has names.
    """

    id: str
    chapter: str
    document: str
    section: str
    kind: str
    claim: str
    verdict: str
    correction: str
    source: str
    experiment: str
    expect: str
    what: str = ""

    @property
    def checkable(self) -> bool:
        """Whether a chapter has to measure it: not if the verdict or the plan for its experiment
        says that none can.
        """
        return self.verdict != "not checkable here" and not self.experiment.startswith("[none]")

    @property
    def verdict_in_words(self) -> str:
        """The verdict with its sign."""
        return f"{VERDICTS[self.verdict][0]} {self.verdict}"


def _read(name: str) -> list[dict[str, str]]:
    text = files("course.claims").joinpath(name).read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@cache
def documents() -> dict[str, Document]:
    """The source documents by short title."""
    return {row["title"]: Document(**row) for row in _read("documents.csv")}


@cache
def claims() -> dict[str, Claim]:
    """The whole ledger by id, in the order of the documents."""
    return {row["id"]: Claim(**row) for row in _read("claims.csv")}


def find(id: str) -> Claim:
    """The row with this id. ClaimError names the ids that look like it."""
    if isinstance(id, str) and id in claims():
        return claims()[id]
    near = difflib.get_close_matches(id, claims(), n=3) if isinstance(id, str) else []
    hint = f"did you mean {', '.join(near)}?" if near else "ids look like D0-006"
    raise ClaimError(f"the ledger has no claim {id!r}; {hint}")


measurements: dict[str, str] = {}  # what was measured in this session, in words, by the claim's id
misfits: dict[str, str] = {}  # of these, how one disagrees with the ledger


def _measurement(expected: Expectation, values: tuple[Any, ...]) -> Any:
    """One measurement from the values of a call: by name if the expectation has names and there are
    as many values.
    """
    if len(values) == 1:
        return values[0]
    if len(values) != len(expected.names):
        raise ValueError(f"{len(values)} values were given, for {len(expected.names) or 1}")
    return dict(zip(expected.names, values, strict=True))


def _compared(row: Claim, values: tuple[Any, ...]) -> tuple[str, str]:
    """The measurement in words (empty if it cannot be read), and how it disagrees with the row
    (empty if it agrees).
    """
    if not row.expect:
        return (
            "",
            "nothing stands in the column expect of course/claims/claims.csv; write there what to "
            "expect",
        )
    if not values:
        return "", f"a measurement is needed: claim({row.id!r}, ...), to compare with {row.expect}"
    expected = parse(row.expect)
    try:
        measured = _measurement(expected, values)
        differs = expected.differs(measured)
        return expected.show(measured), differs
    except ValueError as error:
        return "", f"{error}; the ledger expects {row.expect}"


def claim(id: str, *values: Any) -> None:
    """Compare the ledger's verdict on claim `id` with what was measured, and show both in a box.

    values: a number or truth value, as the row's `expect` asks. Where it has names: a mapping from
        name to value, or the values in the order of the names. 0-d tensors and numpy scalars will
        do.
    A measurement that does not fit shows a box that says so, and the notebook goes on. Under the
    tests it raises ClaimError, in a sentence, and so does an unknown id, and a measurement that is
    missing or ill-typed.
    """
    try:
        row = find(id)
    except ClaimError as error:
        does_not_fit("No such claim", (f"{error}.",), error)
        return
    words, differs = _compared(row, values)
    if words:
        measurements[id] = f"{row.what}: {words}" if row.what else words
    if not differs:
        misfits.pop(id, None)
        _show_verdict(row)
        return
    misfits[id] = differs
    lines = (
        f"{row.document} says: {row.claim}",
        f"The ledger says: {row.verdict}. {row.correction}",
        f"Here {differs}.",
    )
    misfit = ClaimError(
        f"{id}: {differs}; mend the measurement, or the row in course/claims/claims.csv"
    )
    does_not_fit(f"{id}: this run came out differently", lines, misfit)


def _show_verdict(row: Claim) -> None:
    lines = {
        f"{row.document} says": row.claim,
        "We measured": measurements[row.id],
        "Correction" if row.verdict in CORRECTED else "Note": row.correction,
    }
    lines = {name: words for name, words in lines.items() if words}
    text = "\n".join(
        [
            f"{row.id} {row.verdict_in_words}",
            *(f"  {name}: {words}" for name, words in lines.items()),
        ]
    )
    said = "<br>".join(f"<b>{escape(name)}:</b> {escape(words)}" for name, words in lines.items())
    sign, tone = VERDICTS[row.verdict]
    verdict = (
        f'<b><span aria-hidden="true">{sign}</span> {escape(row.verdict)}</b> · {escape(row.id)}'
    )
    show_html(panel(f"{verdict}<br>{said}", tone, f"Claim {row.id}: {row.verdict}"), text)
