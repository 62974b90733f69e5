"""`python -m course site`: run the solved notebooks, and write build/site/."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

from course.book.glossary import PAGE, glossary_page
from course.building.book_pages import CORRECTIONS, INDEX
from course.building.build import BUILDS, CHAPTERS, ROOT, SOLVED, BuildError, notebook, repository
from course.building.chapter import Chapter, ChapterError, read_chapters
from course.building.documents_pages import Place, corrections_page, index_page
from course.building.exercise_cells import refuse_exercises
from course.claims.claim import ClaimError
from course.site.book import make
from course.site.chapter_page import chapter_page, claim_anchor
from course.site.execute import SiteError, executed, fingerprint
from course.site.front_page import front_page, pictures
from course.site.ledger import ledger_page
from utils.assets.cache import AssetError

SITE, WORK = Path("build/site"), Path("build/site-source")


def chosen(chapters: Sequence[Chapter], numbers: str) -> list[Chapter]:
    """The chapters with these numbers, as in "01,02"; all without any.

    SiteError for a number that no chapter has.
    """
    wanted = [one.strip() for one in numbers.split(",") if one.strip()]
    there = [one.number for one in chapters]
    for unknown in (one for one in wanted if one not in there):
        raise SiteError(f"there is no chapter {unknown}; the chapters are {', '.join(there)}")
    return [one for one in chapters if one.number in wanted or not wanted]


def write_source(root: Path, chapters: Sequence[Chapter], address: str) -> Path:
    """What Sphinx makes pages of, in a fresh folder: a notebook for each chapter, first page and
    ledger.
    """
    source, static = root / WORK / "source", root / WORK / "static"
    shutil.rmtree(root / WORK, ignore_errors=True)
    source.mkdir(parents=True)
    static.mkdir()
    measured: dict[str, str] = {}
    wrong: dict[str, str] = {}
    imported = fingerprint()
    for chapter in chapters:
        refuse_exercises(chapter)
        book = notebook(chapter, address, BUILDS[SOLVED], chapters)
        ran = executed(root, chapter.slug, book, imported)
        measured |= ran.metadata.measured
        wrong |= ran.metadata.misfits
        nbformat.write(chapter_page(ran, static), source / f"{chapter.slug}.ipynb")
    front = front_page(root, chapters, address)
    for picture in pictures(front):
        (source / picture).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / picture, source / picture)
    (source / "index.md").write_text(front, encoding="utf-8")
    titles = {chapter.number: chapter.title for chapter in chapters}
    (source / "ledger.md").write_text(ledger_page(measured, wrong, titles), encoding="utf-8")
    shown = measured.keys() - wrong.keys()  # a claim that came out differently has another box
    for name, page in ((INDEX, index_page), (CORRECTIONS, corrections_page)):
        words = page(chapters, lambda id, place: box_link(id, place, id in shown))
        (source / f"{name}.md").write_text(words, encoding="utf-8")
    (source / f"{PAGE}.md").write_text(glossary_page(chapters), encoding="utf-8")
    for id, differs in wrong.items():
        print(
            f"{id} came out differently on this machine, and its box says so: {differs}",
            file=sys.stderr,
        )
    return source


def box_link(id: str, place: Place, shown: bool) -> str:
    """To the box with the verdict on a claim; to its chapter where no such box is shown."""
    anchor = f"#{claim_anchor(id)}" if shown else ""
    number, slug = place.chapter.number, place.chapter.slug
    return f'<a href="{slug}.html{anchor}">{number}, {place.heading}</a>'


def build_site(root: Path, numbers: str = "") -> Path:
    """The whole way; returns the site's folder.

    The old site is replaced only when the new one is finished.
    """
    chapters, address = chosen(read_chapters(root / CHAPTERS), numbers), repository(root)
    source = write_source(root, chapters, address)
    made = root / WORK / "site"
    make(source, root / WORK / "static", made, address)
    shutil.rmtree(root / SITE, ignore_errors=True)
    return made.rename(root / SITE)


def main(numbers: str = "", root: Path = ROOT) -> int:
    """The command: returns 0, or 1 after a sentence on what is wrong."""
    try:
        site = build_site(root, numbers)
    except (SiteError, ChapterError, BuildError, ClaimError, AssetError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    megabytes = sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 1e6
    print(
        f"wrote {SITE.as_posix()} ({megabytes:.1f} MB); open {SITE.as_posix()}/index.html in a "
        "browser"
    )
    return 0
