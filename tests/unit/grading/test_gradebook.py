"""Tables and pages: what stands in them, and that nothing a student wrote does anything there."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest

from course.atomic_file import write_atomically
from course.grading.assignment import Assignment
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.submissions import Student
from course.grading.marks.mark_student import Marked
from course.grading.marks.marks import Mark
from course.grading.reports import gradebook, pages, summary
from course.judging.judge import State

ASSIGNMENT = Assignment("Homework 1", "1 May", ("02_cross_entropy",), {"02.1": 10, "02.2": 6}, 1)
HINT = "Sum or mean? It is <b>too</b> large."


def row(
    name: str,
    *states: str,
    owner: Owner | None = None,
    notes: tuple[str, ...] = (),
    mistake: str = "",
):
    marks = tuple(
        Mark(
            id,
            f"Title {id}",
            most * (state == State.RIGHT),
            most,
            state,
            (mistake or "words",),
            mistake * (state == State.NOT_YET),
        )
        for (id, most), state in zip(ASSIGNMENT.points.items(), states, strict=True)
    )
    return Student(owner or Owner(name), late=bool(owner and owner.late)), Marked(marks, notes)


EVIL = ("＝1+1", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0")
ROWS = [
    row("Ann", State.RIGHT, State.NOT_YET, owner=Owner("Ann", "Moodle", "7"), mistake=HINT),
    row("bob", State.RIGHT, State.RIGHT, owner=Owner("bob", "Canvas", "12", late=True)),
    row(
        "=cmd|calc",
        State.NOT_STARTED,
        State.NOT_YET,
        notes=("<script>alert(1)</script>",),
        mistake=HINT,
    ),
]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))


def test_one_line_for_each_exercise_and_one_for_the_total():
    head, *lines = read(gradebook.gradebook(ROWS))
    assert head[:6] == ["student", "id", "exercise", "title", "points", "of"]
    assert lines[:3] == [
        ["Ann", "7", "02.1", "Title 02.1", "10", "10", "right", ""],
        ["Ann", "7", "02.2", "Title 02.2", "0", "6", "not yet", ""],
        ["Ann", "7", "total", "", "10", "16", "", ""],
    ]
    assert len(lines) == 9 and lines[5] == ["bob", "12", "total", "", "16", "16", "", "late"]


@pytest.mark.parametrize("evil", EVIL)
def test_no_cell_is_a_formula(evil):
    rows = [row(evil, State.RIGHT, State.RIGHT)]
    for data in (
        gradebook.gradebook(rows),
        gradebook.canvas(ASSIGNMENT, rows, 16),
        gradebook.moodle(rows, 16),
    ):
        cells = [cell for line in read(data) for cell in line]
        assert f"'{evil.strip()}" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("evil", ["x;=1+1", "x; =1", 'x";"=1'])
def test_no_formula_stands_behind_a_semicolon_either(evil):
    (cell,) = {
        line[0] for line in read(gradebook.gradebook([row(evil, State.RIGHT, State.RIGHT)]))[1:]
    }
    assert not re.search('[;"] *=', cell) and cell.replace("'", "") == evil
    assert gradebook.harmless("02.1: right; 02.2: not yet") == "02.1: right; 02.2: not yet"


def test_a_long_name_of_wide_letters_has_a_file_too(tmp_path):
    student, _ = row("\U00020000" * 120, State.RIGHT, State.RIGHT)
    write_atomically(tmp_path / pages.file_name(student), b"")


def test_what_canvas_and_moodle_import():
    head, possible, ann, bob, _ = read(gradebook.canvas(ASSIGNMENT, ROWS, 16))
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 1"]
    assert possible[0] == "Points Possible" and possible[-1] == "16"
    assert bob[:2] == ["bob", "12"] and bob[-1] == "16" and ann[-1] == "10"
    head, ann, bob, _ = read(gradebook.moodle(ROWS, 16))
    assert head[:5] == ["Identifier", "Full name", "Status", "Grade", "Maximum Grade"]
    assert ann[0] == "Participant 7" and ann[3:5] == ["10", "16"] and "late" in bob[2]
    assert gradebook.number(2.0) == "2" and gradebook.number(2.5) == "2.5"


class Tags(HTMLParser):
    """The elements of a page, and that they are closed in order."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [(tag, *one) for one in attrs]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page(data: bytes) -> tuple[str, Tags]:
    text = data.decode("utf-8")
    return text, Tags(text)


@pytest.mark.parametrize("which", range(3))
def test_a_students_page_is_sound_and_shows_text_as_text(which):
    text, tags = page(pages.student_page(ASSIGNMENT, ROWS[which]))
    assert "script" not in tags.seen and not [a for a in tags.attributes if a[1] in ("src", "href")]
    assert text.count("<h1>") == 1 and 'lang="en"' in text
    assert all(f"Title {id}" in text for id in ASSIGNMENT.points)
    assert "Not safe" not in text


def test_the_warning_of_trusted_runs_is_on_every_page():
    made = [pages.student_page(ASSIGNMENT, ROWS[0], pages.OPEN_WARNING)]
    made += [summary.summary(ASSIGNMENT, ROWS, [], pages.OPEN_WARNING)]
    assert all("without a sandbox" in data.decode("utf-8") for data in made)


def test_the_teachers_page_counts_states_and_mistakes():
    rows = [*ROWS, row("c", State.NOT_YET, State.NOT_YET, mistake="Another one.")]
    text, tags = page(summary.summary(ASSIGNMENT, rows, ["x.zip is no zip"]))
    assert summary.mistakes(rows)[0] == ("02.2", HINT, 2) and summary.mistakes(rows)[1][2] == 1
    (alt,) = [value for tag, name, value in tags.attributes if tag == "img" and name == "alt"]
    assert (
        "A (02.2) 2" in alt
        and "x.zip is no zip" in text
        and "It is &lt;b&gt;too&lt;/b&gt; large." in text
    )
    links = [value for tag, name, value in tags.attributes if tag == "a" and name == "href"]
    assert links == [f"students/{pages.file_name(student)}" for student, _ in rows]
    assert "<td>Title 02.1</td>" in text and "script" not in tags.seen


def test_every_column_has_a_name_and_code_is_shown_as_code():
    rows = [row("Ann", State.NOT_YET, State.RIGHT, mistake="Is `a<b` right?")]
    for data in (summary.summary(ASSIGNMENT, rows, []), pages.student_page(ASSIGNMENT, rows[0])):
        text, _ = page(data)
        assert "<code>a&lt;b</code>" in text and not re.search(r"<th[^>]*></th>", text)
    assert "Points (of 16)" in page(summary.summary(ASSIGNMENT, rows, []))[0]


def test_without_mistakes_there_is_a_sentence_and_no_picture():
    text, tags = page(summary.summary(ASSIGNMENT, [row("a", State.RIGHT, State.RIGHT)], []))
    assert "img" not in tags.seen and "No answer made one of the mistakes" in text


def test_file_names_are_harmless_and_different():
    names = ["../../x", "=cmd|calc", "a/b", "a_b", "ÄÖ ü", "", "x" * 300, "CON"]
    files = [pages.file_name(Student(Owner(name))) for name in names]
    assert len(set(files)) == len(names) and all(
        re.fullmatch(r"[\w-]{1,69}\.html", file) for file in files
    )


def test_moodles_importer_finds_every_student_and_grade():
    """By the rules of mod/assign/feedback/offline/importgradeslib.php: three columns have to be
    there, and the number stands behind the word "Participant ".
    """
    head, *lines = read(gradebook.moodle(ROWS, 16))
    identifier, grade, _ = map(head.index, ("Identifier", "Grade", "Last modified (grade)"))
    found = {line[identifier][len("Participant ") :]: line[grade] for line in lines}
    assert found == {"7": "10", "12": "16", "": "0"}
    assert "Feedback comments" in head and all(len(line) == len(head) for line in lines)


def test_one_line_for_each_student():
    data = gradebook.by_student(ROWS)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert head == ["student", "id", "mail", "late", "02.1", "02.2", "total"]
    assert lines == [
        ["Ann", "7", "", "", "10", "0", "10"],
        ["bob", "12", "", "late", "10", "6", "16"],
        ["'=cmd|calc", "", "", "", "0", "0", "0"],
    ]
