"""The term on the teacher's page: the table of its weeks, each week with its questions, projects."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from course.building.chapter import Chapter
from course.grading.reports.pages import shown, table
from course.term.plan import FREE, LESSON, TALK, WEEKS, Left, Part, Week, plan
from course.term.projects import projects
from course.term.talk import Question, check_places, of_week

_ABOUT = (
    "The core, in {weeks} lessons of {lesson} minutes. At least {talk} of them are for questions to "
    "talk through: two or three of those that stand below, week by week. Minutes in class are those "
    "of one reader alone, with two more for each prediction, because a class talks about it; minutes "
    "at home are those of the exercises, and of what is read there before the lesson. A chapter in several parts is "
    "cut at its places to stop. The last column has the rest, for those who want more, in the first "
    "week in which it can be done."
)


def planned(chapters: Sequence[Chapter]) -> list[Week]:
    """The weeks, with every question in its place. TermError if something does not fit."""
    weeks = plan(chapters)
    check_places(weeks, [one.number for one in chapters])
    return weeks


def weeks_table(weeks: Sequence[Week]) -> str:
    """All weeks of the term, one below the other."""
    by_number = {week.number: week for week in weeks}
    rows = [_row(number, by_number.get(number)) for number in range(1, WEEKS + 1)]
    about = _ABOUT.format(weeks=len(weeks), lesson=LESSON, talk=TALK)
    head = ["Week", "In class", "Minutes", "At home", "Minutes", "For those who want more"]
    return f"<h2>Fourteen weeks</h2><p>{about}</p>{table(head, rows, (0, 2, 4))}"


def _row(number: int, week: Week | None) -> list[str]:
    if week is None:
        words = FREE.get(number, "A project, or a chapter once more")
        return [str(number), escape(words), "", "", "", ""]
    more = "".join(f"<p>{_left(one)}</p>" for one in week.more)
    lesson, home = str(week.lesson), str(week.home)
    in_class = _names([one for one in week.parts if one.in_class])
    return [str(number), in_class, lesson, _home(week), home, more]


def _names(parts: Sequence[Part]) -> str:
    """A line for each chapter: its title alone where all of its parts are there."""
    by_chapter = [list(own) for _, own in groupby(parts, lambda one: one.chapter.number)]
    lines = []
    for own in by_chapter:
        chapter = own[0].chapter
        whole_chapter = len(own) == own[0].of
        lines += (
            [f"{chapter.number} {chapter.title}"] if whole_chapter else [one.name for one in own]
        )
    return _lines([escape(line) for line in lines])


def _lines(lines: Sequence[str]) -> str:
    """One below the other, and no word cut in two."""
    return "".join(f'<p style="overflow-wrap: normal">{line}</p>' for line in lines)


def _home(week: Week) -> str:
    read = [f"Read {escape(one.name)}" for one in week.parts if not one.in_class]
    return _lines(read + [f"Exercises {one}" for one in _ranges(week)])


def _ranges(week: Week) -> list[str]:
    """The exercises of each part, from the first to the last: 04.1 to 04.4."""
    by_part = [[one.id for one in part.exercises] for part in week.parts if part.exercises]
    return [f"{ids[0]} to {ids[-1]}" if len(ids) > 1 else ids[0] for ids in by_part]


def _left(left: Left) -> str:
    names = left.chapter.title
    if len(left.parts) < left.parts[0].of:
        places = [str(one.place) for one in left.parts]
        names += f", part{'s' if len(places) > 1 else ''} {' and '.join(places)}"
    return f"{left.chapter.number} {escape(names)} ({left.minutes} minutes): {escape(left.words)}"


def each_week(weeks: Sequence[Week]) -> str:
    """For each week its assignment as a command, and what is talked through."""
    return "<h2>Week by week</h2>" + "".join(_week(one) for one in weeks)


def _week(week: Week) -> str:
    ids = " ".join(one.id for one in week.exercises if one.graded)
    command = f"python -m course pack --exercises {ids} --out week{week.number:02}"
    asked = "".join(_question(one) for one in of_week(week))
    pack = f"<p>The assignment:</p><pre><code>{escape(command)}</code></pre>" if ids else ""
    return f"<h3>Week {week.number}</h3><ul>{asked}</ul>{pack}"


def _question(one: Question) -> str:
    place = f"chapter {one.chapter}, \u201c{escape(one.section)}\u201d"
    answer = f"<details><summary>A good answer ({place})</summary>{escape(one.answer)}</details>"
    return f"<li>{shown(one.question)}{answer}</li>"


def project_list(chapters: Sequence[Chapter]) -> str:
    """The projects that the chapters allow."""
    rows = [
        [one.after, f"<b>{escape(one.title)}</b>. {escape(one.task)}", escape(one.hand_in)]
        for one in projects(one.number for one in chapters)
    ]
    words = (
        "Alone or in twos, over four weeks or more, shown in week 14. What is worth most is the "
        "control, and the sentence on what the result does not show."
    )
    head = ["After chapter", "Project", "What is handed in"]
    return f"<h2>Projects</h2><p>{words}</p>{table(head, rows)}"
