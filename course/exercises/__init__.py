"""The exercises of all chapters: a folder for each, and in it one file an exercise."""

import difflib
import importlib
import pkgutil
from functools import cache
from typing import Any

from course.judging.exercise import Exercise, declared


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by its id, in the order of the chapters."""
    for module in sorted(found.name for found in pkgutil.walk_packages(__path__, f"{__name__}.")):
        importlib.import_module(module)
    return dict(sorted(declared.items()))


def of_chapter(number: str) -> list[Exercise]:
    """The exercises of a chapter ("01"), in order."""
    return [found for found in exercises().values() if found.chapter == number]


def unknown(id: Any) -> str:
    """One sentence for an id that no exercise has, with those that look like it."""
    if not isinstance(id, str):
        return 'The id of the exercise comes first, in quotation marks: "01.1".'
    named = [found.id for found in exercises().values() if found.name == id]
    near = named or sorted(difflib.get_close_matches(id, exercises(), n=3, cutoff=0.5))
    return f"There is no exercise {id!r}; " + (
        f"did you mean {', '.join(near)}?" if near else "ids look like 01.1."
    )
