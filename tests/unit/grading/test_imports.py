"""What platforms import, tested against the rules of their importers, written here once more."""

import csv
import io
import re
import zipfile

import nbformat
import pytest

from course.grading.assignment import Assignment
from course.grading.handed_in.owners import Owner, on_platform
from course.grading.handed_in.submissions import File, Student
from course.grading.marks.mark_student import Marked
from course.grading.marks.marks import Mark
from course.grading.marks.row import Row
from course.grading.reports import feedback_zip, imports
from course.judging.judge import State

ASSIGNMENT = Assignment("Homework", "", ("02_cross_entropy",), {"02.1": 10}, 1)
HEADS = ("Homework 1", "Homework 1 (4711)")


def row(owner: Owner, points: float = 7.5, on_roster: bool | None = None) -> Row:
    mark = Mark("02.1", "Title", points, 10, State.RIGHT, ())
    return Row(Student(owner, on_roster=on_roster), Marked((mark,), ()))


CANVAS = row(Owner("doejane", "Canvas", "12", account="12"))
HIDDEN = row(Owner("anon_aB3xY", "Canvas", "anon_aB3xY"), 3)
SETTLED = row(Owner("Bob Roe", "Canvas", "sis-4", mail="bob", account="13"), 4, True)
AWAY = row(Owner("Ann Away", "", "sis-5", mail="ann"), 0, True)
MOODLE = row(Owner("Jo Ng", "Moodle", "1002", account="77"), 6, True)
BLACKBOARD = row(Owner("=j_doe", "Blackboard", account="j_doe"), 5)
EVERYBODY = [CANVAS, HIDDEN, SETTLED, AWAY, MOODLE, BLACKBOARD]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))


def read_by_canvas(lines, known, assignments):
    """As lib/gradebook_importer.rb does it: what is worth what, and whose points these are.

    known: number, SIS number, login and name of each student there.
    """
    head = lines[0]
    assert "Student" in head[0] and "ID" in head[1] and len(head) > 3
    assert re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3])
    assert "Section" in head[4]
    named = re.fullmatch(r"(.*)\s\((\d+)\)", head[5])
    column = assignments.get(named[2]) if named else None
    worth, found = None, {}
    for line in lines[1:]:
        if "Points Possible" in line[0]:
            worth = float(line[5])
            continue
        signs = [(0, line[1]), (1, line[2]), (2, line[3]), (3, line[0])]
        who = next((one for at, sign in signs for one in known if sign and one[at] == sign), None)
        found[who[3] if who else f"new: {line[0]}"] = float(line[5])
    return column, worth, found


@pytest.mark.parametrize("head", HEADS)
def test_canvas_finds_its_students_and_never_another_one(head):
    """Moodle's number 77 is another person's number in Canvas."""
    known = [
        ("12", "s12", "jane", "Jane Doe"),
        ("13", "sis-4", "bob", "Bob R."),
        ("20", "sis-5", "ann", "Ann A."),
        ("77", "s77", "eve", "Eve"),
        ("1002", "s1002", "mallory", "Mallory"),
    ]
    lines = read(imports.canvas(head, EVERYBODY, 10))
    column, worth, found = read_by_canvas(lines, known, {"4711": "the real one"})
    assert column == ("the real one" if head == HEADS[1] else None) and worth == 10
    assert found == {
        "Jane Doe": 7.5,
        "Bob R.": 4,
        "Ann A.": 0,
        "new: anon_aB3xY": 3,
        "new: Jo Ng": 6,
        "new: '=j_doe": 5,
    }


def test_canvas_drops_columns_of_some_names():
    assert "Final Grade" in imports.column_doubts("My Final Grade")[0]
    assert not imports.column_doubts("Homework 1")


def test_moodle_finds_its_students_by_the_participants_number():
    """By mod/assign/feedback/offline/importgradeslib.php: three columns have to be there, and the
    number stands behind the word "Participant ". A roster's number is another one.
    """
    head, *lines = read(imports.moodle(EVERYBODY, 10))
    identifier, grade, _ = map(head.index, ("Identifier", "Grade", "Last modified (grade)"))
    found = {line[identifier][len("Participant ") :]: line[grade] for line in lines}
    assert found.pop("77") == "6" and set(found) == {""}
    assert "Feedback comments" in head and all(len(line) == len(head) for line in lines)


def test_blackboard_gets_a_user_name_in_every_line():
    column = "Homework 1 [Total Pts: 20 Score] |3415068"
    data = imports.blackboard(column, EVERYBODY)
    assert read(data) == [["Username", column], ["j_doe", "5"]]
    assert all(re.fullmatch('("[^"]*",?)+', line) for line in data.decode().splitlines())


# --- feedback in a zip -----------------------------------------------------------------------------


def files_in(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read_by_moodle(path: str, participants: set[str]) -> tuple[str, str] | None:
    """As mod/assign/feedback/file/importziplib.php does it: whose file it is, and its name."""
    parts = f"/import/{path}".split("/")
    if parts[-1].startswith((".", "~")):
        return None
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) < 4 or not info[1].isdigit() or info[1] not in participants:
            continue
        assert info[2:4] == ["assignsubmission", "file"]  # a plugin that is there
        return info[1], "/".join([*info[4:], *parts])
    return None


@pytest.mark.parametrize("name", ["Jo Ng", "Zoë_x_9", "a/b", "~x", ".hidden", "x" * 120, "a:b?"])
def test_moodle_gives_everybody_their_own_page(name):
    rows = [
        row(Owner(name, "Moodle", "9", account="77")),
        row(Owner("Di", "Moodle", "8", account="8")),
    ]
    rows += [BLACKBOARD, row(Owner("No number", "Moodle"))]
    pages = {one.student.owner.key: one.student.owner.name.encode() for one in rows}
    found = files_in(feedback_zip.moodle(rows, pages))
    got = {read_by_moodle(path, {"77", "8"}): data for path, data in found.items()}
    assert got == {("77", "feedback.html"): name.encode(), ("8", "feedback.html"): b"Di"}


def read_by_canvas_comments(name: str, attachments: dict[str, str]) -> str | None:
    """As Assignment#infer_comment_context_from_filename does it: whose comment it is."""
    numbers = [part for part in name.split("_") if re.fullmatch(r"\d+", part)][:2]
    known = len(numbers) == 2 and attachments.get(numbers[1]) == numbers[0]
    return numbers[0] if known else None


def test_canvas_gives_everybody_a_notebook_with_their_result():
    names = [
        "doejane_12_5001_02_cross_entropy-1.ipynb",
        "roebob_LATE_13_5002_9_x.ipynb",
        "LATE_anon_aB3xY_5003_02.ipynb",
    ]
    rows = []
    for name in names:
        student = Student(on_platform(name), [File(("class", name), "", bytes)])
        mark = Mark("02.1", "<b>T</b>", 1, 10, State.NOT_YET, ("Line one.\n\nLine two.",))
        rows.append(Row(student, Marked((mark,), ("a note",))))
    found = files_in(feedback_zip.canvas(ASSIGNMENT, [*rows, MOODLE]))
    assert [*found] == names[:2]
    handed_in = {"5001": "12", "5002": "13", "5003": "14"}
    assert [read_by_canvas_comments(name, handed_in) for name in found] == ["12", "13"]
    for data in found.values():
        (cell,) = nbformat.reads(data.decode(), as_version=4).cells
        nbformat.validate(nbformat.reads(data.decode(), as_version=4))
        title, text = cell.source.split("\n\n")
        assert title == "# Homework" and "1 of 10 points" in text and "&lt;b&gt;T" in text
        assert "Line one. Line two." in text and "a note" in text


def test_without_students_of_a_platform_there_is_no_zip():
    assert feedback_zip.moodle([CANVAS], {}) == feedback_zip.canvas(ASSIGNMENT, [MOODLE]) == b""
