"""An assignment on disk: what learners get, and beside it what only the teacher has.

    homework/
        for_learners/               hand this out: notebooks, READ_ME_FIRST.md, assignment.json
        (points, due date) teacher.json                the seed; keep it
        checks.py                   the private checks, if there are some; keep them

Points stand in for_learners/assignment.json and may be edited there before the assignment is handed
out.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course.atomic_file import write_atomically
from course.exercises import exercises
from course.grading.questions import Question
from course.judging.exercise import Exercise
from course.judging.variant import varied

LEARNERS, TEACHER, CHECKS = "for_learners", "teacher.json", "checks.py"
PUBLIC = f"{LEARNERS}/assignment.json"


class BadAssignment(ValueError):
    """This folder is no assignment. The message is one sentence."""


@dataclass(frozen=True)
class Assignment:
    """What is graded: chapters by their slug ("02_cross_entropy"), and the points of each exercise
    by its id.
    """

    title: str
    due: str
    chapters: tuple[str, ...]
    points: dict[str, float]
    seed: int
    variant: int = 0  # which constants the learners' own exercises have; 0: those of the course
    questions: tuple[Question, ...] = ()  # answered in words
    # by the slug of a capstone: the exercises of other chapters that are marked in its notebook
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, slug: str) -> list[Exercise]:
        """The exercises that are marked in the notebook of one of its chapters: its own, and then
        those whose answers it puts to use.
        """
        elsewhere = {id for ids in self.parts.values() for id in ids}
        own = [id for id in self.points if id[:2] == slug[:2] and id not in elsewhere]
        return [varied(exercises()[id], self.variant) for id in (*own, *self.parts.get(slug, ()))]


def save(assignment: Assignment, folder: Path) -> None:
    """Write the two files."""
    facts = asdict(assignment)
    teacher = {name: facts.pop(name) for name in ("seed",)}
    for name, content in ((PUBLIC, facts), (TEACHER, teacher)):
        write_atomically(
            folder / name, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
        )


def load(folder: Path) -> Assignment:
    """The assignment in this folder. BadAssignment says what is wrong with it."""
    facts = _object(folder / PUBLIC) | _object(folder / TEACHER)
    points = facts.get("points")
    if not isinstance(points, dict) or not all(_fits(id, most) for id, most in points.items()):
        raise BadAssignment(
            f'{folder / PUBLIC} needs points, a number from 0 for each exercise, like "02.1": 10.'
        )
    if unknown := sorted(points.keys() - exercises().keys()):
        raise BadAssignment(
            f"{folder / PUBLIC} gives points for {', '.join(unknown)}, which this course does not "
            "have."
        )
    if type(facts.get("seed")) is not int:
        raise BadAssignment(
            f"{folder / TEACHER} needs the seed that `python -m course pack` wrote there."
        )
    chapters, parts = facts.get("chapters"), _parts(facts, folder / PUBLIC)
    elsewhere = {id for ids in parts.values() for id in ids}
    if not isinstance(chapters, list) or {str(slug)[:2] for slug in chapters} != {
        exercises()[id].chapter for id in points.keys() - elsewhere
    }:
        raise BadAssignment(
            f"{folder / PUBLIC} needs its chapters, those whose exercises have points."
        )
    text = {name: str(facts.get(name) or "") for name in ("title", "due")}
    return Assignment(
        **text,
        chapters=tuple(chapters),
        points=points,
        seed=facts["seed"],
        variant=facts.get("variant", 0),
        questions=_questions(facts, folder / PUBLIC),
        parts=parts,
    )


def _parts(facts: dict[str, Any], path: Path) -> dict[str, tuple[str, ...]]:
    """Which exercises of other chapters a notebook is marked for."""
    parts, points = facts.get("parts", {}), facts["points"]
    fits = isinstance(parts, dict) and all(
        isinstance(ids, list) and all(id in points for id in ids) for ids in parts.values()
    )
    if not fits or not parts.keys() <= set(facts.get("chapters") or ()):
        raise BadAssignment(
            f"In {path} parts needs a list of exercises that have points for each notebook that "
            "puts other chapters' answers to use."
        )
    return {slug: tuple(ids) for slug, ids in parts.items()}


def _questions(facts: dict[str, Any], path: Path) -> tuple[Question, ...]:
    try:
        found = tuple(Question(**one) for one in facts.get("questions", []))
    except TypeError:
        found = (Question("", "", -1, ""),)
    if not all(_fits(one.id, one.points) for one in found):
        raise BadAssignment(
            f"In {path} a question needs its id, chapter, text and points, a number from 0."
        )
    return found


def _fits(id: Any, most: Any) -> bool:
    return isinstance(id, str) and type(most) in (int, float) and 0 <= most < 1e6


def _object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadAssignment(
            f"There is no {path}: make an assignment with `python -m course pack`."
        ) from None
    except (OSError, ValueError) as error:
        raise BadAssignment(f"{path} cannot be read ({error}).") from None
    if not isinstance(content, dict):
        raise BadAssignment(f"{path} does not hold a JSON object.")
    return content
