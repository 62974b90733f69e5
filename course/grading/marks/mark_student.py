"""Mark one student: choose among the notebooks handed in, run what they answer, and say what is to
be known about it.

For each chapter the newest notebook counts that defines one of its answers. Where that one holds
nothing but stubs, the next one is tried: many hand in the empty notebook beside their own.
"""

import hashlib
import platform
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from course.grading.handed_in.names import plain
from course.grading.handed_in.notebook import Unreadable, read_notebook
from course.grading.handed_in.submissions import MOST_OF_ONE, Student
from course.grading.marks.examine import Examination, Fault, Result
from course.grading.marks.marks import Item, Mark, mark_all, question_mark
from course.grading.questions import Question, answers
from course.grading.sandbox.launch import Launch

_TRIED = 3  # notebooks for one chapter
_READING = threading.Lock()  # a large file takes much memory, and one of them at a time is enough


@dataclass(frozen=True)
class Marked:
    """A student's marks, and notes on the hand-in as a whole.

    `counted`: which of the student's notebooks count, by their places.
    """

    marks: tuple[Mark, ...]
    notes: tuple[str, ...]
    seconds: float = 0.0
    counted: tuple[int, ...] = ()

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
    counted: list[int] = field(default_factory=list)

    def marked(self, questions: Sequence[Mark] = ()) -> Marked:
        """Compare. questions: the marks of what is answered in words."""
        notes = tuple(dict.fromkeys(self.notes))
        counted = tuple(sorted(set(self.counted)))
        marks = (*mark_all(self.results), *questions)
        return Marked(marks, notes, round(self.seconds, 2), counted)


@dataclass(frozen=True)
class Readable:
    """A notebook that could be read: its place among the student's, its name, its code cells, the
    Python that it names, a number that only files have that are equal byte by byte, and what it
    answers in words, by the question's id.
    """

    place: int
    name: str
    cells: list[str]
    python: str = ""
    digest: str = ""
    words: dict[str, str] = field(default_factory=dict)

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
    for place, file in enumerate(student.notebooks[:MOST_OF_ONE]):
        alone = sum(one.parts[-1] == file.parts[-1] for one in student.notebooks) == 1
        name = plain("/".join(file.parts[-1 if alone else -2 :]))
        try:
            with _READING:
                data = file.read()
                found, digest = read_notebook(data), hashlib.sha256(data).hexdigest()
                del data
            words = answers(found.texts)
            notebooks.append(Readable(place, name, found.cells, found.python, digest, words))
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


def in_words(notebooks: Sequence[Readable], questions: Sequence[Question]) -> list[Mark]:
    """The marks of what is answered in words: of the newest notebook that answers the question."""
    return [
        question_mark(
            one, next((text for book in notebooks if (text := book.words.get(one.id))), "")
        )
        for one in questions
    ]


def run(
    notebooks: Sequence[Readable], chapters: Sequence[Sequence[Item]], launch: Launch
) -> Examined:
    """Run what was handed in for all chapters of the assignment, each a list of items."""
    done = Examined([], [], 0.0)
    start = time.monotonic()
    for items in chapters:
        fitting = _fitting(notebooks, items, chapters)
        done.results.extend(
            _chapter(fitting, items, launch, done) if fitting else [(item, None) for item in items]
        )
    return Examined(done.results, done.notes, time.monotonic() - start, done.counted)


def _own(items: Sequence[Item]) -> list[Item]:
    """Of what a notebook is marked for, the exercises of its own chapter, which come first."""
    chapter = items[0].trial.exercise.chapter
    return [one for one in items if one.trial.exercise.chapter == chapter]


def _fitting(
    notebooks: Sequence[Readable], items: Sequence[Item], chapters: Sequence[Sequence[Item]]
) -> list[Readable]:
    """The notebooks that may count for a chapter: they define an answer to one of its own exercises.

    A capstone defines answers to other chapters' exercises as well. It counts for such a chapter
    only where there is no other notebook.
    """
    fitting = [one for one in notebooks if one.answers(_own(items))]
    capstones = [_own(other) for other in chapters if len(_own(other)) < len(other)]
    of_others = [own for own in capstones if own[0] not in items]
    alone = [one for one in fitting if not any(one.answers(own) for own in of_others)]
    return alone or fitting


def _chapter(
    fitting: Sequence[Readable], items: Sequence[Item], launch: Launch, done: Examined
) -> list[tuple[Item, Result | None]]:
    """The results of one chapter, from the first of these notebooks that holds more than stubs."""
    for notebook in fitting[:_TRIED]:
        examination = Examination(notebook.cells, [item.trial for item in items], launch)
        results = examination.run()
        empty = (Fault.UNTOUCHED, Fault.NOT_FOUND)
        if any(result.fault not in empty for result in results.values()):
            break
    done.counted.append(notebook.place)
    if len(fitting) > 1:
        number = items[0].trial.exercise.chapter
        done.notes.append(
            f"Chapter {number} was handed in {len(fitting)} times; {notebook.name} counts, the "
            "newest with an answer."
        )
    here = ".".join(platform.python_version_tuple()[:2])
    if examination.unreadable and notebook.python not in ("", here):
        done.notes.append(
            f"{notebook.name} was written with Python {notebook.python} and is graded with {here}, "
            "so a cell may be Python there and not here."
        )
    done.notes.extend(f"{notebook.name}: {note}" for note in examination.notes)
    return [(item, results[item.trial.name]) for item in items]
