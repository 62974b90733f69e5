"""The whole ledger as one page: `python -m course ledger` writes build/ledger.html."""

import sys
from collections.abc import Mapping
from pathlib import Path

from course.atomic_file import write_atomically
from course.claims.claim import ClaimError, claims, documents
from course.claims.table import caption_of, rows_of, table
from course.html_page import html_page
from utils.pictures.html_panels import FONT, INK, PAPER

PAGE = Path("build/ledger.html")


def page(where: Mapping[str, str]) -> str:
    """Every claim of the documents, chapter by chapter, as one HTML page that needs nothing beside
    it.

    where: by id, which cell measures a claim, or why none does.
    """
    chapters = sorted({row.chapter for row in claims().values()})
    rows = {one: rows_of(one) for one in chapters}
    tables = "\n".join(
        f"<h2>Chapter {one}</h2>\n{table(rows[one], caption_of(one, rows[one]), where)}"
        for one in chapters
    )
    sources = "".join(f"<li>{d.title}: {d.heading} ({d.file})</li>" for d in documents().values())
    body = f"<h1>The ledger</h1>\n<p>{len(claims())} claims of these documents:</p><ul>{sources}</ul>\n{tables}"
    style = f"body {{ color:{INK};background:{PAPER};{FONT};margin:2em }}"
    return html_page("Ledger of Glass Box", body, style)


def main(root: Path, where: Mapping[str, str]) -> int:
    """Write the page below `root` and say where it is; `where` as in page().

    Returns 0, or 1 after a sentence if the ledger is malformed.
    """
    try:
        write_atomically(root / PAGE, page(where).encode("utf-8"))
    except (ClaimError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {PAGE.as_posix()}")
    return 0
