"""tried("10.2", 3): what `check` tried an answer with, for the learner to try again."""

from typing import Any

from course.exercises import find


def tried(id: str, place: int) -> tuple[Any, ...]:
    """The arguments of the call number `place` (the first is 0) with which `check` tries an answer
    to exercise `id`, made anew: nothing that is done to them changes a verdict.

    Raises UnknownExercise for an id that there is not; ValueError for an exercise that asks for a
    value, and for a place that it does not have.
    """
    found = find(id)
    if not found.parameters:
        raise ValueError(f"exercise {id} asks for a value, and is tried with no inputs.")
    cases = found.cases()
    if place not in range(len(cases)):
        raise ValueError(
            f"exercise {id} is tried with {len(cases)} inputs, number 0 to {len(cases) - 1}; "
            f"{place!r} was given."
        )
    return cases[place]
