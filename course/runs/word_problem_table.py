"""SmolLM2's stored replies to the documents' problems: made by benchmarks/word_problem_runs.py, which
says what the columns are.
"""

import json
from typing import NamedTuple

from course.runs.stored import matching
from utils.data.word_problems import WordProblem, apple_problems, times_problems

FILE = "word_problem_runs.csv"
PROBLEMS: dict[str, list[WordProblem]] = {
    "apples": apple_problems(bought=True),
    "apples left": apple_problems(bought=False),
    "times": times_problems(),
}


class Reply(NamedTuple):
    """One reply: to which of the variants, its answer if it has one, and its text if that is stored."""

    problem: int
    answer: int | None
    text: str


def replies(task: str, way: str) -> list[Reply]:
    """All replies of a way to the problems of a task, in order.

    Raises ValueError for a task or a way that is not stored.
    """
    rows = matching(FILE, f"no reply to {task!r}, {way!r} is", task=task, way=way)
    return [Reply(int(row["problem"]), _whole(row["answer"]), _text(row["reply"])) for row in rows]


def _whole(value: float | str) -> int | None:
    return None if value == "" else int(value)


def _text(value: float | str) -> str:
    return str(json.loads(value)) if isinstance(value, str) and value else ""
