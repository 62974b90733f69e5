"""gather(): the learner's answers from other notebooks, in one new cell of this one.

Only one notebook is handed in, and Colab has no other. So what `own` takes from elsewhere has to
come here first.
"""

from pathlib import Path

from IPython import get_ipython

from course.exercises import find
from course.judging.exercise import Exercise
from course.judging.judge import State, judge
from course.lesson.printed import few_prints
from course.lesson.say import say
from course.parts.in_notebooks import NotRun, Written, written
from course.parts.own_part import asked, find_own


def gather(*ids: str) -> None:
    """Put your right answers to these exercises into a new cell below this one.

    ids: those that `own` was asked for in this session, unless you name others. What stands in this
    notebook already is left where it is.
    """
    exercises = [find(id) for id in ids or asked]
    pieces = {one.id: piece for one in exercises if (piece := _right(one)) is not None}
    if not pieces:
        say(
            "Nothing to gather",
            ("No right answer was found that stands in another notebook in this folder.",),
        )
        return
    code = "\n\n\n".join(_with_check(find(id), piece) for id, piece in pieces.items())
    many = f"{len(pieces)} answer{'s' if len(pieces) > 1 else ''}"
    shell = get_ipython()
    if shell is None:
        say(f"{many}, to be copied:", code=code)
        return
    shell.set_next_input(code)
    say(
        f"{many} stand in a new cell below: {', '.join(pieces)}",
        ("Run it once and save the notebook. If no cell appeared, copy this:",),
        "good",
        code=code,
    )


def _right(exercise: Exercise) -> Written | None:
    """The answer in another notebook, if it is right and there is none in this one."""
    found = written(exercise, Path.cwd())
    if found is None:
        return None
    try:
        with few_prints():
            own = find_own(exercise, Path.cwd())
            right = own is not None and judge(exercise, own.function).state == State.RIGHT
    except NotRun:
        return None
    return found if right and own is not None and own.place == found.file.name else None


def _with_check(exercise: Exercise, piece: Written) -> str:
    """The code of an answer. The call below it is where the answer is graded: a helper of the same
    name that comes later changes nothing.
    """
    return f"# {exercise.id}, from {piece.file.name}\n{piece.code}\n\n{exercise.call}"
