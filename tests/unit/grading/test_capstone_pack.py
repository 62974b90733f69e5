"""An assignment with the capstone: what is marked where."""

import json

import pytest

from course.__main__ import main
from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapter
from course.exercises import exercises, of_chapter
from course.grading.assignment import BadAssignment, load

SLUG = "25_capstone"
CAPSTONE = read_chapter(ROOT / CHAPTERS / f"{SLUG}.md")


def packed(tmp_path, chapters):
    assert main(["pack", "--chapters", chapters, "--out", str(tmp_path / "hw")]) == 0
    return load(tmp_path / "hw")


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
