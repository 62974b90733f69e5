"""Notebooks as students hand them in, made from lines of code."""

import json
from collections.abc import Sequence
from pathlib import Path

from course.building.chapter import read_chapter
from course.building.exercise_cells import learner_cell
from course.exercises import exercises, of_chapter
from course.judging.exercise_source import reference, renamed
from course.judging.variant import varied

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = """import math
import torch
import torch.nn.functional as F
from torch import Tensor
from course import check, hint, solution"""


def notebook(sources: Sequence[str], **more) -> bytes:
    """A notebook file (nbformat 4) of code cells; `more` replaces what stands at its top level."""
    made = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": one}
        for one in sources
    ]
    content = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(content | more).encode()


def right(id: str, variant: int = 0, checked: bool = True) -> str:
    """The cell with the reference answer."""
    one = varied(exercises()[id], variant)
    return reference(one) + (f"\n\n{one.call}" if checked else "")


def wrong(id: str, which: int = 0) -> str:
    """A cell with one of the known mistakes, under the name of the answer."""
    one = exercises()[id]
    return renamed(one.wrongs[which].answer, one.name)


def lesson(slug: str) -> list[str]:
    """All code cells of a learner's notebook, with the stubs."""
    chapter = read_chapter(ROOT / "course" / "chapters" / f"{slug}.md")
    return [learner_cell(cell) for cell in chapter.cells if cell.kind == "code"]


def solved(slug: str, variant: int = 0) -> list[str]:
    """The whole notebook with the reference answers in their places."""
    answers = {one.call: right(one.id, variant) for one in of_chapter(slug[:2])}
    return [
        next((answers[call] for call in answers if cell.endswith(call)), cell)
        for cell in lesson(slug)
    ]
