"""What the course itself wrote: its lessons, stubs, answers, and the mistakes that it knows.

Whoever has these lines has them from the course, and from nobody else.
"""

import inspect
import re
from collections.abc import Sequence

from course.building.build import CHAPTERS, ROOT
from course.building.chapter import Chapter, read_chapter
from course.building.exercise_cells import learner_cell, solved_cell
from course.exercises import find, of_chapter
from course.grading.copies.fingerprints import fingerprints
from course.judging.exercise_source import stub
from course.judging.variant import varied


def lesson_cells(slugs: Sequence[str], variant: int) -> set[str]:
    """The code cells of these chapters as learners get them, without spaces."""
    return {re.sub(r"\s+", "", cell) for slug in slugs for cell in _cells(slug, variant)}


def known_prints(slugs: Sequence[str], variant: int) -> set[int]:
    """The fingerprints of lessons, stubs, answers and known mistakes."""
    code = [cell for slug in slugs for cell in _cells(slug, variant)]
    for slug in slugs:
        parts = [varied(find(id), variant) for id in _chapter(slug).parts]
        code += map(stub, parts)
        for exercise in (*of_chapter(slug[:2]), *parts):
            answers = [exercise.reference, *exercise.also_rights]
            answers += [wrong.answer for wrong in exercise.wrongs]
            code += [inspect.getsource(one) for one in answers]
    return {one for text in code for one in fingerprints(text)}


def _chapter(slug: str) -> Chapter:
    return read_chapter(ROOT / CHAPTERS / f"{slug}.md")


def _cells(slug: str, variant: int) -> list[str]:
    found = [cell for cell in _chapter(slug).cells if cell.kind == "code"]
    stubs = [learner_cell(cell, variant=variant) for cell in found]
    return stubs + [solved_cell(cell) for cell in found]
