"""Answers stay with their question where questions were renumbered, and the numbers follow the
text.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from course import predict
from course.building.chapter import read_chapters
from course.lesson.learner_data import recall, remember
from course.predictions import kept, prediction

CHAPTERS = read_chapters(Path(__file__).parents[3] / "course/chapters")
# What the chapters asked, in the order of their text, when answers were kept in predictions.json.
ASKED_BEFORE = {
    "05": ["05.2", "05.3", "05.1", "05.4", "05.5", "05.6", "05.7"],
    "10": ["10.2", "(new)", "10.3", "10.4"],
    "12": ["12.1", "12.3", "12.4", "12.5", "12.6", "12.2"],
    "15": [
        "15.9",
        "15.1",
        "15.10",
        "15.2",
        "15.3",
        "15.4",
        "15.11",
        "15.5",
        "15.6",
        "15.7",
        "15.8",
    ],
    "16": ["16.2", "16.3", "16.1", "16.4", "16.5", "16.6", "16.7", "16.8", "16.9", "16.10"],
    "22": ["(new)", "22.4", "22.5", "(another)", "22.3"],
}


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """A new learner in a plain script."""
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    prediction._answers.clear()


def numbers(chapter):
    """The numbers of a chapter's questions, in the order of its text."""
    return re.findall(r'\bpredict\(\s*"(\d\d\.\d+)"', "\n".join(chapter.code))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=[one.slug for one in CHAPTERS])
def test_questions_are_numbered_in_the_order_of_the_text(chapter):
    found = [tuple(map(int, number.split("."))) for number in numbers(chapter)]
    assert found and found == sorted(set(found))
    assert {first for first, _ in found} == {int(chapter.number)}


@pytest.mark.parametrize("number", ASKED_BEFORE)
def test_an_answer_goes_with_its_question(number):
    before = ASKED_BEFORE[number]
    for id in before:
        remember("predictions", id, f"to {id}")
    now = numbers(next(one for one in CHAPTERS if one.number == number))
    expected = [None if id.startswith("(") else f"to {id}" for id in before]
    assert [kept.kept_answer(id) for id in now] == expected


def test_all_earlier_answers_but_three_are_still_asked_for():
    asked = [id for chapter in CHAPTERS for id in numbers(chapter)]
    earlier = Counter(kept._EARLIER_NUMBERS.get(id, id) for id in asked)
    del earlier[None]
    assert set(earlier.values()) == {1}
    # how much a bank looks at the next word, what a temperature does, what a cache saves
    assert set(asked) - set(earlier) == {"10.1", "22.1", "22.2"}


def test_a_question_without_a_new_number_finds_its_answer():
    remember("predictions", "02.1", 3)
    assert predict("02.1", "?").answer == 3


def test_a_new_answer_replaces_the_earlier_one_and_leaves_it_where_it_is():
    remember("predictions", "15.9", 1)
    first = predict("15.1", "?")
    assert first.answer == 1
    first.keep(2)
    prediction._answers.clear()
    assert predict("15.1", "?").answer == 2
    assert predict("15.9", "?").answer is None  # its own, 15.6, was never kept
    assert recall("predictions") == {"15.9": 1}


def test_an_answer_under_a_new_number_is_not_taken_for_an_earlier_one():
    predict("15.9", "?").keep(5)
    prediction._answers.clear()
    assert predict("15.1", "?").answer is None
    assert predict("15.9", "?").answer == 5
