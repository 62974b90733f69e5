"""Runs that take too long for a notebook: a command of ours stored them in course/runs/*.csv, and
lessons read them.
"""

import argparse
import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Protocol, TypeVar


class Run(Protocol):
    """A NamedTuple: what sets one run apart from the others."""

    def _asdict(self) -> dict[str, Any]: ...


Row = Mapping[str, float | str]
RunT = TypeVar("RunT", bound=Run)


@cache
def stored(name: str) -> list[dict[str, float | str]]:
    """The rows of `course/runs/<name>`: a field is a float if it reads as one, else the text.

    Not to be changed.
    """
    return rows_of(files("course.runs") / name)


def rows_of(path: Path | Traversable) -> list[dict[str, float | str]]:
    """The same of a file anywhere."""
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return [{key: _number(value) for key, value in row.items()} for row in rows]


def select(name: str, **wanted: float | str) -> list[dict[str, float | str]]:
    """The rows of `stored(name)` whose fields are the `wanted` ones."""
    return [row for row in stored(name) if all(row[key] == value for key, value in wanted.items())]


def matching(name: str, missing: str, **wanted: float | str) -> list[dict[str, float | str]]:
    """The same. ValueError if there are none; it begins with `missing`, such as "no run of 'x' is"."""
    found = select(name, **wanted)
    if not found:
        raise ValueError(f"{missing} stored; course/runs/{name} lists those that are.")
    return found


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a file that `stored` reads, in place of what is there: a column for each key of the
    first row, in its order.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    stored.cache_clear()  # what was read before is no longer there


def make_missing(
    path: Path, runs: Iterable[RunT], make: Callable[[RunT], Sequence[Mapping[str, Any]]]
) -> None:
    """Make the runs that the file does not have yet, and write the rows of each as soon as it is
    made: what was made is not lost if the rest is cut off.

    A run is there if a row has all of its fields, each in the column of its name.
    """
    rows: list[Mapping[str, Any]] = []
    if path.exists():
        rows += csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    for run in runs:
        fields = run._asdict().items()
        if not any(all(_number(str(row[name])) == value for name, value in fields) for row in rows):
            rows += make(run)
            write_rows(path, rows)


def asked_to_write(about: str) -> bool:
    """Whether the command that makes such runs was called with --write. `about`: its docstring, of
    which --help shows the first paragraph.
    """
    options = argparse.ArgumentParser(description=about.split("\n\n")[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    write: bool = options.parse_args().write
    return write


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
