"""The path: backward arrows only, true to what the chapters say, and ways that can be walked."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from course.book import path
from course.book.path import (
    PathError,
    all_needed,
    check_backward,
    leads_to,
    listed,
    names,
    needs,
    path_line,
    way_rows,
    ways,
)
from course.book.path_picture import DARK, LIGHT, OF_THE_PAGE, described, path_picture
from course.building.build import CHAPTERS, ENDING, LEARNER, ROOT, built
from course.building.chapter import read_chapters
from course.claims.claim import claims
from course.site.front_page import WAYS

ALL = read_chapters(ROOT / CHAPTERS)
SVG = "{http://www.w3.org/2000/svg}"


def mentioned(chapter):
    """The numbers of earlier chapters that the text of a chapter names."""
    text = "\n".join(cell.source for cell in chapter.cells if cell.kind == "markdown")
    runs = re.findall(r"[Cc]hapters?\s(\d\d(?:(?:,|,?\s(?:and|or|to))\s\d\d)*)(?![\d.]*\d)", text)
    found = {number for run in runs for number in re.findall(r"\d\d", run)}
    return {number for number in found if number < chapter.number}


def test_every_chapter_is_on_the_path_once_in_order():
    planned = sorted({row.chapter for row in claims().values()})
    assert list(needs()) == list(names()) == planned
    assert {one.number for one in ALL} <= set(needs())


@pytest.mark.parametrize(
    "wrong", [{"01": ("01",)}, {"01": (), "02": ("03",), "03": ()}, {"02": ("00",)}]
)
def test_an_arrow_that_does_not_go_back_is_refused(wrong):
    with pytest.raises(PathError, match="which is not an earlier chapter; mend"):
        check_backward(wrong)


def test_there_is_no_circle():
    """Walked without the numbers' order: take away what needs nothing until nothing is left."""
    left = {chapter: set(needed) for chapter, needed in needs().items()}
    while left:
        free = [chapter for chapter, needed in left.items() if not needed & set(left)]
        assert free, f"a circle in {left}"
        for chapter in free:
            del left[chapter]


def test_only_the_nearest_are_written_down():
    for chapter, needed in needs().items():
        for one in needed:
            others = set(needed) - {one}
            assert not any(one in all_needed(other) for other in others), (chapter, one)


@pytest.mark.parametrize("chapter", ALL, ids=lambda one: one.number)
def test_what_a_chapter_names_is_needed_or_only_named(chapter):
    named, needed = set(names()[chapter.number]), all_needed(chapter.number)
    earlier = mentioned(chapter)
    assert earlier - needed - named == set(), "add it to needs or names in course/book/needs.csv"
    assert named <= earlier, "it is not named (any more)"
    assert not named & needed


def test_both_directions_say_the_same():
    pairs = {(one, later) for later, needed in needs().items() for one in needed}
    assert pairs == {(one, later) for one in needs() for later in leads_to(one)} and len(pairs) > 23


def test_a_way_holds_what_its_chapters_need_or_says_what_it_steps_over():
    evenings, term, inside = ways()
    assert term.chapters == tuple(needs()) and not term.steps_over()
    assert not inside.steps_over()
    assert set().union(*map(all_needed, inside.chapters)) <= set(inside.chapters)
    for way, row in zip(ways(), way_rows(ALL), strict=True):
        assert len(set(way.chapters)) == len(way.chapters) and list(way.chapters) == sorted(
            way.chapters
        )
        over = {one for chapter in way.chapters for one in needs()[chapter]} - set(way.chapters)
        assert ("steps over" in row) == bool(over)
        assert all(one in row.partition("steps over")[2] for one in over)
    assert set(evenings.chapters) <= {one.number for one in ALL}


def test_the_minutes_of_a_way_are_those_of_its_chapters():
    evenings, term, _ = ways()
    assert term.minutes(ALL) == sum(one.minutes for one in ALL)
    own = [one for one in ALL if one.number in evenings.chapters]
    assert evenings.minutes(ALL) == sum(one.minutes - one.exercise_minutes for one in own)
    assert 240 <= evenings.minutes(ALL) <= 360  # two evenings of two to three hours


def test_a_way_to_a_chapter_that_is_not_there_is_refused(monkeypatch):
    row = {"way": "Nowhere", "for": "x", "chapters": "01 99", "exercises": "no"}
    with pytest.raises(PathError, match="the way 'Nowhere' has no chapter 99"):
        path._way(row)


def test_the_line_links_what_lies_beside_and_names_what_does_not():
    there = [one for one in ALL if one.number in ("10", "11")]
    assert path_line("11", there) == "Needs chapter 04 and [10 Attention](10_attention.ipynb)."
    assert path_line("10", there).endswith("Leads to [11 Many heads](11_many_heads.ipynb).")
    assert path_line("01", []) == "Needs no other chapter."
    assert path_line("99", there) == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b, and c"),
        (["a", "b, c", "d"], "a; b, c; and d"),
    ],
)
def test_lists_read_as_sentences(words, said):
    assert listed(words) == said


def test_every_notebook_has_its_line_below_the_title_and_ends_with_the_progress():
    for file, data in built(ROOT, [LEARNER]).items():
        last = "".join(json.loads(data)["cells"][-1]["source"])
        assert last.endswith(f"\n\n{ENDING}"), file
        first = "".join(json.loads(data)["cells"][0]["source"])
        title, minutes, needed = first.split("\n\n")[:3]
        assert title.startswith("# ") and minutes.startswith("About "), file
        assert needed == path_line(file.name[:2], ALL) and needed.startswith("Needs ")


@pytest.mark.parametrize("look", [LIGHT, DARK, OF_THE_PAGE])
def test_the_picture_has_a_row_for_each_chapter_and_an_arrow_for_each_need(look):
    drawn = ET.fromstring(path_picture(ALL, look))
    words = [one.text for one in drawn.iter(f"{SVG}text")]
    assert [f"{one.number}  {one.title}" for one in ALL] == [
        word for word in words if re.match(r"\d\d  ", word)
    ]
    there = {one.number for one in ALL}
    pairs = [(a, b) for b in there for a in needs()[b] if a in there]
    assert len(list(drawn.iter(f"{SVG}path"))) == 2 * len(pairs)  # a curve and its head
    big = [one for one in drawn.iter(f"{SVG}circle") if one.get("r") == "6"]
    assert len(big) == sum(one in there for way in ways() for one in way.chapters)


def test_arrows_point_down_and_only_the_sites_picture_has_links():
    drawn = ET.fromstring(path_picture(ALL, OF_THE_PAGE, ".html"))
    curves = [one.get("d") for one in drawn.iter(f"{SVG}path") if one.get("fill") == "none"]
    for curve in curves:
        x0, y0, x1, _, x2, _, x3, y3 = map(int, re.findall(r"-?\d+", curve))
        assert y0 < y3
        assert (x0 + 3 * x1 + 3 * x2 + x3) / 8 > 0  # where the curve is furthest out
    links = [one.get("href") for one in drawn.iter(f"{SVG}a")]
    assert links == [f"{one.slug}.html" for one in ALL]
    assert "<a " not in path_picture(ALL, LIGHT)
    assert "11 needs 04 and 10;" in described(ALL)


def contrast(one, other):
    """WCAG's ratio of two colours, written #rrggbb."""

    def light(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_the_picture_can_be_read_in_light_and_in_dark(look):
    assert contrast(look.ink, look.paper) > 7
    assert contrast(look.arcs, look.paper) > 3 and contrast(look.dots, look.paper) > 3


def test_the_readme_shows_the_path_and_the_ways():
    readme = Path(ROOT / "README.md").read_text(encoding="utf-8")
    assert WAYS + "\n".join(way_rows(ALL)) in readme, "\n".join(way_rows(ALL))
    for file in ("path_light.svg", "path_dark.svg"):
        assert f'"course/pictures/{file}"' in readme
        assert (ROOT / "course/pictures" / file).is_file()
