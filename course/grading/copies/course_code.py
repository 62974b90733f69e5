"""What the course itself wrote: its lessons, stubs, answers, and the mistakes that it knows.

Whoever has these lines has them from the course, and from nobody else.
"""

import inspect
import re
from collections.abc import Sequence

from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapter
from course.building.exercise_cells import learner_cell, solved_cell
from course.exercises import of_chapter
from course.grading.copies.fingerprints import fingerprints


def lesson_cells(slugs: Sequence[str], variant: int) -> set[str]:
    """The code cells of these chapters as learners get them, without spaces."""
    return {re.sub(r"\s+", "", cell) for slug in slugs for cell in _cells(slug, variant)}


def known_prints(slugs: Sequence[str], variant: int) -> set[int]:
    """The fingerprints of lessons, stubs, answers and known mistakes."""
    code = [cell for slug in slugs for cell in _cells(slug, variant)]
    for slug in slugs:
        for exercise in of_chapter(slug[:2]):
            answers = [exercise.reference, *exercise.also_rights]
            answers += [wrong.answer for wrong in exercise.wrongs]
            code += [inspect.getsource(one) for one in answers]
    return {one for text in code for one in fingerprints(text)}


def _cells(slug: str, variant: int) -> list[str]:
    chapter = read_chapter(ROOT / CHAPTERS / f"{slug}.md")
    found = [cell for cell in chapter.cells if cell.kind == "code"]
    stubs = [learner_cell(cell, variant=variant) for cell in found]
    return stubs + [solved_cell(cell) for cell in found]
