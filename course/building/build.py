"""Turn the chapters into notebooks: `python -m course build`, and `python -m course build --check`.

Each course/chapters/NN_slug.md becomes notebooks/NN_slug.ipynb for the learner, and
build/solved/NN_slug.ipynb with the reference answers in place. The same chapters always give the
same bytes. Nothing is read back from a notebook: change the chapter, then build.

An exercise is a code cell of the chapter that the two builds fill differently (exercise_cells.py).
BUILDS is the one place where they part: it says which folder gets which function from a chapter's
cell to the notebook's source.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell

from course.atomic_file import write_atomically
from course.book.glossary import with_terms
from course.book.path import path_line
from course.building.book_pages import book_pages
from course.building.cell_ids import cell_id, cell_ids
from course.building.chapter import (
    EXERCISE,
    LEDGER,
    PAUSE,
    Cell,
    Chapter,
    ChapterError,
    read_chapters,
)
from course.building.chapter_links import with_links
from course.building.exercise_cells import exercise_of, learner_cell, refuse_exercises, solved_cell
from course.building.sittings import how_long, pause_sentences
from course.building.written_notebook import notebook_file
from course.colab import CELL

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = Path("course/chapters")
LEARNER, SOLVED = Path("notebooks"), Path("build/solved")
BRANCH = "main"  # Colab opens a notebook by repository, branch and path

# the key of our own facts in a cell's metadata: its role, and which exercise it is
ABOUT = "glass_box"
SET_UP = "set-up"
ENDING = (
    "`from course import progress`, and `progress()` in a cell of your own, show which exercises of "
    "all chapters you have done."
)
FOLDED = "What the documents say of this, and what we measured"
FOLDED_IN_A_CAPSTONE = "What has to be true here, or a part is wrong"

BUILDS: dict[Path, Callable[[Cell], str]] = {LEARNER: learner_cell, SOLVED: solved_cell}


class BuildError(ValueError):
    """The notebooks cannot be built. The message is one sentence."""


def repository(root: Path) -> str:
    """The course's one address, from pyproject.toml.

    BuildError unless it is a repository on GitHub, as Colab needs.
    """
    if not (root / "pyproject.toml").is_file():
        raise BuildError(
            f"there is no pyproject.toml in {root}; notebooks are built in a clone of the "
            "repository"
        )
    with (root / "pyproject.toml").open("rb") as file:
        urls: dict[str, str] = tomllib.load(file)["project"].get("urls", {})
    address = urls.get("Repository", "").rstrip("/")
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        sentence = f"[project.urls] Repository in pyproject.toml is {address!r}; it has to be https://github.com/owner/name"
        raise BuildError(f"{sentence}, because notebooks link to it for Colab")
    return address


def opening(
    chapter: Chapter, text: str, address: str | None, beside: Iterable[Chapter] = ()
) -> str:
    """A chapter's first text as the learner sees it: with what the front matter says above and
    below, and what the chapter rests on and leads to.

    address: the repository that the links to Colab and Kaggle lead to; None for a notebook without
        such links.
    beside: chapters whose notebooks lie in the same folder.
    """
    link = ""
    if address:
        place = f"{address}/blob/{BRANCH}/{LEARNER.name}/{chapter.slug}.ipynb"
        colab = place.replace("https://github.com", "https://colab.research.google.com/github")
        link = (
            f" [Open in Colab]({colab}); *File > Save a copy in Drive* keeps your work. Or "
            f"[in Kaggle](https://kaggle.com/kernels/welcome?src={place}), with *Settings > Turn on "
            "internet*."
        )
    above = (
        f"# {chapter.number} · {chapter.title}\n\n{how_long(chapter)}{link}\n\n"
        f"{path_line(chapter.number, beside)}\n\n"
        "Run the cells from top to bottom. A `NameError` means that a cell further up has not run "
        "since you opened the "
        "notebook: *Run > Run All Above Selected Cell* runs those, in Colab *Runtime > Run before*."
    )
    if not chapter.mirrors:
        return f"{above}\n\n{text}"
    mirrored = "\n".join(f"- {section}" for section in chapter.mirrors)
    summary = "<summary>Which sections of the documents this chapter mirrors</summary>"
    below = f"<details>{summary}\n\n{mirrored}\n\n</details>"
    return f"{above}\n\n{text}\n\n{below}"


def metadata(cell: Cell) -> dict[str, Any]:
    """What the builder knows of a cell, for whoever reads the notebook; a ledger cell is folded in
    Lab and in Colab.
    """
    found: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
    if exercise := exercise_of(cell):
        found |= {ABOUT: {"role": EXERCISE, "exercise": exercise.id}}
    if LEDGER in cell.tags:
        found |= {ABOUT: {"role": LEDGER}, "jupyter": {"source_hidden": True}, "cellView": "form"}
    return found


def _source(chapter: Chapter, cell: Cell, fill: Callable[[Cell], str]) -> str:
    """The cell's source; a ledger cell gets the title that Colab shows in place of the code."""
    title = FOLDED_IN_A_CAPSTONE if chapter.is_capstone else FOLDED
    return f"# @title {title}\n{fill(cell)}" if LEDGER in cell.tags else fill(cell)


def _texts(chapter: Chapter, slugs: Mapping[str, str], *, terms: bool) -> list[str]:
    """The sources of the chapter's texts, with links to other chapters and to the glossary."""
    texts = [with_links(cell.source, slugs) for cell in chapter.cells if cell.kind == "markdown"]
    return with_terms(texts, chapter.number) if terms else texts


def notebook(
    chapter: Chapter,
    address: str,
    fill: Callable[[Cell], str],
    beside: Iterable[Chapter] = (),
    *,
    linked: bool = True,
) -> bytes:
    """The chapter as a notebook file: opening, the set-up cell, then the other cells through
    `fill`.

    beside: chapters whose notebooks lie in the same folder; where the text names one, it leads
    there.
    linked: whether it leads to what lies beside it in the repository: to the notebook of the same
        name in Colab, to the glossary, and to the progress in all chapters.
    """
    beside = list(beside)
    slugs = {one.number: one.slug for one in beside if one.number != chapter.number}
    cells, sentences = [], iter(pause_sentences(chapter))
    texts = iter(_texts(chapter, slugs, terms=linked))
    for cell, id in zip(chapter.cells, cell_ids(chapter), strict=True):
        new = new_code_cell if cell.kind == "code" else new_markdown_cell
        source = _source(chapter, cell, fill) if cell.kind == "code" else next(texts)
        cells.append(new(source, id=id, metadata=metadata(cell)))
        if PAUSE in cell.tags:
            cells[-1].source += f"\n\n{next(sentences)}"
    if linked and cells[-1].cell_type == "markdown":
        cells[-1].source += f"\n\n{ENDING}"
    cells[0].source = opening(chapter, cells[0].source, address if linked else None, beside)
    set_up = new_code_cell(CELL.format(repository=address), id=cell_id(chapter, SET_UP, 0))
    set_up.metadata = {ABOUT: {"role": SET_UP}}
    cells.insert(1, set_up)
    return notebook_file(cells)


def built(root: Path, folders: list[Path]) -> dict[Path, bytes]:
    """Every notebook of these folders (keys of BUILDS), by its path below `root`.

    Nothing is written.
    """
    chapters, address = read_chapters(root / CHAPTERS), repository(root)
    for chapter in chapters:
        refuse_exercises(chapter)
    return {
        folder / f"{chapter.slug}.ipynb": notebook(chapter, address, BUILDS[folder], chapters)
        for folder in folders
        for chapter in chapters
    }


def left_over(root: Path, folder: Path, expected: dict[Path, bytes]) -> list[Path]:
    """Notebooks named like a chapter's for which there is no chapter.

    A learner's own files have other names.
    """
    found = (path.relative_to(root) for path in sorted((root / folder).glob("*.ipynb")))
    return [
        path
        for path in found
        if re.fullmatch(r"\d\d(_[a-z0-9]+)+\.ipynb", path.name) and path not in expected
    ]


def differences(root: Path) -> list[str]:
    """One sentence for each of the files that the build commits and that is not what it gives."""
    expected = built(root, [LEARNER]) | book_pages(read_chapters(root / CHAPTERS))
    sentences = [
        f"{path.as_posix()} has no chapter any more; delete it"
        for path in left_over(root, LEARNER, expected)
    ]
    for path, data in expected.items():
        if not (root / path).is_file():
            sentences.append(f"{path.as_posix()} is missing; run python -m course build")
        elif (root / path).read_bytes() != data:
            sentences.append(
                f"{path.as_posix()} is not what its chapter gives; edit the chapter and run "
                "python -m course build"
            )
    return sentences


def write(root: Path) -> list[Path]:
    """Write the notebooks that changed and return them.

    In build/solved/, what has no chapter any more is deleted.
    """
    expected = built(root, list(BUILDS)) | book_pages(read_chapters(root / CHAPTERS))
    changed = [
        path
        for path, data in expected.items()
        if not (root / path).is_file() or (root / path).read_bytes() != data
    ]
    for path in changed:
        write_atomically(root / path, expected[path])
    for path in left_over(root, SOLVED, expected):
        (root / path).unlink()
    return changed


def main(argv: list[str], root: Path = ROOT) -> int:
    """The command: builds, or with --check only compares.

    Returns 0, or 1 after a sentence for each thing wrong.
    """
    parser = argparse.ArgumentParser(
        prog="python -m course build", description="Build the notebooks from the chapters."
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail if a notebook is not what its chapter gives",
    )
    check = parser.parse_args(argv).check
    try:
        done, wrong = ([], differences(root)) if check else (write(root), [])
    except (ChapterError, BuildError, OSError) as error:
        done, wrong = [], [str(error)]
    for path in done:
        print(f"built {path.as_posix()}")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0
