"""An assignment with the capstone: what is marked where."""

import json
import re

import pytest

from course.__main__ import main
from course.building.build import CHAPTERS, ROOT
from course.building.chapter import GRADED, ChapterError, read_chapter
from course.exercises import exercises, of_chapter
from course.grading.assignment import BadAssignment, load

SLUG = "25_capstone"
CAPSTONE = read_chapter(ROOT / CHAPTERS / f"{SLUG}.md")


def packed(tmp_path, chapters):
    assert main(["pack", "--chapters", chapters, "--out", str(tmp_path / "hw")]) == 0
    return load(tmp_path / "hw")


def texts(tmp_path, *asked):
    """The texts of the capstone as it is handed out, links left out."""
    assert main(["pack", *asked, "--out", str(tmp_path / "hw")]) == 0
    path = tmp_path / "hw" / "for_learners" / f"{SLUG}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def test_a_capstone_is_marked_for_its_own_exercises_and_then_for_its_parts(tmp_path):
    made = packed(tmp_path, "25")
    own = [one.id for one in of_chapter("25")]
    assert len(CAPSTONE.parts) == 20 and not set(own) & set(CAPSTONE.parts)
    assert [one.id for one in made.of(SLUG)] == [*own, *CAPSTONE.parts]
    assert made.points == {id: exercises()[id].minutes for id in (*own, *CAPSTONE.parts)}
    readme = (tmp_path / "hw" / "for_learners" / "READ_ME_FIRST.md").read_text(encoding="utf-8")
    assert all(f"| {SLUG} | {id} " in readme for id in CAPSTONE.parts)


def test_an_exercise_is_marked_once_where_its_own_chapter_is_there_too(tmp_path):
    made = packed(tmp_path, "10,12,25")
    assert {"10.2", "12.2"} <= set(CAPSTONE.parts)
    assert [one.id for one in made.of("12_feed_forward")] == [one.id for one in of_chapter("12")]
    # 10.2 is for practice in its chapter, and so it is marked where it is put to use
    own = [one.id for one in of_chapter("10") if one.id != "10.2"]
    assert [one.id for one in made.of("10_attention")] == own
    marked = [one.id for one in made.of(SLUG)]
    assert "12.2" not in marked and "10.2" in marked and len(marked) == 3 + 19
    assert sum(len(made.of(slug)) for slug in made.chapters) == len(made.points)


def graded_by_the_chapter():
    """What the chapter says where nobody has packed it."""
    (said,) = [one.source for one in CAPSTONE.cells if GRADED in one.tags]
    return said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--exercises", "25.1"], "exercise 25.1. None of the parts is graded here"),
        (["--exercises", "25.3,25.1"], "exercises 25.1, 25.3. None of the parts is graded here"),
        (["--exercises", "25.2", "10.2"], "exercise 25.2. None of the parts is graded here"),
        (["--chapters", "25"], "exercises 25.1, 25.2, 25.3, and 20 parts, by the check"),
        (["--chapters", "12,25"], "exercises 25.1, 25.2, 25.3, and 19 parts, by the check"),
    ],
)
def test_a_packed_capstone_says_what_of_it_is_graded(tmp_path, asked, said):
    found = texts(tmp_path, *asked)
    made = load(tmp_path / "hw")
    (graded,) = [one for one in found if one.startswith("In this notebook the assignment grades")]
    assert said in graded
    assert set(re.findall(r"\d\d\.\d+", graded)) == {one.id for one in made.of(SLUG)}
    assert not [one for one in found if graded_by_the_chapter() in one]
    # the same as at its head
    (head,) = [one for one in found if "This assignment asks for" in one] or [""]
    assert ("25.3" in graded) == (not head or "25.3" in head)


def test_the_chapter_says_how_many_parts_it_has():
    said = graded_by_the_chapter()
    assert "three pieces of glue" in said and len(of_chapter("25")) == 3
    assert f"the {len(CAPSTONE.parts)} parts" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('+++ {"tags": ["graded"]}\n\n## Graded\n\nAll.\n\n+++\n', "end that text with a line"),
        ("```{code-cell}\n:tags: [graded]\nx = 1\n```\n", "'graded' is for a text cell"),
    ],
)
def test_what_is_graded_is_a_text_without_a_heading(tmp_path, text, words):
    """An assignment puts another text in its place, and a heading would go with it."""
    path = tmp_path / "99_capstone.md"
    path.write_text(f"---\ntitle: X\nkind: capstone\n---\n\nText.\n\n{text}", encoding="utf-8")
    with pytest.raises(ChapterError, match=words):
        read_chapter(path)


@pytest.mark.parametrize(
    "parts", [["10.2"], {"25_capstone": "10.2"}, {"25_capstone": ["99.1"]}, {"02_x": ["10.2"]}]
)
def test_parts_that_fit_nothing_are_refused(tmp_path, parts):
    packed(tmp_path, "25")
    path = tmp_path / "hw" / "for_learners" / "assignment.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(facts | {"parts": parts}), encoding="utf-8")
    with pytest.raises(BadAssignment, match="parts needs a list of exercises"):
        load(tmp_path / "hw")
