"""Help with an exercise, in steps: hint("01.1") gives one more each time, solution("01.1") shows
the reference.
"""

from collections import Counter

from course.exercises import UnknownExercise, find
from course.judging.exercise_source import reference
from course.lesson.progress import OPEN, state
from course.lesson.say import say

_given: Counter[str] = Counter()  # how many hints of each exercise this session has shown


def hint(id: str) -> None:
    """One more step towards exercise `id` with each call.

    After the last one, the last one again.
    """
    try:
        found = find(id)
    except UnknownExercise as error:
        say(str(error), tone="note")
        return
    steps = len(found.hints)
    number = min(_given[id] + 1, steps)
    _given[id] = number
    more = (
        f'The next step: hint("{id}") again.'
        if number < steps
        else f'That was the last one. After a try of your own, solution("{id}") shows one way to '
        "do it."
    )
    say(f"Exercise {id}, hint {number} of {steps}", (found.hints[number - 1], more))


def solution(id: str, *, insist: bool = False) -> None:
    """One right answer to exercise `id`: after an attempt that was checked, or at once with
    insist=True.
    """
    try:
        found = find(id)
    except UnknownExercise as error:
        say(str(error), tone="note")
        return
    if state(id) == OPEN and not insist:
        lines = (
            f"Try it first, even if it comes out wrong: {found.call} then names the mistake, and "
            f'hint("{id}") helps.',
            f'If you would rather see it now: solution("{id}", insist=True).',
        )
        say(f"Exercise {id}: not tried yet", lines)
    else:
        say(f"Exercise {id}: one way to do it", code=reference(found))
