"""The teacher's page: a plan that fits, every misconception, and commands that exist."""

import re
from html import unescape

import pytest

from course.__main__ import main
from course.__main__ import parser as commands
from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapters
from course.exercises import exercises, of_chapter
from course.grading import grade, pack
from course.grading.reports import teacher_page
from course.grading.reports.pages import shown
from course.term.plan import plan
from course.term.talk import of_week

TEXTS = [(ROOT / name).read_text(encoding="utf-8") for name in ("course/teaching.md", "README.md")]
# their answers stand in the lesson
PRACTICE = {"04.7", "04.8", "04.9", "04.10", "05.4", "07.1", "10.2"}
WEEKS = plan(read_chapters(ROOT / CHAPTERS))
PAGE = unescape(teacher_page.teacher_page(ROOT).decode("utf-8"))


def test_the_plan_on_the_page_has_14_weeks_and_every_chapter():
    plan = PAGE[: PAGE.index("In one paragraph")]
    assert re.findall(r'<tr><td class="n">(\d+)</td>', plan) == [str(week) for week in range(1, 15)]
    for one in read_chapters(ROOT / CHAPTERS):
        assert f"{one.number} {one.title}" in plan
    for week in WEEKS:
        row = plan[plan.index(f'<tr><td class="n">{week.number}</td>') :]
        row = row[: row.index("</tr>")]
        assert f'<td class="n">{week.lesson}</td>' in row
        assert f'<td class="n">{week.home}</td>' in row
        assert all(f"{one.number} " in row for one in (left.chapter for left in week.more))
        own = {one.id for one in week.exercises}
        named = re.findall(r"Exercises (\d\d)\.(\d+)(?: to \d\d\.(\d+))?", row)
        spread = {
            f"{chapter}.{number}"
            for chapter, first, last in named
            for number in range(int(first), int(last or first) + 1)
        }
        assert spread == own


def test_each_week_has_its_questions_and_an_assignment_that_can_be_packed():
    after = PAGE[PAGE.index("<h2>Week by week</h2>") :]
    for week in WEEKS:
        start = after.index(f"<h3>Week {week.number}</h3>")
        section = after[start : after.index("<h", start + 4)]
        assert section.count("<details>") == len(of_week(week)) >= 2
        (command,) = re.findall(r"python -m course pack (.*?)</code>", section)
        options = pack.parser().parse_args(command.split())
        own = [one.id for one in week.exercises]
        assert options.exercises == [id for id in own if id not in PRACTICE]


def test_prerequisites_projects_and_the_place_of_solutions_are_told():
    assert "<h2>Projects</h2>" in PAGE and "build/solved/" in PAGE and "Who can follow" in PAGE


def test_a_plan_that_does_not_fit_is_one_sentence(tmp_path, capsys):
    (tmp_path / CHAPTERS).mkdir(parents=True)
    text = (ROOT / CHAPTERS / "01_next_token.md").read_text(encoding="utf-8")
    (tmp_path / CHAPTERS / "77_unknown.md").write_text(text, encoding="utf-8")
    assert teacher_page.main(tmp_path) == 1
    assert "no row for chapter 77" in capsys.readouterr().err


def test_every_misconception_stands_under_its_exercise():
    for one in exercises().values():
        worth = "for practice" if one.id in PRACTICE else f"{one.minutes} points"
        start = PAGE.index(f"<h4>{one.id} {one.title} ({worth})</h4>")
        section = PAGE[start : PAGE.index("</ul>", start)]
        assert section.count("<li>") == len(one.wrongs) and all(
            unescape(shown(wrong.hint)) in section for wrong in one.wrongs
        )


def test_points_are_added_up_rightly():
    own = of_chapter("10")
    points = sum(one.minutes for one in own if one.id != "10.2")
    (row,) = re.findall(r"<tr><td>10</td>.*?</tr>", PAGE)
    assert row.endswith(f'<td class="n">{len(own)}</td><td class="n">{points}</td></tr>')


@pytest.mark.parametrize("text", TEXTS, ids=["teaching", "readme"])
def test_the_commands_that_are_shown_exist(text):
    own = {"pack": pack.parser(), "grade": grade.parser()}
    shown = re.findall(r"python -m course (\w+)([^\n`]*)", text)
    assert {"pack", "grade"} <= {name for name, _ in shown}
    for name, rest in shown:
        assert name in commands().format_help()
        if name in own and rest.strip():
            words = re.findall(r'"[^"]*"|\S+', rest.partition("#")[0])
            own[name].parse_args([word.strip('"') for word in words])


def test_the_command_writes_it(tmp_path, capsys):
    (tmp_path / "course").mkdir()
    (tmp_path / CHAPTERS).mkdir()
    assert teacher_page.main(tmp_path) == 0 and (tmp_path / teacher_page.PAGE).is_file()
    assert "build/teacher.html" in capsys.readouterr().out
    assert main(["teacher"]) == 0 and (
        ROOT / teacher_page.PAGE
    ).read_bytes() == teacher_page.teacher_page(ROOT)
