"""The site's first page: what the README says above its first heading, the chapters, and where to
go from there.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from course.book.path import way_rows
from course.book.path_picture import OF_THE_PAGE, path_picture
from course.building.chapter import Chapter

PAGES = ("documents", "corrections", "glossary")  # beside the chapters and the ledger
ARROWS = "An arrow leads from a chapter to one that rests on it. The dots are three ways through."
WAYS = "| Way | Chapters | Minutes | For |\n|---|---|---|---|\n"


def front_page(root: Path, chapters: Sequence[Chapter], address: str) -> str:
    """The page as Markdown.

    Pictures of the README are taken from below `root` by whoever builds the pages.
    """
    opening = (root / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    rows = "\n".join(
        f"| {one.number} | [{one.title}]({one.slug}.ipynb) | {one.minutes} |" for one in chapters
    )
    table = f"| No. | Chapter | Minutes |\n|---|---|---|\n{rows}"
    drawn = path_picture(chapters, OF_THE_PAGE, ".html")
    path = f'<div class="glass-box-path" role="region" aria-label="The path" tabindex="0">{drawn}</div>'
    ways = WAYS + "\n".join(way_rows(chapters))
    ledger = (
        "[The ledger](ledger.md) lists every claim of the documents behind the course, what we "
        "measured, and a verdict. [The index](documents.md) has them in the order of the "
        "documents, [the corrections](corrections.md) by the day since which we say so. "
        "[The glossary](glossary.md) explains the words."
    )
    runs = f"To run, change and break the chapters yourself: [{address.removeprefix('https://')}]({address})."
    slugs = [one.slug for one in chapters]
    toc = "\n".join(["```{toctree}", ":hidden:", *slugs, "ledger", *PAGES, "```"])
    return (
        f"{opening.rstrip()}\n\n## The path\n\n{ARROWS}\n\n{path}\n\n{ways}\n\n"
        f"## Chapters\n\n{table}\n\n{ledger}\n\n{runs}\n\n{toc}\n"
    )


def pictures(markdown: str) -> list[str]:
    """The paths of the pictures that a page shows."""
    return re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", markdown)
