"""What a packed notebook says of what is graded in it.

At its head, if not all of its exercises are; and in a capstone where the chapter says what of it is
graded when all of it is handed in (the tag `graded`).
"""

from collections.abc import Container

import nbformat

from course.building.chapter import GRADED
from course.building.written_notebook import as_file
from course.exercises import of_chapter
from course.grading.assignment import Assignment

_NOTE = (
    "**This assignment asks for {asked}.** The other exercises of this notebook are for practice, "
    "and give no points."
)
_GRADED = "In this notebook the assignment grades {asked}"
_PARTS = ", and {count}, by the check of its own exercise each: {ids}."
_NO_PARTS = ". None of the parts is graded here, so you need not gather them."


def is_whole(chapter: str, ids: Container[str]) -> bool:
    """Whether all of a chapter's exercises are among these, those for practice too."""
    return all(one.id in ids for one in of_chapter(chapter))


def at_the_head(made: Assignment, slug: str) -> str:
    """Which exercises of a notebook count; empty if all of them do."""
    asked = [one.id for one in made.of(slug)]
    return "" if is_whole(slug[:2], asked) else _NOTE.format(asked=_named(asked))


def with_notes(data: bytes, made: Assignment, slug: str) -> bytes:
    """The notebook with the note below the cell that sets it up, and with what this assignment
    grades where a capstone says what is graded.
    """
    book = nbformat.reads(data.decode(), as_version=4)
    for cell in book.cells:
        if GRADED in cell.metadata.get("tags", ()):
            cell.source = _what_counts(made, slug)
    if note := at_the_head(made, slug):
        book.cells.insert(2, nbformat.v4.new_markdown_cell(note, id="asked-for"))
    return as_file(book)


def _what_counts(made: Assignment, slug: str) -> str:
    parts = made.parts.get(slug, ())
    graded = _GRADED.format(asked=_named([one.id for one in made.of(slug) if one.id not in parts]))
    if not parts:
        return graded + _NO_PARTS
    count = f"{len(parts)} part{'s' if len(parts) > 1 else ''}"
    return graded + _PARTS.format(count=count, ids=", ".join(parts))


def _named(ids: list[str]) -> str:
    return f"exercise{'s' if len(ids) > 1 else ''} {', '.join(ids)}"
