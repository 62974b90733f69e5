"""The site's first page: what the README says above its first heading, the chapters, and where to
go from there.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from course.building.chapter import Chapter


def front_page(root: Path, chapters: Sequence[Chapter], address: str) -> str:
    """The page as Markdown.

    Pictures of the README are taken from below `root` by whoever builds the pages.
    """
    opening = (root / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    rows = "\n".join(
        f"| {one.number} | [{one.title}]({one.slug}.ipynb) | {one.minutes} |" for one in chapters
    )
    table = f"| No. | Chapter | Minutes |\n|---|---|---|\n{rows}"
    ledger = "[The ledger](ledger.md) lists every claim of the documents behind the course, what we measured, and a verdict."
    runs = f"To run, change and break the chapters yourself: [{address.removeprefix('https://')}]({address})."
    toc = "\n".join(["```{toctree}", ":hidden:", *(one.slug for one in chapters), "ledger", "```"])
    return f"{opening.rstrip()}\n\n## Chapters\n\n{table}\n\n{ledger}\n\n{runs}\n\n{toc}\n"


def pictures(markdown: str) -> list[str]:
    """The paths of the pictures that a page shows."""
    return re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", markdown)
