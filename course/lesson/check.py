"""check("01.1", softmax): feedback on an exercise, in the notebook, at once."""

from typing import Any

from course.exercises import UnknownExercise, find
from course.judging.exercise import Exercise
from course.judging.judge import State, judge
from course.judging.variant import varied
from course.lesson.graded_elsewhere import only_here
from course.lesson.printed import few_prints
from course.lesson.progress import note
from course.lesson.say import say

_TONES = {State.RIGHT: "good", State.NOT_YET: "note", State.NOT_STARTED: "plain"}
_NOTHING = object()


def check(id: str, answer: Any = _NOTHING, variant: int = 0) -> None:
    """Say whether `answer`, a function or a value, solves exercise `id`; if not yet, what to look
    at.

    `variant` stands in the notebooks of a class whose exercises have numbers of their own
    (course/judging/variant.py). It shows a panel and returns nothing. It does not raise, except
    when you interrupt it.
    """
    try:
        found = find(id)
        if answer is _NOTHING:
            say(f"To check exercise {id}: {found.call}")
        else:
            _show(varied(found, variant), answer)
    except UnknownExercise as error:
        say(str(error), tone="note")
    except Exception as error:  # a learner must not have to read the course's own traceback
        lines = (
            "This is a mistake in the course, not in your answer. Please report it with these "
            "words:",
        )
        say(
            "The check itself failed",
            (*lines, f"exercise {id!r}, {type(error).__name__}: {error}"),
            tone="wrong",
        )


def _show(found: Exercise, answer: Any) -> None:
    with few_prints():
        result = judge(found, answer)
    lines = result.lines
    if result.state != State.NOT_STARTED:
        lines += (note(found.id, result.state == State.RIGHT),)
    if result.state == State.RIGHT:
        lines += only_here(found, answer)
    else:
        lines += (f'Stuck? hint("{found.id}") gives a step.',)
    shown = tuple(line for line in lines if line)
    heading = f"Exercise {found.id}: {result.state}"
    say(heading, shown, _TONES[result.state], result.state.sign)
