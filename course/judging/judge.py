"""Judge an answer: right, not yet, or not started; and if not yet, name the mistake.

The order is that of what helps most: an exception, too slow, one of the known mistakes (the answer
behaves like it on every input), an input that was changed, and then the first difference. An answer
with two mistakes behaves like one of them on most inputs: then it is named, and the first
difference that it does not explain follows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import FunctionType
from typing import Any

from course.answers.read_answer import Odd, read, show, shown_whole
from course.answers.run_answer import Outcome, Stopped, run
from course.answers.session import fresh_session
from course.answers.untouched import untouched
from course.judging.compare import Tolerance, difference
from course.judging.exercise import SEED, Exercise

SECONDS = 10.0  # for all inputs of an exercise together
REST = 0.2  # of the inputs that fail: a mistake that is named leaves fewer than these unexplained


class State(StrEnum):
    """How far an answer is, in the words that learners and gradebooks read."""

    RIGHT = "right"
    NOT_YET = "not yet"
    NOT_STARTED = "not started"

    @property
    def sign(self) -> str:
        """Stands before the words, and only supports them."""
        return {State.RIGHT: "✓", State.NOT_YET: "✎", State.NOT_STARTED: "○"}[self]


@dataclass(frozen=True)
class Verdict:
    """A state, and what to tell the learner, one paragraph each.

    `mistake`: the hint of the known mistake that the answer behaves like, empty without one.
    """

    state: State
    lines: tuple[str, ...]
    mistake: str = ""


def judge(exercise: Exercise, answer: Any, seconds: float = SECONDS, seed: int = SEED) -> Verdict:
    """The verdict on a learner's function, or on a value if the exercise asks for one."""
    if untouched(answer):
        return Verdict(
            State.NOT_STARTED,
            ("Put your code in the place of the three dots, and run the cell again.",),
        )
    if exercise.parameters and not callable(answer):
        return Verdict(
            State.NOT_YET, (f"Give the function itself, without brackets: {exercise.call}.",)
        )
    if not exercise.parameters:
        if type(answer) is FunctionType:
            return Verdict(
                State.NOT_YET,
                (f"This exercise asks for a value, not for a function: {exercise.name} = …",),
            )
        return verdict(exercise, [Outcome(read(answer), ())], seed)
    try:
        outcomes = run(answer, exercise.cases(seed), seconds)
    except Stopped as stopped:
        return Verdict(State.NOT_YET, (str(stopped),))
    return verdict(exercise, outcomes, seed)


@fresh_session()
def verdict(exercise: Exercise, outcomes: list[Outcome], seed: int = SEED) -> Verdict:
    """The verdict on what came back from each input; for a function that came back from all of
    them.
    """
    right = _outcomes(exercise, exercise.reference, seed)
    failing = _apart(exercise, right, outcomes)
    if not failing:
        many = f"All {len(right)} inputs give the right result."
        return Verdict(State.RIGHT, (many if exercise.parameters else "Yes.",))
    hint, unexplained = _mistake(exercise, outcomes, failing, seed)
    if not unexplained:
        return Verdict(State.NOT_YET, (hint,), hint)
    first = min(unexplained)
    words = (
        _differs(exercise, right[first], outcomes[first]),
        *_input(exercise, first, seed),
    )
    lines = (hint, "That is not all:", *words) if hint else words
    return Verdict(State.NOT_YET, lines, hint)


def _apart(exercise: Exercise, some: list[Outcome], others: list[Outcome]) -> set[int]:
    """The places of the inputs on which the two differ."""
    pairs = enumerate(zip(some, others, strict=True))
    return {place for place, pair in pairs if _differs(exercise, *pair)}


def _mistake(
    exercise: Exercise, outcomes: list[Outcome], failing: set[int], seed: int
) -> tuple[str, set[int]]:
    """The hint of the known mistake that explains what fails, and the inputs that it does not
    explain.

    A mistake explains an answer if they agree wherever the answer is right, and on most of the
    inputs on which it is not. Without such a mistake the hint is empty.
    """
    best, fewest = "", failing
    for wrong in exercise.wrongs:
        most = min(len(fewest), REST * len(failing))
        unlike = _unlike(exercise, _outcomes(exercise, wrong.answer, seed), outcomes, failing, most)
        if unlike is not None:
            best, fewest = wrong.hint, unlike
        if not fewest:
            break
    return best, fewest


def _unlike(
    exercise: Exercise,
    mistake: list[Outcome],
    outcomes: list[Outcome],
    failing: set[int],
    most: float,
) -> set[int] | None:
    """The places on which the answer is unlike a mistake; None unless all are `failing` and fewer
    than `most`.

    It stops at the first place that decides: most mistakes are far off, and comparing is what costs
    time.
    """
    unlike: set[int] = set()
    for place, (known, given) in enumerate(zip(mistake, outcomes, strict=True)):
        if _differs(exercise, known, given):
            unlike.add(place)
            if place not in failing or len(unlike) >= most:
                return None
    return unlike


def _differs(exercise: Exercise, right: Outcome, given: Outcome) -> str:
    """How one outcome differs from another one, in words; empty if it does not."""
    if given.changed != right.changed:
        names = " and ".join(exercise.parameters[place] for place in given.changed)
        return f"Your function changed its input {names}. Work on a copy, or make something new."
    return difference(right.value, given.value, Tolerance(exercise.rtol, exercise.atol))


@cache
def _outcomes(exercise: Exercise, function: Callable[..., Any], seed: int) -> list[Outcome]:
    """What a declared answer gives: the reference, or a known mistake."""
    return run(function, exercise.cases(seed), SECONDS)


def _input(exercise: Exercise, place: int, seed: int) -> tuple[str, ...]:
    """The input, for the learner to try: as it is, or the call that makes it; no line for a value.

    A seed of a teacher's own is not to be found out, and so there is no call for its inputs.
    """
    if not exercise.parameters:
        return ()
    args = exercise.cases(seed)[place]
    data = [read(value) for value in args]
    each = zip(exercise.parameters, map(_show_input, args, data), strict=True)
    shown = f"The input was {'; '.join(f'{name} = {words}' for name, words in each)}."
    if seed != SEED or all(map(shown_whole, data)):
        return (shown,)
    return (shown, f"To have it: {_call_for_inputs(exercise, place)}")


def _call_for_inputs(exercise: Exercise, place: int) -> str:
    names = ", ".join(exercise.parameters) + ("," if len(exercise.parameters) == 1 else "")
    return f'from course import tried; {names} = tried("{exercise.id}", {place})'


def _show_input(value: Any, data: Any) -> str:
    return value.__doc__ or "a function" if isinstance(data, Odd) else show(data)
