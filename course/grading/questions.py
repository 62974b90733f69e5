"""Questions that are answered in words, and that wait for the teacher to read them.

    chapter,points,question
    02,4,"Why does a loss of 0 on new text mean that something is wrong?"
    02,2,What did you find hardest?

They stand at the end of their chapter's notebook, each with a cell for the answer. The answer is
found by the first line of that cell; what stands in cells of text right below belongs to it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course.building.written_notebook import as_file
from course.grading import csv_file
from course.grading.csv_file import BadTable

LONGEST = 20_000  # letters of an answer that are kept
_FIRST_LINE = "**Your answer to {id}** (write below, and keep this line)"
_ANSWER = re.compile(r"\s*\*{0,2}Your answer to (Q\d+)\b[^\n]*", re.IGNORECASE)
_QUESTION = re.compile(r"\s*#+ Question Q\d+\b")
_NOTHING = re.compile(r"[\s.…]*")


@dataclass(frozen=True)
class Question:
    """One question: its id ("Q1"), the chapter's slug, its points and its words."""

    id: str
    chapter: str
    points: float
    text: str

    @property
    def title(self) -> str:
        """Short enough for a table."""
        words = " ".join(self.text.split())
        return words if len(words) <= 80 else f"{words[:79]}…"


def load(path: Path, slugs: Sequence[str]) -> list[Question]:
    """The questions of this file, for the chapters with these slugs. BadTable says what is wrong."""
    lines = csv_file.rows(path, "file of questions")
    if not lines or not {"chapter", "points", "question"} <= lines[0].keys():
        raise BadTable(f"{path} needs the columns chapter,points,question, and a line for each.")
    by_number = {slug[:2]: slug for slug in slugs}
    found = []
    for number, line in enumerate(lines, 1):
        chapter = line["chapter"].zfill(2)
        if chapter not in by_number:
            raise BadTable(
                f"{path}: question {number} is for chapter {chapter}, which is not handed out; "
                f"there are {', '.join(by_number)}."
            )
        points = _points(line.get("points", ""))
        if points is None or not line.get("question"):
            raise BadTable(f"{path}: question {number} needs points, from 0, and its words.")
        found.append(Question(f"Q{number}", by_number[chapter], points, line["question"]))
    return found


def _points(text: str) -> float | None:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        return None
    return points if 0 <= points < 1e6 else None


def with_questions(data: bytes, questions: Sequence[Question]) -> bytes:
    """The notebook with these questions at its end, and a cell for each answer."""
    if not questions:
        return data
    notebook = nbformat.reads(data.decode(), as_version=4)
    for one in questions:
        task = f"## Question {one.id} ({one.points:g} points)\n\n{one.text}"
        for role, text in (("task", task), ("answer", f"{_FIRST_LINE.format(id=one.id)}\n\n…")):
            id = f"{one.id.lower()}-{role}"
            notebook.cells.append(nbformat.v4.new_markdown_cell(text, id=id))
    return as_file(notebook)


def answers(texts: Sequence[str]) -> dict[str, str]:
    """What a notebook's cells of text answer, by the question's id. Stubs are no answers."""
    found: dict[str, str] = {}
    id = ""
    for text in texts:
        if match := _ANSWER.match(text):
            id, text = match[1].upper(), text[match.end() :]
        elif _QUESTION.match(text):
            id = ""
        if id and not _NOTHING.fullmatch(text):
            found[id] = f"{found.get(id, '')}\n\n{text.strip()}".strip()[:LONGEST]
    return found
