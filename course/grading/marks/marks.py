"""Marks: what the results of a notebook are worth, and what its student is told. Runs on the
trusted side only.

An exercise that is right on all its inputs has its points; any other has none. A private check has
points of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from course.grading.assignment import Assignment
from course.grading.marks.examine import Fault, Result, Trial
from course.grading.private_checks import Private
from course.judging.exercise import Exercise
from course.judging.judge import State, Verdict, verdict


@dataclass(frozen=True)
class Mark:
    """One line of a student's result. `mistake` is the hint of the known mistake, if it was one."""

    name: str
    title: str
    points: float
    most: float
    state: State
    lines: tuple[str, ...]
    mistake: str = ""


@dataclass(frozen=True)
class Item:
    """Something that gives points: an exercise, or a private check of one.

    `hint`: of a private check, which says nothing else.
    """

    trial: Trial
    title: str
    points: float
    private: bool = False
    hint: str = ""


def items(assignment: Assignment, slug: str, checks: Sequence[Private]) -> list[Item]:
    """All that a notebook of this chapter is marked for."""
    found = []
    for one in assignment.of(slug):
        trial = Trial(one.id, one, assignment.seed)
        found.append(Item(trial, one.title, assignment.points[one.id]))
        own = [check for check in checks if check.exercise.id == one.id]
        found += [_private(check, one.title, assignment.seed) for check in own]
    return found


def _private(check: Private, title: str, seed: int) -> Item:
    trial = Trial(check.name, check.exercise, seed, private=True)
    more = f"{title}: one more check"
    return Item(trial, more, check.points, private=True, hint=check.hint)


def mark(item: Item, result: Result) -> Mark:
    """What one result is worth."""
    found = _judged(item.trial.exercise, item.trial.seed, result)
    right = found.state == State.RIGHT
    if item.private:
        found = Verdict(found.state, () if right else (item.hint,))
    points = item.points if right else 0
    name, lines = item.trial.name, found.lines
    return Mark(name, item.title, points, item.points, found.state, lines, found.mistake)


def mark_all(results: Sequence[tuple[Item, Result | None]]) -> tuple[Mark, ...]:
    """The marks of a student. A private check counts only where the exercise itself is right."""
    found = {
        item.trial.name: not_handed_in(item) if got is None else mark(item, got)
        for item, got in results
    }
    for item, _ in results:
        one = found[item.trial.name]
        if item.private and found[item.trial.exercise.id].state != State.RIGHT:
            words = ("This counts once the exercise itself is right.",)
            found[one.name] = replace(one, state=State.NOT_STARTED, points=0, lines=words)
    return tuple(found.values())


def not_handed_in(item: Item) -> Mark:
    """The mark for an exercise of which there is no notebook."""
    words = ("No notebook was handed in that defines an answer of this chapter.",)
    lines = () if item.private else words
    return Mark(item.trial.name, item.title, 0, item.points, State.NOT_STARTED, lines)


def _judged(exercise: Exercise, seed: int, result: Result) -> Verdict:
    match result.fault:
        case Fault.UNTOUCHED | Fault.NOT_FOUND:
            return Verdict(State.NOT_STARTED, (result.words,))
        case Fault.STOPPED:
            return Verdict(State.NOT_YET, (result.words,))
        case None:
            return verdict(exercise, list(result.outcomes), seed)
