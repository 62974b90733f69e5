"""The exercises of a chapter, for the builder: what stands in the learner's notebook, and what in
the solved one.

In the chapter an exercise is a code cell with the tag `exercise` and one line, exercise("01.1").
The cell becomes the stub, or the reference answer, and the call of check.
"""

import ast
import re
from collections.abc import Callable
from itertools import pairwise

from course.building.chapter import EXERCISE, Cell, Chapter, ChapterError
from course.building.lint import ties_to_answers
from course.exercises import find, of_chapter
from course.judging.exercise import Exercise
from course.judging.exercise_source import reference, stub
from course.judging.variant import varied

_NEEDED = {"check", "hint", "solution"}
# what the text above an exercise says, if an assignment gives no points for it
PRACTICE = "For practice only: the lesson has its answer, so it is not graded."


def _named(cell: Cell) -> Exercise:
    """The exercise that a cell names.

    ValueError, in a sentence, if the cell is anything but its one line.
    """
    match = re.fullmatch(r"""exercise\((["'])(.*)\1\)""", cell.source.strip())
    if not match:
        raise ValueError(
            'a cell with the tag exercise has one line, like exercise("01.1"), and nothing else'
        )
    return find(match[2])


def exercise_of(cell: Cell) -> Exercise | None:
    """The exercise that a cell stands for; None for any other cell."""
    return _named(cell) if EXERCISE in cell.tags else None


def _filled(cell: Cell, write: Callable[[Exercise], str], variant: int = 0) -> str:
    if EXERCISE not in cell.tags:
        return cell.source
    found = varied(_named(cell), variant)
    return f"{write(found)}\n\n{found.call}"


def learner_cell(cell: Cell, variant: int = 0) -> str:
    """The cell in the learner's notebook: an exercise as its stub, everything else as it is."""
    return _filled(cell, stub, variant)


def solved_cell(cell: Cell) -> str:
    """The cell in the solved notebook: an exercise as its reference answer, everything else as it
    is.
    """
    return _filled(cell, reference)


def refuse_exercises(chapter: Chapter) -> None:
    """ChapterError unless the chapter shows each of its exercises once, and nothing else depends on
    their answers.
    """
    shown: list[Exercise] = []
    for above, cell in pairwise(chapter.cells):
        if EXERCISE not in cell.tags:
            continue
        try:
            found = _named(cell)
        except ValueError as error:
            raise ChapterError(chapter.path, cell.line, str(error)) from None
        if found in shown or found not in of_chapter(chapter.number):
            why = (
                "stands here a second time"
                if found in shown
                else f"does not belong to chapter {chapter.number}"
            )
            raise ChapterError(chapter.path, cell.line, f"exercise {found.id} {why}")
        if f"About {found.minutes} minutes." not in above.source:
            needed = (
                f'the text above exercise {found.id} has to say "About {found.minutes} minutes."'
            )
            raise ChapterError(chapter.path, cell.line, needed)
        if (PRACTICE in above.source) == found.graded:
            kind, verb = ("graded", "must not") if found.graded else ("not graded", "has to")
            sentence = f'exercise {found.id} is {kind}: the text above it {verb} say "{PRACTICE}"'
            raise ChapterError(chapter.path, cell.line, sentence)
        shown.append(found)
    for missing in (one for one in of_chapter(chapter.number) if one not in shown):
        sentence = f'exercise {missing.id} has no cell; add one with the tag exercise and exercise("{missing.id}")'
        raise ChapterError(chapter.path, 1, sentence)
    _refuse_names(chapter, [*shown, *_parts(chapter)])
    for fill in (learner_cell, solved_cell):
        _refuse_ties(chapter, fill)


def _parts(chapter: Chapter) -> list[Exercise]:
    """The exercises of other chapters whose answers the chapter puts to use; only a capstone may.

    Their names are the learner's, too: who pastes an answer must find nothing else there.
    """
    if chapter.parts and not chapter.is_capstone:
        sentence = f'own("{chapter.parts[0]}") stands in a chapter that is no capstone'
        raise ChapterError(chapter.path, 1, sentence)
    try:
        return [find(id) for id in chapter.parts]
    except ValueError as error:
        raise ChapterError(chapter.path, 1, str(error)) from None


def _refuse_ties(chapter: Chapter, fill: Callable[[Cell], str]) -> None:
    """Refuse a chapter that does something else for another answer, in the notebook that `fill`
    makes.
    """
    code = [cell for cell in chapter.cells if cell.kind == "code"]
    answers = [position for position, cell in enumerate(code) if EXERCISE in cell.tags]
    for position, phrase in ties_to_answers([fill(cell) for cell in code], answers):
        raise ChapterError(chapter.path, code[position].line, phrase)


def _refuse_names(chapter: Chapter, shown: list[Exercise]) -> None:
    """Refuse a chapter whose other cells use the name of an answer, or that does not import what
    its exercises need.
    """
    imported: set[str] = set()
    for cell in (cell for cell in chapter.cells if cell.kind == "code"):
        if EXERCISE in cell.tags:
            if missing := sorted(_NEEDED - imported):
                needed = f"`from course import {', '.join(missing)}` has to stand in a cell above the first exercise"
                raise ChapterError(chapter.path, cell.line, needed)
            continue
        used, brought = _names(cell.source)
        imported |= brought
        for name in (one.name for one in shown if one.name in used | brought):
            sentence = f"{name} is the learner's answer to an exercise; nothing may depend on it: take another name here"
            raise ChapterError(chapter.path, cell.line, sentence)


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that the code of a cell uses or sets, and those that it imports.

    Magics and ! lines are left out.
    """
    python = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.splitlines())
    used, imported = set(), set()
    for node in ast.walk(ast.parse(python)):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            used.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imported |= {alias.asname or alias.name for alias in node.names}
    return used, imported
