"""`python -m course format`: the code cells of the chapters as ruff format writes them, in place."""

from __future__ import annotations

from pathlib import Path

from course.atomic_file import write_atomically
from course.building.cell_rules import faults, formatted
from course.building.chapter import Chapter, read_chapter


def tidy(chapter: Chapter) -> str:
    """The chapter's text with its code cells formatted; exercises, which have one line, are left
    alone.
    """
    lines = chapter.path.read_text(encoding="utf-8").split("\n")
    cells = [cell for cell in chapter.cells if cell.kind == "code" and "exercise" not in cell.tags]
    for cell, source in reversed(
        list(zip(cells, formatted([one.source for one in cells]), strict=True))
    ):
        start = cell.line - 1
        lines[start : start + len(cell.source.split("\n"))] = source.split("\n")
    return "\n".join(lines)


def main(folder: Path, numbers: list[str]) -> int:
    """Formats the chapters with these numbers, or all, and prints what else departs from their
    form.

    Returns 0, or 1 if something does.
    """
    wrong = []
    for path in sorted(folder.glob("*.md")):
        if numbers and path.name[:2] not in numbers:
            continue
        new = tidy(read_chapter(path))
        if new != path.read_text(encoding="utf-8"):
            write_atomically(path, new.encode("utf-8"))
            print(f"formatted {path.name}")
        wrong += faults(read_chapter(path))
    print(*wrong, sep="\n")
    return 1 if wrong else 0
