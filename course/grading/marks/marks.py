"""Marks: what the results of a notebook are worth, and what its student is told. Runs on the
trusted side only.

An exercise that is right on all its inputs has its points; any other has none. A private check has
points of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from course.grading.assignment import Assignment
from course.grading.marks.examine import NOT_FOUND, UNTOUCHED, Result, Trial
from course.grading.private_checks import Private
from course.judging.exercise import Exercise
from course.judging.judge import NOT_STARTED, NOT_YET, RIGHT, verdict


@dataclass(frozen=True)
class Mark:
    """One line of a student's result. `mistake` is the hint of the known mistake, if it was one."""

    name: str
    title: str
    points: float
    most: float
    state: str
    lines: tuple[str, ...]
    mistake: str = ""


@dataclass(frozen=True)
class Item:
    """Something that gives points: an exercise, or a private check of one."""

    trial: Trial
    title: str
    points: float
    hint: str = ""  # of a private check, which says nothing else


def items(assignment: Assignment, slug: str, checks: Sequence[Private]) -> list[Item]:
    """All that a notebook of this chapter is marked for."""
    found = []
    for one in assignment.of(slug):
        found.append(
            Item(Trial(one.id, one, assignment.seed), one.title, assignment.points[one.id])
        )
        for check in (check for check in checks if check.exercise.id == one.id):
            title = f"{one.title}: one more check"
            found.append(
                Item(
                    Trial(check.name, check.exercise, assignment.seed),
                    title,
                    check.points,
                    check.hint,
                )
            )
    return found


def mark(item: Item, result: Result) -> Mark:
    """What one result is worth."""
    state, lines, mistake = _judged(item.trial.exercise, item.trial.seed, result)
    if item.hint:
        lines, mistake = (() if state == RIGHT else (item.hint,)), ""
    points = item.points if state == RIGHT else 0
    return Mark(item.trial.name, item.title, points, item.points, state, lines, mistake)


def mark_all(results: Sequence[tuple[Item, Result | None]]) -> tuple[Mark, ...]:
    """The marks of a student. A private check counts only where the exercise itself is right."""
    found = {
        item.trial.name: not_handed_in(item) if got is None else mark(item, got)
        for item, got in results
    }
    for item, _ in results:
        one = found[item.trial.name]
        if item.hint and found[item.trial.exercise.id].state != RIGHT:
            words = ("This counts once the exercise itself is right.",)
            found[one.name] = replace(one, state=NOT_STARTED, points=0, lines=words)
    return tuple(found.values())


def not_handed_in(item: Item) -> Mark:
    """The mark for an exercise of which there is no notebook."""
    words = ("No notebook was handed in that defines an answer of this chapter.",)
    return Mark(
        item.trial.name, item.title, 0, item.points, NOT_STARTED, () if item.hint else words
    )


def _judged(exercise: Exercise, seed: int, result: Result) -> tuple[str, tuple[str, ...], str]:
    if result.wrong in (UNTOUCHED, NOT_FOUND):
        return NOT_STARTED, (result.words or "The three dots are still there.",), ""
    if result.wrong:
        return NOT_YET, (result.words,), ""
    found = verdict(exercise, list(result.outcomes), seed)
    known = {hint for hint, _ in exercise.wrongs}
    mistake = found.lines[0] if found.lines and found.lines[0] in known else ""
    return found.state, found.lines, mistake
