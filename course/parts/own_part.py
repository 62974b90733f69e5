"""own("10.2"): the learner's own answer to an exercise, to be used as a part; ours where theirs does
not do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython import get_ipython

from course.answers.untouched import untouched
from course.exercises import find
from course.judging.exercise import Exercise
from course.judging.judge import State, judge
from course.lesson.printed import few_prints
from course.parts.fitness import calls_too_many, in_single_precision, without_gradient
from course.parts.in_notebooks import NotRun, written
from utils.pictures.html_panels import print_plain

HERE = "this notebook"
asked: dict[str, None] = {}  # ids, in the order in which this session has asked for them
_looked_for: set[str] = set()  # ids whose answer is being made: it may rest on `own` itself


@dataclass(frozen=True)
class Found:
    """A learner's function, and where it stands."""

    function: Callable[..., Any]
    place: str


def own(
    id: str, *, trained: bool = False, wrong_too: bool = False, slow_too: bool = False
) -> Callable[..., Any]:
    """The learner's answer to exercise `id` as a function, if `check` accepts it, and else the
    course's. One printed line says which.

    It is looked for in this notebook, by its name, and then in the chapter's notebooks in the same
    folder.
    trained: gradients have to flow through it, and it must not go through its input row by row.
    wrong_too: take the learner's answer although it is wrong, to see what comes of it.
    slow_too: take it although it goes row by row.
    UnknownExercise, if there is no such exercise; ValueError, if it asks for a value.
    """
    exercise = find(id)
    if not exercise.parameters:
        raise ValueError(f"Exercise {id} asks for a value; only a function can be a part.")
    asked[exercise.id] = None
    with few_prints():
        function, sign, words = _chosen(exercise, trained, wrong_too, slow_too)
    print_plain(f"{sign} {exercise.id} {exercise.name}: {words}")
    return function


def _chosen(
    exercise: Exercise, trained: bool, wrong_too: bool, slow_too: bool
) -> tuple[Callable[..., Any], str, str]:
    """The function to use, a sign, and what to say."""
    ours = exercise.reference
    if exercise.id in _looked_for:
        return ours, State.NOT_YET.sign, "ours, because yours is built on this call of own"
    _looked_for.add(exercise.id)
    try:
        found = find_own(exercise, Path.cwd())
    except NotRun as error:
        return ours, State.NOT_YET.sign, f"ours, because the cell of yours stops. {error}"
    finally:
        _looked_for.discard(exercise.id)
    if found is None:
        return ours, State.NOT_STARTED.sign, "ours; no answer of yours was found"
    result = judge(exercise, found.function)
    if result.state != State.RIGHT:
        if wrong_too:
            return found.function, State.NOT_YET.sign, f"yours, wrong as it is, from {found.place}"
        why = f"ours, because yours in {found.place} is {result.state}. {result.lines[0]}"
        return ours, State.NOT_YET.sign, why
    unfit = _unfit(exercise, found.function, slow_too) if trained else ""
    if unfit:
        return ours, State.RIGHT.sign, f"yours in {found.place} is right, but {unfit}; ours runs"
    function = in_single_precision(exercise, found.function)
    return function, State.RIGHT.sign, f"yours, from {found.place}"


def _unfit(exercise: Exercise, function: Callable[..., Any], slow_too: bool) -> str:
    """Why a right answer does not do for a training, as a part of a sentence; empty if it does."""
    if why := without_gradient(exercise, function):
        return why
    counts = None if slow_too else calls_too_many(exercise, function)
    if counts is None:
        return ""
    return (
        f"it goes piece by piece ({counts[0]} calls of torch where {counts[1]} do), and a training "
        f'would take long; own("{exercise.id}", trained=True, slow_too=True) takes it'
    )


def find_own(exercise: Exercise, folder: Path) -> Found | None:
    """The learner's function: of this notebook, or else of the chapter's notebooks in a folder.

    NotRun, if it stands in one of these and its cell does not run.
    """
    here = _named_here(exercise.name)
    if callable(here) and not untouched(here):
        return Found(here, HERE)
    there = written(exercise, folder)
    if there is None:
        return None
    value = there.value()
    if not callable(value):
        raise NotRun(f"In {there.file.name} {exercise.name} is no function.")
    return None if untouched(value) else Found(value, there.file.name)


def _named_here(name: str) -> Any:
    """What a name stands for in the notebook that runs; None outside of one."""
    shell = get_ipython()
    return None if shell is None else shell.user_ns.get(name)
