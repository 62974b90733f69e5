"""The reference answers in the notebooks where they stand: each exercise's cell says "right" in a
kernel.

The solved build differs from the learner's in these cells only, and no other cell rests on them:
test_solved_build.py in the unit tests proves both. So they run with the cells that they rest on,
and nbval runs all others. Each answer runs with what its chapter imports in every run
(tests/unit/exercises); here it meets what the cells above have left, in the chapters that changed
and in two more (course/harness/changed_chapters.py), and in the weekly run in all.
"""

import re

import nbformat
import pytest

from course.building.build import ABOUT, BUILDS, CHAPTERS, ROOT, SOLVED, built
from course.building.cell_slice import rests_on
from course.building.chapter import EXERCISE
from course.harness.changed_chapters import chosen
from course.harness.kernel import CellError
from course.judging.judge import State

LONG = chosen(ROOT).long
NOTEBOOKS = sorted(
    path.stem for path in (ROOT / CHAPTERS).glob("[0-9][0-9]_*.md") if path.stem[:2] in LONG
)
VERDICT = re.compile(r"Exercise (\d\d\.\d+): (\w[\w ]*)")


@pytest.fixture(scope="module")
def solved():
    """The solved notebooks, as the chapters give them."""
    assert SOLVED in BUILDS
    return {
        path.stem: nbformat.reads(data.decode(), as_version=4)
        for path, data in built(ROOT, [SOLVED]).items()
    }


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_reference_answer_is_right_in_its_notebook(name, solved, new_kernel):
    cells = [cell for cell in solved[name].cells if cell.cell_type == "code"]
    about = [cell.metadata.get(ABOUT, {}) for cell in cells]
    exercises = {
        number: one["exercise"] for number, one in enumerate(about) if one.get("role") == EXERCISE
    }
    assert exercises
    wrong = []
    with new_kernel() as at:
        for number in rests_on([cell.source for cell in cells], set(exercises)):
            try:
                said = at.execute(cells[number].source)
            except CellError as error:
                said = str(error)
            if number in exercises and VERDICT.findall(said) != [(exercises[number], State.RIGHT)]:
                wrong.append(f"exercise {exercises[number]}, code cell {number}: {said}")
            elif number not in exercises and said.startswith("the cell that begins"):
                wrong.append(f"code cell {number}, on which exercises rest: {said}")
    assert not wrong, "\n".join(wrong)
