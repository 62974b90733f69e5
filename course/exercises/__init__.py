"""The exercises of all chapters: a folder for each, and in it one file an exercise."""

import difflib
import importlib
import pkgutil
from functools import cache
from typing import Any

from course.judging.exercise import Exercise, declared


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by its id, in the order of the chapters; within a chapter 9 comes before 10."""
    for module in sorted(found.name for found in pkgutil.walk_packages(__path__, f"{__name__}.")):
        importlib.import_module(module)
    in_order = sorted(declared, key=lambda id: [int(number) for number in id.split(".")])
    return {id: declared[id] for id in in_order}


def of_chapter(number: str) -> list[Exercise]:
    """The exercises of a chapter ("01"), in order."""
    return [found for found in exercises().values() if found.chapter == number]


class UnknownExercise(ValueError):
    """No exercise has this id. The message is one sentence, with its mark at the end."""


def find(id: Any) -> Exercise:
    """The exercise with this id. UnknownExercise names those that look like it."""
    if not isinstance(id, str):
        raise UnknownExercise('The id of the exercise comes first, in quotation marks: "01.1".')
    if id in exercises():
        return exercises()[id]
    chapter, dot, number = id.partition(".")
    whole = f"{chapter.zfill(2)}{dot}{number.lstrip('0')}"  # 2.1 or 02.01: 02.1
    named = [found.id for found in exercises().values() if found.name == id or found.id == whole]
    beside = [found.id for found in of_chapter(chapter)] or list(exercises())
    near = named or difflib.get_close_matches(id, beside, n=3, cutoff=0.5)
    near.sort(key=list(exercises()).index)
    hint = f"did you mean {', '.join(near)}?" if near else "ids look like 01.1."
    raise UnknownExercise(f"There is no exercise {id!r}; {hint}")
