"""What a chapter's own code imports: all that an answer in it can rest on."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.building.chapter import Chapter, read_chapters
from course.grading.inside.cells import parse

CHAPTERS = Path(__file__).resolve().parents[2] / "course" / "chapters"


def by_number() -> dict[str, Chapter]:
    """Every chapter by its number, "01"."""
    return {chapter.number: chapter for chapter in read_chapters(CHAPTERS)}


def import_lines(chapter: Chapter) -> Iterator[str]:
    """The import statements of its code cells, in order."""
    for source in chapter.code:
        for node in parse(source).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield ast.unparse(node)


def imported(chapter: Chapter) -> dict[str, Any]:
    """The names that these statements bind, run for real."""
    space: dict[str, Any] = {}
    exec("\n".join(import_lines(chapter)), space)
    return space
