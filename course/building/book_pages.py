"""What the build writes beside the chapters' notebooks: pages for reading, and the picture of the
path for the README.

A page is a notebook of texts alone: GitHub, JupyterLab and Colab all show such a one as a page, and
follow a link from a chapter to it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbformat.v4 import new_markdown_cell

from course.book import glossary
from course.book.path_picture import DARK, LIGHT, path_picture
from course.building.chapter import Chapter
from course.building.documents_pages import corrections_page, index_page
from course.building.written_notebook import notebook_file

PICTURES, PAGES = Path("course/pictures"), Path("notebooks")
INDEX, CORRECTIONS = "documents", "corrections"  # the names of the pages


def book_pages(chapters: Sequence[Chapter]) -> dict[Path, bytes]:
    """Every such file, by its path below the repository."""
    return {
        PAGES / f"{INDEX}.ipynb": page_notebook(index_page(chapters)),
        PAGES / f"{CORRECTIONS}.ipynb": page_notebook(corrections_page(chapters)),
        PAGES / f"{glossary.PAGE}.ipynb": page_notebook(
            glossary.glossary_page(chapters), {one.word: one.cell for one in glossary.glossary()}
        ),
        PICTURES / "path_light.svg": path_picture(chapters, LIGHT).encode(),
        PICTURES / "path_dark.svg": path_picture(chapters, DARK).encode(),
    }


def page_notebook(markdown: str, ids: Mapping[str, str] | None = None) -> bytes:
    """A page as a notebook file: a text cell for what stands above the first heading of level 2,
    and one for each of those.

    ids: of the cells to which links lead, by their heading.
    """
    texts = re.split(r"\n\n(?=## )", markdown.strip())
    cells = []
    for place, text in enumerate(texts):
        heading = text.partition("\n")[0].removeprefix("## ")
        digest = hashlib.sha256(f"{place}\0{text}".encode()).hexdigest()[:12]
        cells.append(new_markdown_cell(text, id=(ids or {}).get(heading, digest)))
    return notebook_file(cells)
