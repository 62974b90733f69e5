"""The ids of a chapter's cells in its notebook, by which a link finds one of them."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from course.building.chapter import Chapter


def cell_id(chapter: Chapter, text: str, count: int) -> str:
    """A cell's id: from its own text, so that it stays when other cells change.

    `count` tells equal texts apart.
    """
    digest = hashlib.sha256(f"{text}\0{count}".encode()).hexdigest()
    return f"{chapter.number}-{digest[:12]}"


def cell_ids(chapter: Chapter) -> Iterator[str]:
    """The id of each cell, in order."""
    seen: Counter[tuple[str, str]] = Counter()
    for cell in chapter.cells:
        key = (cell.kind, cell.source)
        seen[key] += 1
        yield cell_id(chapter, "\0".join(key), seen[key])
