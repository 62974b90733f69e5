"""The explorer of written steps: each net's own answer, a step broken where it was asked for, and
sentences for what is no calculation.
"""

import re

import pytest
import torch

from utils.data.problems_in_steps import SYMBOLS, last_digit_problem
from utils.training.step_writer import StepWriter, encode, new_step_writer
from utils.widgets.steps_explorer import steps_explorer, steps_picture

QUESTION = "3*7+4*3="  # 1, 5, 5


class Calculator(StepWriter):
    """Writes the steps of whatever stands there, without a fault; as dots, only dots."""

    def __init__(self, way):
        super().__init__(new_step_writer(way, 1).model, way)

    def write(self, texts, count, temperature=0.0, rng=None):
        return [self._on(text, count) for text in texts]

    def next_symbols(self, texts):
        rows = torch.full((len(texts), len(SYMBOLS)), 0.01)
        for row, text in zip(rows, texts, strict=True):
            plain = text.replace(".", "")
            row[encode(self._on(plain, 1) if self.way == "steps" else "4")[0]] = 0.5
        return rows

    def _on(self, text, count):
        if self.way == "dots":
            return "." * count
        question, _, begun = text.partition("=")
        operations = re.findall(r"[+*]\d", question)[len(begun) :]
        digit, said = int(begun[-1]) if begun else int(question[0]), ""
        for operation in operations[:count]:
            digit = eval(f"{digit}{operation}") % 10
            said += str(digit)
        return said


NETS = {way: Calculator(way) for way in ("direct", "dots", "steps")}


def words(html: str) -> list[str]:
    return (
        re.sub(r"<br>", "\n", re.sub(r"</?(b|div\b[^>]*)>", "", html)).split("<img")[0].split("\n")
    )


def test_each_net_says_its_answer_and_the_steps_are_checked():
    lines = words(steps_picture(NETS, QUESTION, 2, -1, 1))
    assert lines == [
        "direct: 4, which is wrong (5 is right)",
        "dots: .. 4, which is wrong (5 is right)",
        "steps: 1✓ 5✓ 5, which is right",
    ]


@pytest.mark.parametrize(
    ("broken", "by", "line"),
    [
        (0, 1, "steps: 2✗ 6✓ 8, which follows from the broken step (5 would be right)"),
        (1, 3, "steps: 1✓ 8✗ 4, which follows from the broken step (5 would be right)"),
        (0, 9, "steps: 0✗ 4✓ 2, which follows from the broken step (5 would be right)"),
    ],
)
def test_a_broken_step_is_marked_and_the_answer_follows_it(broken, by, line):
    lines = words(steps_picture(NETS, QUESTION, 2, broken, by))
    assert lines[2] == line
    assert lines[:2] == words(steps_picture(NETS, QUESTION, 2, -1, 1))[:2]


def test_controls_redraw_at_once():
    box = steps_explorer(NETS, QUESTION)
    row, picture = box.children
    question, broken, by = row.children
    assert [value for _, value in broken.options] == [-1, 0, 1]
    assert broken.value == 1 and "steps</b>: 1✓ 6✗" in picture.value and "<img" in picture.value
    broken.value = -1
    assert "steps</b>: 1✓ 5✓ 5" in picture.value
    broken.value = 0
    assert "2✗ 6✓ 8" in picture.value
    by.value = 2
    assert "3✗ 7✓ 1" in picture.value
    broken.value = -1
    question.value = " 9 × 3 + 1 + 1 "
    problem = last_digit_problem("9*3+1+1=")
    assert f"{problem.steps[0]}✓ {problem.steps[1]}✓ {problem.answer}" in picture.value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3*7", "has 1 operations, and these nets have learned calculations of 3"),
        ("three times", "no calculation of single digits"),
        ("13*7+1+1", "no calculation of single digits"),
    ],
)
def test_what_the_nets_cannot_read_is_told(text, sentence):
    row, picture = steps_explorer(NETS, QUESTION).children
    row.children[0].value = text
    assert sentence in picture.value and "<img" not in picture.value


def test_a_factor_that_no_net_has_read_is_named():
    assert "No net has read the factor 2, 5" in steps_picture(NETS, "3*2+4*5=", 2, -1, 1)
    assert "No net has read" not in steps_picture(NETS, QUESTION, 2, -1, 1)
