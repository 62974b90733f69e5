"""Two pages on the documents behind the course: every section and every claim with the cell that
measures it, and what is corrected, with its date.

Both are Markdown. Where a claim's link leads is the caller's to say: to a notebook for those that
lie beside the chapters, to the very box on the site.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from course.building.cell_ids import cell_ids
from course.building.chapter import LEDGER, Chapter
from course.claims.claim import Claim, claims, documents
from course.claims.outline import Heading, outline
from course.claims.since import corrected, since

_CALL = re.compile(r"""\bclaim\(\s*["'](D\d-\d+)["']""")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_CODE = re.compile(r"^```.*?^```", re.S | re.M)


@dataclass(frozen=True)
class Place:
    """Where a claim is measured: the chapter, the heading above the cell, and the number of the cell
    where to look, counted from 0.
    """

    chapter: Chapter
    heading: str
    cell: int

    @property
    def id(self) -> str:
        """The id of that cell in the chapter's notebook."""
        return [*cell_ids(self.chapter)][self.cell]


# what leads to the place of a claim: its id and the place become a link in Markdown or HTML
Link = Callable[[str, Place], str]


def places(chapters: Iterable[Chapter]) -> dict[str, Place]:
    """Where each claim is measured first, by id."""
    found: dict[str, Place] = {}
    for chapter in chapters:
        heading = chapter.title
        for number, cell in enumerate(chapter.cells):
            if cell.kind == "markdown":
                headings = re.findall(r"^#{2,} (.+)$", _CODE.sub("", cell.source), re.M)
                heading = headings[-1] if headings else heading
            else:
                for id in _CALL.findall(cell.source):
                    found.setdefault(id, Place(chapter, heading, _to_look_at(chapter, number)))
    return found


def _to_look_at(chapter: Chapter, number: int) -> int:
    """The number of the cell that a claim's link leads to: a folded cell shows nothing before it has
    run, so it is the one above it, which measures or says what was measured.
    """
    while number and LEDGER in chapter.cells[number].tags:
        number -= 1
    return number


def reason(row: Claim, written: Iterable[str]) -> str:
    """Why no cell measures a claim; empty if nothing says why, and a cell should.

    written: the numbers of the chapters that there are.
    """
    if row.experiment.startswith("[none]"):
        words = row.experiment.removeprefix("[none]").strip().removeprefix("no cell:").strip()
        return f"no cell: {words}"
    if row.verdict == "not checkable here":
        return f"not checkable here: {row.correction}"
    return "" if row.chapter in written else f"chapter {row.chapter} is not written yet"


def in_words(chapters: Sequence[Chapter]) -> dict[str, str]:
    """For every claim, by id: the chapter and the heading where it is measured, or why it is not."""
    found = places(chapters)
    written = [one.number for one in chapters]
    return {
        id: f"measured in chapter {found[id].chapter.number}, {found[id].heading}"
        if id in found
        else reason(row, written)
        for id, row in claims().items()
    }


def notebook_link(id: str, place: Place) -> str:
    """To the cell in the notebook that lies beside the page, as JupyterLab finds it, with the heading
    above it: elsewhere the link leads to the notebook alone.
    """
    link = f"{place.chapter.slug}.ipynb#cell-id={place.id}"
    return f"[{place.chapter.number}]({link}), {place.heading}"


def plain(text: str) -> str:
    """A text in which Markdown finds no signs of its own, in one line."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return escaped.replace("$", "&#36;")


def index_page(chapters: Sequence[Chapter], link: Link = notebook_link) -> str:
    """Every section of every document in its order, each claim with where it is measured and the
    verdict.
    """
    found = places(chapters)
    written = [one.number for one in chapters]
    parts = [
        "# Index of the documents",
        "Every section of the five documents behind the course, in their own order, and every "
        "claim that the ledger took from it: where it is measured, or why it is not, and the "
        "verdict.",
    ]
    for title, headings in groupby(outline(), key=lambda one: one.document):
        rows = [line for one in headings for line in _section(one, chapters, found, written, link)]
        head = "| Section | Claim | Where | Verdict |\n|---|---|---|---|\n"
        parts += [f"## {title}", plain(documents()[title].heading), head + "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _section(
    one: Heading,
    chapters: Sequence[Chapter],
    found: Mapping[str, Place],
    written: Sequence[str],
    link: Link,
) -> list[str]:
    """A heading's rows: one for each claim, or one that says why it has none."""
    if not one.claims:
        return [f"| {plain(one.words)} | {plain(without_claims(one, chapters))} | | |"]
    rows = []
    for place, row in enumerate(one.claims):
        section = plain(one.words) if place == 0 else ""
        where = link(row.id, found[row.id]) if row.id in found else plain(reason(row, written))
        rows.append(
            f"| {section} | {row.id}: {plain(row.claim)} | {where} | {row.verdict_in_words} |"
        )
    return rows


def without_claims(one: Heading, chapters: Sequence[Chapter]) -> str:
    """What stands beside a heading that has no claims of its own; empty if nothing says why."""
    if one.reason:
        return one.reason
    if one.parts:
        return "its parts follow"
    wanted = {f"{one.document} > {name}" for name in one.names}
    mirrored = [chapter.number for chapter in chapters if wanted & set(chapter.mirrors)]
    return f"no claim of its own; mirrored in chapter {', '.join(mirrored)}" if mirrored else ""


def corrections_page(chapters: Sequence[Chapter], link: Link = notebook_link) -> str:
    """What the documents say and what is right instead, with the source and the day since which
    the course says so; the newest first.
    """
    found = places(chapters)
    rows = sorted(corrected(), key=lambda row: since()[row.id], reverse=True)
    parts = [
        "# Corrections",
        f"{len(rows)} claims of the documents are wrong, outdated, or hold only with a "
        "correction. The day is the one since which the course has had that verdict.",
    ]
    for day, group in groupby(rows, key=lambda row: since()[row.id]):
        head = "| Claim | What is right | Verdict | Source | Where |\n|---|---|---|---|---|\n"
        lines = [_correction(row, found, link) for row in group]
        parts += [f"## Since {day}", head + "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _correction(row: Claim, found: Mapping[str, Place], link: Link) -> str:
    said = f"{row.id}, {row.document}, {plain(row.section)}: {plain(row.claim)}"
    where = link(row.id, found[row.id]) if row.id in found else f"chapter {row.chapter}"
    right, source = plain(row.correction), plain(row.source)
    return f"| {said} | {right} | {row.verdict_in_words} | {source} | {where} |"
