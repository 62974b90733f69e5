"""The course: what its notebooks import."""

import importlib
from pathlib import Path
from typing import Any

from course.shadowed import refuse_shadow

refuse_shadow("utils", Path(__file__).resolve().parents[1])

import utils  # noqa: E402, F401  # before torch: it settles what torch's threads do

# A name is looked up when it is asked for: `python -m course` needs none of them, and its doctor
# has to speak where no library can be imported.
_HOMES = {
    "check": "course.lesson.check",
    "claim": "course.claims.claim",
    "confirm": "course.lesson.confirmation",
    "gather": "course.parts.gathering",
    "hint": "course.lesson.hints",
    "keep": "course.predictions.predict",
    "ledger": "course.claims.table",
    "own": "course.parts.own_part",
    "predict": "course.predictions.predict",
    "progress": "course.lesson.progress",
    "reveal": "course.predictions.predict",
    "solution": "course.lesson.hints",
    "tried": "course.lesson.tried",
}

__all__ = [
    "check",
    "claim",
    "confirm",
    "gather",
    "hint",
    "keep",
    "ledger",
    "own",
    "predict",
    "progress",
    "reveal",
    "solution",
    "tried",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
