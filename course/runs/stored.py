"""Runs that take too long for a notebook: a command of ours stored them in course/runs/*.csv, and
lessons read them.
"""

import csv
from functools import cache
from importlib.resources import files


@cache
def stored(name: str) -> list[dict[str, float | str]]:
    """The rows of `course/runs/<name>`: a field is a float if it reads as one, else the text.

    Not to be changed.
    """
    rows = csv.DictReader((files("course.runs") / name).read_text(encoding="utf-8").splitlines())
    return [{key: _number(value) for key, value in row.items()} for row in rows]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
