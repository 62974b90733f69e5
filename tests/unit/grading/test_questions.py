"""Questions in words: into the notebook, out of what comes back, and until the teacher has read
them.
"""

import json
from dataclasses import replace

import nbformat
import pytest

from course.__main__ import main
from course.grading import questions
from course.grading.assignment import Assignment, BadAssignment, load
from course.grading.csv_file import BadTable
from course.grading.handed_in.notebook import read_notebook
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.submissions import Student
from course.grading.marks import by_hand
from course.grading.marks.by_hand import Entry
from course.grading.marks.mark_student import Marked, Readable, in_words
from course.grading.marks.marks import WAITS, question_mark
from course.grading.marks.row import Row
from course.grading.questions import LONGEST, Question, answers, with_questions
from course.grading.reports import gradebook, summary, to_read
from course.judging.judge import State

SLUGS = ("02_cross_entropy", "10_attention")
WHY = Question("Q1", SLUGS[0], 4, "Why is a loss of 0 on new text a bad sign?")
HOW = Question("Q2", SLUGS[0], 2.5, f"How?\n\n{'long ' * 40}")


def learners(*asked: Question) -> list[str]:
    """The cells of text of a notebook with these questions, as a learner gets it."""
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1", id="a")])
    data = with_questions(nbformat.writes(empty).encode(), asked)
    assert data == with_questions(nbformat.writes(empty).encode(), asked)
    found = read_notebook(data)
    assert found.cells == ["x = 1"]
    return found.texts


def test_a_question_stands_there_with_a_cell_for_the_answer():
    task, answer, second, _ = learners(WHY, HOW)
    assert WHY.text in task and "Q1 (4 points)" in task and "Q2 (2.5 points)" in second
    assert answer.endswith("\n\n…") and "keep this line" in answer
    assert learners() == [] and len(HOW.title) == 80


def test_what_is_answered_is_found_and_a_stub_is_no_answer():
    cells = learners(WHY, HOW)
    assert answers(cells) == {}
    cells[1] = cells[1].replace("…", "It has seen it.")
    assert answers(cells) == {"Q1": "It has seen it."}
    cells.insert(2, "And more,\n\nin a cell below.")
    cells[-1] = cells[-1].replace("…", "Well.") + "\n\n- a list"
    assert answers(["Lesson text.", *cells]) == {
        "Q1": "It has seen it.\n\nAnd more,\n\nin a cell below.",
        "Q2": "Well.\n\n- a list",
    }


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("**Your answer to Q1**\nYes.", "Yes."),
        ("your answer to q1 (write below)\n\n\nYes.", "Yes."),
        ("**Your answer to Q1** (write below, and keep this line) Yes.", None),
        ("I think: Your answer to Q1\nYes.", None),
        ("**Your answer to Q1**\n\n ... ", None),
        (f"Your answer to Q1\n{'x' * 2 * LONGEST}", "x" * LONGEST),
    ],
)
def test_an_answer_is_found_by_its_first_line(cell, found):
    assert answers([cell]).get("Q1") == found


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("chapter,points\n02,1\n", "needs the columns"),
        ("chapter,points,question\n", "needs the columns"),
        ("chapter,points,question\n03,1,Why?\n", "question 1 is for chapter 03"),
        ("chapter,points,question\n02,1,Why?\n02,many,Why?\n", "question 2 needs points"),
        ("chapter,points,question\n02,1,\n", "question 1 needs points, from 0, and its words"),
    ],
)
def test_a_file_of_questions_that_is_none(tmp_path, lines, words):
    (tmp_path / "q.csv").write_text(lines, encoding="utf-8")
    with pytest.raises(BadTable, match=words):
        questions.load(tmp_path / "q.csv", SLUGS)


def test_an_assignment_with_questions(tmp_path, capsys):
    path = tmp_path / "q.csv"
    path.write_text(
        f'chapter;points;question\n2;4;{WHY.text}\n10;"1,5";Whose?\n', encoding="utf-8-sig"
    )
    command = ["pack", "--chapters", "02,10", "--out", str(tmp_path / "hw"), "--questions"]
    assert main([*command, str(path)]) == 0
    made = load(tmp_path / "hw")
    assert made.questions == (WHY, Question("Q2", SLUGS[1], 1.5, "Whose?"))
    folder = tmp_path / "hw" / "for_learners"
    for slug, own, other in ((SLUGS[0], "Q1", "Q2"), (SLUGS[1], "Q2", "Q1")):
        text = (folder / f"{slug}.ipynb").read_text(encoding="utf-8")
        assert f"Question {own}" in text and f"Question {other}" not in text
    told = (folder / "READ_ME_FIRST.md").read_text(encoding="utf-8")
    whole = sum(made.points.values()) + 5.5
    assert f"| Q1 {WHY.text} | 4 |" in told and f"| | Together | {whole:g} |" in told
    public = folder / "assignment.json"
    facts = json.loads(public.read_text(encoding="utf-8"))
    for broken in ([{"id": "Q1"}], [facts["questions"][0] | {"points": -1}], [7]):
        public.write_text(json.dumps(facts | {"questions": broken}), encoding="utf-8")
        with pytest.raises(BadAssignment, match="a question needs"):
            load(tmp_path / "hw")


def test_the_newest_answer_counts():
    books = [Readable(place, "x", [], words=words) for place, words in enumerate([{}, {"Q1": "a"}])]
    books.append(replace(books[1], words={"Q1": "older", "Q2": "b"}))
    one, other = in_words(books, [WHY, HOW])
    assert one.lines == (WAITS, "a") and other.lines == (WAITS, "b")
    assert (one.state, one.points, one.most) == (State.TO_READ, 0, 4)
    (empty,) = in_words(books[:1], [WHY])
    assert (empty.state, empty.lines) == (State.NOT_STARTED, ())


def test_an_answer_waits_until_it_has_points():
    asked = Assignment("Homework", "", SLUGS[:1], {"02.1": 10}, 1, questions=(WHY, HOW))
    marks = (question_mark(WHY, "<i>It</i> has.\n\nSeen."), question_mark(HOW, ""))
    row = Row(Student(Owner("Ann", id="7")), Marked(marks, ()))
    assert to_read.waiting([row]) == [
        "1 answer in words to be read, in to_read.html; without points until then."
    ]
    text = to_read.to_read(asked, [row]).decode()
    assert "Ann (7)" in text and "<p>&lt;i&gt;It&lt;/i&gt; has.</p><p>Seen.</p>" in text
    assert "Q2" not in text
    assert b"to be read" in gradebook.by_student([row])
    page = summary.summary(asked, [row], [], lambda student: "x.html").decode()
    assert "to be read" in page
    for points, state in ((4, State.RIGHT), (0, State.NOT_YET)):
        done = by_hand.apply(row, [Entry("Ann", "Q1", points, "Good.")])
        assert (done.total, done.marked.marks[0].state) == (points, state)
        assert done.marked.marks[0].lines == ("<i>It</i> has.\n\nSeen.",)
        assert to_read.waiting([done]) == [] and to_read.to_read(asked, [done]) == b""
        assert b"to be read" not in gradebook.by_student([done])
        page = summary.summary(asked, [done], [], lambda student: "x.html").decode()
        assert "to be read" not in page
    only_said = by_hand.apply(row, [Entry("Ann", "Q1", None, "Come and see me.")])
    assert to_read.waiting([only_said]) and only_said.marked.marks[0].comment
