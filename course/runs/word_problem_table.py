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


def right_answers(task: str, way: str, off: int = 0) -> int:
    """How many of the replies are right; with `off`, how many answers are so much larger than the
    right one. Raises ValueError as `replies` does.
    """
    problems = PROBLEMS[task]
    return sum(reply.answer == problems[reply.problem].answer + off for reply in replies(task, way))


def drawn_answers() -> list[list[int | None]]:
    """The answers that were drawn for each of the apple problems."""
    answers: list[list[int | None]] = [[] for _ in PROBLEMS["apples"]]
    for reply in replies("apples", "drawn"):
        answers[reply.problem].append(reply.answer)
    return answers


def _whole(value: float | str) -> int | None:
    return None if value == "" else int(value)


def _text(value: float | str) -> str:
    return str(json.loads(value)) if isinstance(value, str) and value else ""
