"""What is talked through: two questions a week or more, each with its place in a lesson."""

import pytest

from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapters
from course.term import talk
from course.term.plan import TermError, plan
from course.term.projects import projects
from course.term.talk import Question, check_places, of_week, questions

THERE = read_chapters(ROOT / CHAPTERS)
NUMBERS = [one.number for one in THERE]
WEEKS = plan(THERE)


@pytest.mark.parametrize("week", WEEKS, ids=lambda week: str(week.number))
def test_each_week_has_two_questions_or_more(week):
    own = of_week(week)
    assert len(own) >= 2
    for one in own:
        assert one.question.rstrip().endswith("?") and len(one.answer.split()) >= 10


def test_every_question_stands_in_one_week_and_its_section_in_the_chapter():
    check_places(WEEKS, NUMBERS)
    asked = [one for week in WEEKS for one in of_week(week)]
    assert len(asked) == len(set(asked)) == len(questions())
    texts = {one.number: one.path.read_text(encoding="utf-8").splitlines() for one in THERE}
    for one in questions():
        lines = texts[one.chapter]
        assert f"## {one.section}" in lines or f"### {one.section}" in lines, one


@pytest.mark.parametrize(
    "section", ["No such section", "What has to be kept"], ids=["renamed", "left out"]
)
def test_a_question_without_a_place_is_one_sentence(monkeypatch, section):
    lost = Question("04", section, "Why?", "Because.")
    monkeypatch.setattr(talk, "questions", lambda: [lost])
    with pytest.raises(TermError, match=f"{section}.*chapter 04"):
        check_places(WEEKS, NUMBERS)
    check_places(WEEKS, ["05"])


def test_projects_wait_for_their_chapter():
    every = {one.after for one in projects([f"{n:02}" for n in range(1, 40)])}
    assert "25" in every and len(projects(["02"])) == 1
    assert len(projects(NUMBERS)) == len([one for one in every if one in NUMBERS]) >= 2
