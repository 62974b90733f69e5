"""Projects: projects.csv has for each the chapter after which it can begin, its task, and what is
handed in.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Project:
    """A project of some weeks, alone or in twos."""

    after: str
    title: str
    task: str
    hand_in: str


def projects(chapters: Iterable[str]) -> list[Project]:
    """Those that rest on chapters which are there (given by their numbers)."""
    text = files("course.term").joinpath("projects.csv").read_bytes().decode("utf-8")
    found = [Project(**row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    there = set(chapters)
    return [one for one in found if one.after in there]
