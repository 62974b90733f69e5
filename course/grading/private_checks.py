"""A teacher's own checks: more inputs for an exercise, in a file that no learner gets.

    from course.grading.private_checks import private

    @private("02.1", points=2, hint="What if the vocabulary has a single token?")
    def one_token(rng):
        yield torch.randn(5, 1, generator=rng), torch.zeros(5, dtype=torch.int64)

The function yields the arguments of each call, as an exercise's inputs do; what is right is what
the reference answer gives. Learners see the hint if their answer fails, never the inputs. The file
runs on the teacher's side only.
"""

import copy
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course.exercises import exercises, find
from course.judging.exercise import Exercise, Inputs, declared


@dataclass(frozen=True)
class Private:
    """One check: an exercise with inputs of its own."""

    name: str
    exercise: Exercise
    points: float
    hint: str


_declared: list[Private] = []


def private(id: str, *, points: float, hint: str) -> Callable[[Inputs], Inputs]:
    """Decorator: check exercise `id` with the inputs that the function yields.

    ValueError says what does not fit.
    """
    exercise = find(id)
    if not exercise.parameters:
        raise ValueError(f"exercise {id} asks for a value; there are no inputs to check it with")
    if points < 0 or not hint.strip():
        raise ValueError(f"a check of exercise {id} needs points, from 0, and a hint")

    def declare(inputs: Inputs) -> Inputs:
        own = copy.copy(exercise)
        own.inputs(inputs)
        _declared.append(Private(f"{id} {inputs.__name__}", own, points, hint))
        return inputs

    return declare


def load(path: Path) -> list[Private]:
    """The checks of this file, each tried once on the reference answer.

    ValueError names one that does not work.
    """
    _declared.clear()
    known = set(exercises())
    runpy.run_path(str(path))
    found = list(_declared)
    if own := sorted(set(declared) - known):
        for id in own:
            del declared[id]
        raise ValueError(
            f"{path.name} declares the exercise {own[0]}, and only checks of the course's own "
            "exercises can be graded: take it out."
        )
    for one in found:
        cases = one.exercise.cases(1)
        if not cases:
            raise ValueError(f"the check {one.name} has no inputs; let it yield some")
        for args in cases:
            one.exercise.reference(*args)
    if len({one.name for one in found}) < len(found):
        raise ValueError(f"two checks in {path.name} have the same exercise and name; rename one")
    return found
