"""An assignment for schools that run nbgrader: the same exercises as its source notebooks, and the
points that its test cells give.

The notebooks follow nbgrader's format (metadata of version 3; `### BEGIN SOLUTION` and `### BEGIN
HIDDEN TESTS`, which nbgrader takes out of what students get:
https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html). A test cell's last value
is its points. There answers run with the course beside them and without our sandbox: who looks for
the answers there finds them. `python -m course grade` is the way that keeps them apart.
"""

import json
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell

from course.building.build import ABOUT
from course.building.written_notebook import as_file
from course.exercises import find
from course.grading.assignment import Assignment
from course.judging.exercise import Exercise
from course.judging.exercise_source import between_marks
from course.judging.judge import State, judge
from course.judging.variant import varied

SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
SETTINGS = "nbgrader"  # the key of its metadata


def points(id: str, answer: Any, of: float, seed: int, variant: int = 0) -> float:
    """`of` if the answer is right on the inputs of this seed, else 0, after saying what to look at."""
    verdict = judge(varied(find(id), variant), answer, seed=seed)
    for line in verdict.lines:
        print(line)
    return of if verdict.state == State.RIGHT else 0


def source_notebook(learners: bytes, made: Assignment) -> bytes:
    """A learner's notebook of the assignment as nbgrader's source: each exercise with its solution
    between marks, and a test cell below it.
    """
    book = nbformat.reads(learners.decode("utf-8"), as_version=4)
    cells = []
    for cell in book.cells:
        cells.append(cell)
        id = cell.metadata.get(ABOUT, {}).get("exercise")
        if id in made.points:
            exercise = varied(find(id), made.variant)
            cell.source = f"{between_marks(exercise, *SOLUTION)}\n\n{exercise.call}"
            cell.metadata[SETTINGS] = _settings(exercise, solution=True)
            cells.append(_test_cell(exercise, made))
    book.cells = cells
    return as_file(book)


def _test_cell(exercise: Exercise, made: Assignment) -> nbformat.NotebookNode:
    most = made.points[exercise.id]
    given = f"{json.dumps(exercise.id)}, {exercise.name}, of={most}, seed={made.seed}"
    if exercise.variant:
        given += f", variant={exercise.variant}"
    begin, end = HIDDEN
    lines = (begin, "from course.grading.nbgrader import points", "", f"points({given})", end)
    cell: nbformat.NotebookNode = new_code_cell("\n".join(lines), id=f"points-of-{_name(exercise)}")
    cell.metadata[SETTINGS] = _settings(exercise, solution=False) | {"points": most}
    return cell


def _settings(exercise: Exercise, *, solution: bool) -> dict[str, Any]:
    """nbgrader's metadata of an answer (`solution`), or of the tests below it."""
    return {
        "schema_version": 3,
        "cell_type": "code",
        "grade_id": f"{'answer' if solution else 'points'}-{_name(exercise)}",
        "solution": solution,
        "grade": not solution,
        "locked": not solution,
        "task": False,
    }


def _name(exercise: Exercise) -> str:
    return exercise.id.replace(".", "-")
