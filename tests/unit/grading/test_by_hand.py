"""Marks that the teacher sets by hand, and what one run of `grade` leaves for the next."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from course.atomic_file import write_atomically
from course.grading import last_run
from course.grading.assignment import Assignment
from course.grading.csv_file import BadTable
from course.grading.handed_in.notebook import Unreadable
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.roster import Person
from course.grading.handed_in.submissions import File, Student
from course.grading.handed_in.times import Time
from course.grading.last_run import LastRun
from course.grading.marks import by_hand
from course.grading.marks.lateness import Lateness, Policy
from course.grading.marks.mark_student import Marked
from course.grading.marks.marks import Mark
from course.grading.marks.row import Row
from course.grading.reports import gradebook, pages
from course.grading.reports.changes import changes
from course.judging.judge import State

NAMES = ("02.1", "02.2")
ASSIGNMENT = Assignment("Homework", "", ("02_cross_entropy",), {"02.1": 10, "02.2": 6}, 1)
ANN = Student(Owner("Ann", "Moodle", "1", mail="ann@x"))
JO, OTHER_JO = Student(Owner("Jo", "Moodle", "2")), Student(Owner("Jo", "Moodle", "3"))
CLASS = [ANN, JO, OTHER_JO]


def entries(tmp_path, *lines, head="student,exercise,points,comment"):
    (tmp_path / by_hand.FILE).write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return by_hand.by_student(tmp_path, CLASS, NAMES)


def row(student=ANN, late=0.0) -> Row:
    marks = (
        Mark("02.1", "One", 10, 10, State.RIGHT, ("ok",)),
        Mark("02.2", "Two", 0, 6, State.NOT_YET, ("wrong axis",)),
    )
    return Row(student, Marked(marks, ()), Lateness("then", "the zip", 1, late))


def of(row: Row, exercise: str) -> Mark:
    return next(one for one in row.marked.marks if one.name == exercise)


def test_a_mark_by_hand_stands_beside_the_machines(tmp_path):
    found = entries(tmp_path, 'Ann,02.2,"4,5",Nearly.', "ann@x,02.1,,A nice loop.")
    changed = by_hand.apply(row(), found[ANN.owner.key])
    assert (of(changed, "02.2").points, of(changed, "02.2").machine) == (4.5, 0)
    assert (of(changed, "02.1").points, of(changed, "02.1").machine) == (10, None)
    assert changed.total == 14.5 and changed.by_hand == ["02.2"]
    head, one, two, total = csv.reader(io.StringIO(gradebook.gradebook([changed]).decode()))
    assert dict(zip(head, two, strict=True)) | {"title": ""} == {
        **{"student": "Ann", "id": "1", "exercise": "02.2", "title": "", "points": "4.5"},
        **{"of": "6", "state": "not yet", "late": "1 day late", "machine": "0"},
        "comment": "Nearly.",
    }
    assert one[-2:] == ["", "A nice loop."] and total[4] == "14.5"
    text = pages.student_page(ASSIGNMENT, changed).decode()
    assert "4.5 of 6<br>set by hand, instead of 0" in text
    assert "From your teacher:</b> Nearly." in text and "A nice loop." in text


def test_lateness_and_the_total_by_hand(tmp_path):
    late = row(late=0.5)
    assert (late.off, late.total) == (5, 5)
    found = entries(tmp_path, "Ann,late,0,A doctor's note.")
    excused = by_hand.apply(late, found[ANN.owner.key])
    assert (excused.off, excused.total, excused.by_hand) == (0, 10, ["late"])
    found = entries(tmp_path, "Ann,total,12,As agreed.", "Ann,late,1,")
    agreed = by_hand.apply(late, found[ANN.owner.key])
    assert (agreed.total, agreed.computed, agreed.comment) == (12, 9, "As agreed.")
    *_, total = csv.reader(io.StringIO(gradebook.gradebook([agreed]).decode()))
    assert (total[4], total[-2:]) == ("12", ["9", "As agreed."])
    assert by_hand.apply(row(late=0.5), []) == row(late=0.5)
    assert row(late=2.0).total == 0  # never below


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Anne,02.1,3,", "There is no student Anne; is it Ann?"),
        ("Zoe,02.1,3,", "There is no student Zoe; there are Ann, Jo, Jo."),
        ("Jo,02.1,3,", "2 students are called Jo; give the id: 2, 3."),
        ("Ann,02.3,3,", "there is no exercise 02.3; there are 02.1, 02.2, late, total."),
        ("Ann,02.1,many,", "Ann, 02.1: many is no number of points"),
        ("Ann,02.1,-1,", "-1 is no number of points"),
        ("Ann,02.1,nan,", "nan is no number of points"),
        ("Ann,02.1,3,\n1,02.1,4,", "1, 02.1 stands in two lines"),
    ],
)
def test_what_fits_nothing_is_refused_in_a_sentence(tmp_path, line, words):
    with pytest.raises(BadTable, match=re.escape(words)):
        entries(tmp_path, *line.split("\n"))


def test_files_of_other_spreadsheets(tmp_path):
    found = entries(tmp_path, "2;02.1;3,5;", "'3;02.2;1;x", head="student;exercise;points;comment")
    assert [one.points for mine in found.values() for one in mine] == [3.5, 1]
    assert [*found] == [JO.owner.key, OTHER_JO.owner.key]
    path = tmp_path / by_hand.FILE
    path.write_bytes("student,exercise,points\nZo\u00eb,02.1,1\n".encode("cp1252"))
    with pytest.raises(BadTable, match="CSV UTF-8"):
        by_hand.load(path)
    path.write_text("name,exercise\nAnn,02.1\n", encoding="utf-8")
    with pytest.raises(BadTable, match="needs the columns"):
        by_hand.load(path)
    path.write_bytes(by_hand.EMPTY)
    assert by_hand.load(path) == by_hand.load(tmp_path / "none.csv") == []


def test_more_points_than_there_are_is_said(tmp_path):
    found = entries(tmp_path, "Ann,02.2,7,bonus", "Ann,late,0,")
    said = by_hand.remarks([by_hand.apply(row(), found[ANN.owner.key])])
    assert said == ["2 marks set by hand, in by_hand.csv.", "Ann, 02.2: 7 by hand, of 6."]
    assert by_hand.remarks([row()]) == []


# --- what stays ----------------------------------------------------------------------------------


def test_the_next_run_has_what_the_last_one_left(tmp_path):
    time = Time(datetime(2026, 11, 2, 20, tzinfo=UTC), "the file")
    owner = Owner("Zo\u00eb", "Blackboard", when="x", time=time, account="zoe")
    files = [File(("a", "b.ipynb"), "2026", bytes, time), File(("c.ipynb",), "2025", bytes)]
    student = Student(owner, files, ["x.pdf"], True, ["a guess"], True, time.at)
    marked = replace(row().marked, notes=("one",), counted=(1,), seconds=2.5)
    rules = Policy(datetime(2026, 11, 1, 20, tzinfo=UTC), 5, 10, 50)
    people = [
        Person("Jo", "1", "jo@x", ("a", "b"), "Moodle", "7", time.at, None),
        Person("Di", due=datetime(2026, 11, 2)),
    ]
    run = LastRun([(student, marked)], rules, people=people)
    page = run.page(student)
    last_run.save(tmp_path, run)
    found = last_run.load(tmp_path)
    assert found.people == people
    assert found.policy == rules and found.page(student) == page
    (again, marks) = found.students[0]
    assert marks == marked and again.owner == owner and again.owner.key == owner.key
    assert (again.others, again.late, again.guesses, again.due) == (
        ["x.pdf"],
        True,
        ["a guess"],
        time.at,
    )
    assert [(one.parts, one.when, one.time) for one in again.notebooks] == [
        (one.parts, one.when, one.time) for one in files
    ]
    with pytest.raises(Unreadable):
        again.notebooks[0].read()
    (tmp_path / last_run.FILE).write_text("{}", encoding="utf-8")
    assert last_run.load(tmp_path) == last_run.load(tmp_path / "none") == LastRun()


def test_the_new_line_takes_the_place_of_the_old_one():
    old, new = row().marked, replace(row().marked, notes=("new",))
    found = last_run.with_new([(ANN, old), (JO, old)], [(JO, new), (OTHER_JO, new)])
    assert [(one.owner.id, got) for one, got in found] == [("1", old), ("2", new), ("3", new)]


def test_page_names_are_harmless_different_and_stay():
    names = ["../../x", "=cmd|calc", "a/b", "a_b", "ÄÖ ü", "", "x" * 300, "CON"]
    students = [Student(Owner(name)) for name in names]
    run = LastRun()
    files = [run.page(one) for one in students]
    assert files == [run.page(one) for one in students]
    assert len(set(files)) == len(names) and all(
        re.fullmatch(r"[\w-]{1,76}\.html", file) for file in files
    )


def test_page_names_cannot_be_guessed():
    """Whoever knows all of a student knows nothing of the name: another run has another one."""
    names = {LastRun().page(ANN) for _ in range(100)}
    assert len(names) == 100 and all(len(name) >= len("Ann-.html") + 16 for name in names)


def test_a_long_name_of_wide_letters_has_a_file_too(tmp_path):
    write_atomically(tmp_path / LastRun().page(Student(Owner("\U00020000" * 120))), b"")


def test_nobody_loses_a_mark_without_a_word():
    full = row().marked
    none = replace(full, marks=tuple(replace(one, points=0) for one in full.marks))
    last = LastRun([(ANN, full), (JO, full), (OTHER_JO, none)])
    now = LastRun([(ANN, none), (OTHER_JO, full)])
    assert changes(last, now) == [
        "Ann has 0 points now, and had 10 in the last run.",
        "Jo was in the last run with 10 points, and is not there any more.",
    ]
    assert changes(last, last) == changes(LastRun(), now) == []
