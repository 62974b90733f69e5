"""Mark one student: choose among the notebooks handed in, run what they answer, and say what is to
be known about it.

For each chapter the newest notebook counts that defines one of its answers. Where that one holds
nothing but stubs, the next one is tried: many hand in the empty notebook beside their own.
"""

import platform
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from course.grading.handed_in.names import plain
from course.grading.handed_in.notebook import Unreadable, read_notebook
from course.grading.handed_in.submissions import MOST_OF_ONE, Student
from course.grading.marks.examine import Examination, Fault, Result
from course.grading.marks.marks import Item, Mark, mark_all
from course.grading.sandbox.launch import Launch

_TRIED = 3  # notebooks for one chapter
_READING = threading.Lock()  # a large file takes much memory, and one of them at a time is enough


@dataclass(frozen=True)
class Marked:
    """A student's marks, and notes on the hand-in as a whole."""

    marks: tuple[Mark, ...]
    notes: tuple[str, ...]
    seconds: float = 0.0

    @property
    def points(self) -> float:
        """The sum."""
        return sum(one.points for one in self.marks)


@dataclass(frozen=True)
class Examined:
    """What came back for each item, None where nothing was handed in.

    It is not compared with anything yet.
    """

    results: list[tuple[Item, Result | None]]
    notes: list[str]
    seconds: float

    def marked(self) -> Marked:
        """Compare."""
        return Marked(
            mark_all(self.results), tuple(dict.fromkeys(self.notes)), round(self.seconds, 2)
        )


@dataclass(frozen=True)
class Readable:
    """A notebook that could be read: its name, its code cells, and the Python that it names."""

    name: str
    cells: list[str]
    python: str = ""

    def answers(self, items: Sequence[Item]) -> bool:
        """Whether one of these exercises' names is defined somewhere in it."""
        names = "|".join({re.escape(item.trial.exercise.name) for item in items})
        return any(
            re.search(rf"\b(?:def[ \t]+(?:{names})\b|(?:{names})[ \t]*[:=])", cell)
            for cell in self.cells
        )


def read(student: Student) -> tuple[list[Readable], list[str]]:
    """The notebooks of a student, the newest first, and a note on each that cannot be read."""
    notebooks, notes = [], []
    for file in student.notebooks[:MOST_OF_ONE]:
        alone = sum(one.parts[-1] == file.parts[-1] for one in student.notebooks) == 1
        name = plain("/".join(file.parts[-1 if alone else -2 :]))
        try:
            with _READING:
                found = read_notebook(file.read())
            notebooks.append(Readable(name, found.cells, found.python))
        except Unreadable as reason:
            notes.append(f"{name} was not graded: {reason}.")
    if len(student.notebooks) > MOST_OF_ONE:
        more = len(student.notebooks) - MOST_OF_ONE
        notes.append(f"{more} older notebooks were not looked at: {MOST_OF_ONE} are the most.")
    if not student.count:
        notes.append("Nothing was handed in.")
    elif not student.notebooks:
        notes.append(f"No notebook (.ipynb) was handed in, only {', '.join(student.others[:5])}.")
    return notebooks, notes


def run(
    notebooks: Sequence[Readable], chapters: Sequence[Sequence[Item]], launch: Launch
) -> Examined:
    """Run what was handed in for all chapters of the assignment, each a list of items."""
    done = Examined([], [], 0.0)
    start = time.monotonic()
    for items in chapters:
        fitting = [one for one in notebooks if one.answers(items)]
        done.results.extend(
            _chapter(fitting, items, launch, done.notes)
            if fitting
            else [(item, None) for item in items]
        )
    return Examined(done.results, done.notes, time.monotonic() - start)


def _chapter(
    fitting: Sequence[Readable], items: Sequence[Item], launch: Launch, notes: list[str]
) -> list[tuple[Item, Result | None]]:
    """The results of one chapter, from the first of these notebooks that holds more than stubs."""
    for notebook in fitting[:_TRIED]:
        examination = Examination(notebook.cells, [item.trial for item in items], launch)
        results = examination.run()
        if any(result.fault != Fault.UNTOUCHED for result in results.values()):
            break
    if len(fitting) > 1:
        number = items[0].trial.exercise.chapter
        notes.append(
            f"Chapter {number} was handed in {len(fitting)} times; {notebook.name} counts, the "
            "newest with an answer."
        )
    here = ".".join(platform.python_version_tuple()[:2])
    if examination.unreadable and notebook.python not in ("", here):
        notes.append(
            f"{notebook.name} was written with Python {notebook.python} and is graded with {here}, "
            "so a cell may be Python there and not here."
        )
    notes += [f"{notebook.name}: {note}" for note in examination.notes]
    return [(item, results[item.trial.name]) for item in items]
