"""How long a chapter takes, in one go or in several sittings, and the sentences that say so.

A sitting ends with a text cell that has the tag `pause`. The minutes of exercises are those that
they declare; the minutes of reading come from the length of the text and of the code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from course.building.chapter import PAUSE, Cell, Chapter, minutes_to_read
from course.building.exercise_cells import exercise_of
from course.exercises import of_chapter

_NUMBERS = {2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class Sitting:
    """What is done in one go: minutes of reading and running, and of exercises."""

    reading: int
    exercises: int
    exercise_count: int

    def __str__(self) -> str:
        if not self.exercise_count:
            return f"{self.reading} minutes to read and run"
        plural = "s" if self.exercise_count > 1 else ""
        return (
            f"{self.reading} minutes to read and run, and {self.exercises} for "
            f"{self.exercise_count} exercise{plural}"
        )


def parts_of(chapter: Chapter) -> list[list[Cell]]:
    """The cells of a chapter, cut behind its pauses."""
    parts: list[list[Cell]] = [[]]
    for cell in chapter.cells:
        parts[-1].append(cell)
        if PAUSE in cell.tags:
            parts.append([])
    return parts


def sittings(chapter: Chapter) -> list[Sitting]:
    """The parts of a chapter between its pauses. Together they take as long as the chapter."""
    parts = parts_of(chapter)
    reading = [minutes_to_read(part) for part in parts[:-1]]
    reading.append(max(5, chapter.reading_minutes - sum(reading)))
    return [_sitting(part, minutes) for part, minutes in zip(parts, reading, strict=True)]


def _sitting(cells: Sequence[Cell], reading: int) -> Sitting:
    found = [exercise for cell in cells if (exercise := exercise_of(cell))]
    return Sitting(reading, sum(one.minutes for one in found), len(found))


def how_long(chapter: Chapter) -> str:
    """The minutes that a chapter takes, in a sentence or two."""
    own = of_chapter(chapter.number)
    whole = Sitting(chapter.reading_minutes, chapter.exercise_minutes, len(own))
    pauses = sum(PAUSE in cell.tags for cell in chapter.cells)
    if not pauses:
        return f"About {whole}."
    count = pauses + 1
    return f"About {whole}, in {_NUMBERS.get(count, count)} sittings."


def pause_sentences(chapter: Chapter) -> list[str]:
    """For each pause of a chapter what lies behind it and what comes until the next one."""
    return [
        f"Up to here it took about {behind}. The next part takes about {ahead}."
        for behind, ahead in pairwise(sittings(chapter))
    ]
