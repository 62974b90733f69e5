"""The teacher's page: a plan that fits, every misconception, and commands that exist."""

import re
from html import unescape
from types import SimpleNamespace

import pytest

from course.__main__ import main
from course.__main__ import parser as commands
from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapters
from course.exercises import exercises, of_chapter
from course.grading import grade, pack
from course.grading.reports import teacher_page
from course.grading.reports.pages import shown

TEXTS = [(ROOT / name).read_text(encoding="utf-8") for name in ("course/teaching.md", "README.md")]
PAGE = unescape(teacher_page.teacher_page(ROOT).decode("utf-8"))


def chapters(*minutes):
    return [
        SimpleNamespace(number=f"{place:02}", minutes=one) for place, one in enumerate(minutes, 1)
    ]


@pytest.mark.parametrize(
    "minutes",
    [(30,) * 24, (35, 30, 75, 120, 100, 110, 80, 70), (10, 200, 10), (60,) * 12, (5,) * 40],
)
def test_a_plan_has_every_chapter_once_in_order_and_fits(minutes):
    weeks = teacher_page.plan(chapters(*minutes), 12)
    parts = [part for week in weeks for part in week]
    assert len(weeks) <= 12 and all(weeks)
    numbers = [f"{n + 1:02}" for n in range(len(minutes))]
    assert [part.chapter.number for part in parts if part.place == 1] == numbers
    assert [part.chapter.number for part in parts if part.last] == numbers
    assert sum(part.minutes for part in parts) == sum(minutes)
    longest = max(sum(part.minutes for part in week) for week in weeks)
    assert longest <= max(max(part.minutes for part in parts), 2 * sum(minutes) / 12)


def test_the_plan_on_the_page_has_14_weeks_and_every_chapter():
    plan = PAGE[: PAGE.index("In one paragraph")]
    assert re.findall(r'<tr><td class="n">(\d+)</td>', plan) == [str(week) for week in range(1, 15)]
    for one in read_chapters(ROOT / CHAPTERS):
        assert f"{one.number} {one.title}" in plan


def test_every_misconception_stands_under_its_exercise():
    for one in exercises().values():
        start = PAGE.index(f"<h4>{one.id} {one.title} ({one.minutes} points)</h4>")
        section = PAGE[start : PAGE.index("</ul>", start)]
        assert section.count("<li>") == len(one.wrongs) and all(
            unescape(shown(wrong.hint)) in section for wrong in one.wrongs
        )


def test_points_are_added_up_rightly():
    own = of_chapter("10")
    points = sum(one.minutes for one in own)
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
