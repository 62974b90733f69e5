"""A chapter's claims as one table: what the documents say, what was measured, the verdict."""

from collections import Counter
from collections.abc import Mapping
from html import escape
from types import MappingProxyType

from course.claims.claim import VERDICTS, Claim, ClaimError, claims, measurements, misfits
from course.html_table import Column, Look, html_table
from course.lesson.strictness import does_not_fit
from utils.pictures.html_panels import FONT, TONES, show_html

_TINT, _EDGE = TONES["plain"]
_CELL = (
    f"text-align:left;vertical-align:top;padding:6px;border:1px solid {_EDGE};{FONT};font-size:13px"
)
_HEAD = f"{_CELL};background:{_TINT}"
_LOOK = Look(
    table="border-collapse:collapse;table-layout:fixed;width:100%;min-width:640px;margin:0;"
    "overflow-wrap:anywhere",
    caption=f"caption-side:top;text-align:left;padding:6px 0;color:inherit;{FONT}",
    column_head=_HEAD,
    row_head=f"{_HEAD};font-weight:normal",
    cell=_CELL,
)
_COLUMNS = (
    Column("Document", width=17),
    Column("What it says", width=19),
    Column("What we measured", width=16),
    Column("Verdict", width=13),
    Column("Correction or note", width=20),
    Column("Source", width=15),
)
_NOWHERE: Mapping[str, str] = MappingProxyType({})


def rows_of(chapter: str) -> list[Claim]:
    """The ledger's rows of a chapter ("01"). ClaimError lists the chapters if it has none."""
    rows = [row for row in claims().values() if row.chapter == chapter]
    if not rows:
        chapters = ", ".join(sorted({row.chapter for row in claims().values()}))
        raise ClaimError(f"the ledger has no claims of a chapter {chapter!r}; it has {chapters}")
    return rows


def _measured(row: Claim, where: Mapping[str, str]) -> str:
    if row.id in misfits:
        return f"{measurements.get(row.id, 'nothing')}. This does not fit the verdict: {misfits[row.id]}"
    if row.id in measurements:
        return measurements[row.id]
    if row.id in where:
        return where[row.id]
    if row.verdict == "not checkable here":
        return "not checkable here"
    return "not measured in this run" if row.checkable else "looked up, not measured"


def _entries(row: Claim, where: Mapping[str, str]) -> list[str]:
    """What a row of the table says, column by column."""
    document = f"{row.id}, {row.document}: {row.section}"
    return [
        document,
        row.claim,
        _measured(row, where),
        row.verdict_in_words,
        row.correction or "none",
        row.source,
    ]


def table(rows: list[Claim], caption: str, where: Mapping[str, str] = _NOWHERE) -> str:
    """The rows as an accessible HTML table; `caption` is plain text.

    where: what to say, by id, of claims that were not measured in this run.
    """
    cells = [[escape(words) for words in _entries(row, where)] for row in rows]
    whole = html_table(_COLUMNS, cells, look=_LOOK, caption=caption, row_heads=True)
    # A wide table scrolls inside its own box, which the keyboard can reach.
    box = "overflow-x:auto;padding:4px"
    label = escape(caption.partition(":")[0])
    return f'<div role="region" aria-label="{label}" tabindex="0" style="{box}">{whole}</div>'


def _text(rows: list[Claim], caption: str) -> str:
    def lines(row: Claim) -> str:
        return "\n".join(
            f"  {column.name}: {words}"
            for column, words in zip(_COLUMNS, _entries(row, _NOWHERE), strict=True)
        )

    return "\n".join([caption, *(f"{row.id}\n{lines(row)}" for row in rows)])


def caption_of(chapter: str, rows: list[Claim]) -> str:
    """How many claims a chapter has, by verdict."""
    found = Counter(row.verdict for row in rows)
    counts = ", ".join(f"{verdict}: {found[verdict]}" for verdict in VERDICTS if found[verdict])
    return f"The ledger of chapter {chapter}: {len(rows)} claims ({counts})"


def ledger(chapter: str) -> None:
    """Show what the documents say on a chapter's subject, what was measured in this session, and
    the verdicts.

    Stands in the chapter's last code cell. A chapter that the ledger does not know is told in a
    box; under the tests it raises ClaimError.
    """
    try:
        rows = rows_of(chapter)
    except ClaimError as error:
        does_not_fit("No such chapter", (f"{error}.",), error)
        return
    caption = caption_of(chapter, rows)
    show_html(table(rows, caption), _text(rows, caption))
