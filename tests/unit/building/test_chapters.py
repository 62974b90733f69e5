"""What holds for every finished chapter: claims measured, nothing typed that can go stale,
notebooks up to date.
"""

import re

import pytest

from course.building.build import CHAPTERS, ROOT, differences
from course.building.cell_rules import faults
from course.building.chapter import Chapter, read_chapters
from course.building.lint import short_alts, typed_decimals, unmeasured
from course.claims.table import rows_of

ALL = read_chapters(ROOT / CHAPTERS)
CLAIMING = [chapter for chapter in ALL if not chapter.is_capstone]
CAPSTONES = [chapter for chapter in ALL if chapter.is_capstone]
every_chapter = pytest.mark.parametrize("chapter", ALL, ids=lambda chapter: chapter.slug)
every_claiming_chapter = pytest.mark.parametrize(
    "chapter", CLAIMING, ids=lambda chapter: chapter.slug
)


def texts(chapter: Chapter):
    """Each text cell with its line in the file."""
    return [(cell.source, cell.line - 1) for cell in chapter.cells if cell.kind == "markdown"]


def test_there_are_chapters():
    assert ALL


def test_notebooks_are_what_the_chapters_give():
    assert differences(ROOT) == []


@every_claiming_chapter
def test_every_checkable_claim_is_measured(chapter):
    assert unmeasured(chapter.number, chapter.code) == []


@every_claiming_chapter
def test_the_documents_of_all_claims_are_mirrored(chapter):
    mirrored = {section.split(" > ")[0] for section in chapter.mirrors}
    assert {row.document for row in rows_of(chapter.number)} <= mirrored


@every_claiming_chapter
def test_the_ledger_comes_last(chapter):
    assert re.search(rf'^ledger\("{chapter.number}"\)$', chapter.code[-1], re.MULTILINE)


def test_a_capstone_measures_no_claim_of_the_documents():
    assert CAPSTONES
    for chapter in CAPSTONES:
        code = "\n".join(chapter.code)
        assert not chapter.mirrors and "claim(" not in code and "ledger(" not in code


@every_chapter
def test_no_result_is_typed_by_hand(chapter):
    found = [
        (line + before, number)
        for text, before in texts(chapter)
        # the chapter's code, whose numbers are free, is read only where it matters
        if typed_decimals(text)
        for line, number in typed_decimals(text, chapter.code)
    ]
    assert found == [], (
        f"{chapter.path.name}: compute these numbers, or quote or cite them "
        "(course/building/lint.py)"
    )


@every_chapter
def test_no_chapter_that_exists_is_called_planned(chapter):
    there = {one.number for one in ALL}
    for words, line in texts(chapter):
        planned = set(re.findall(r"(\d\d),? \(?planned", words))
        assert not planned & there, f"line {line}: chapters {planned & there} exist by now"


@every_chapter
def test_every_picture_has_words(chapter):
    found = [
        (line + before, alt) for text, before in texts(chapter) for line, alt in short_alts(text)
    ]
    assert found == [], (
        f"{chapter.path.name}: say in 20 characters or more what these pictures show"
    )


@every_chapter
def test_cells_show_their_idea(chapter):
    assert faults(chapter) == []


# The lint itself

TYPED = {
    "The loss is 2.996 here.": ["2.996"],
    "It falls from 0.9 to\n.05, or 66.3%, or -1.5.": ["0.9", ".05", "66.3", "-1.5"],
    "About **0.071**, ≈0.072, (0.073), 1.5B, 2.5x, 3e-05 and 1.2e-3": [
        "0.071",
        "0.072",
        "0.073",
        "1.5",
        "2.5",
        "1.2e-3",
    ],
    "In backticks `0.071`, in a formula $0.071$, $\\approx$, $-2.5\\%$ and ``12.5``.": [
        "0.071",
        "0.071",
        "-2.5\\%",
        "12.5",
    ],
    "- item 0.1\n- item\n  0.2": ["0.1", "0.2"],
    "| a | b |\n|---|---|\n| 0.1 | x |\n": ["0.1"],
    "## The 0.5 heading": ["0.5"],
    "<p>The loss is 2.9</p>": ["2.9"],
    "See [chapter 02](02_x.ipynb), where it is 0.5.": ["0.5"],
    "An arXiv paper says 0.5.": ["0.5"],
}


@pytest.mark.parametrize(("text", "numbers"), TYPED.items())
def test_typed_decimals_are_found(text, numbers):
    assert [number for _, number in typed_decimals(text)] == [
        number.removesuffix("\\%") for number in numbers
    ]


FREE = [
    "Whole numbers like 49,152, 12 and 1. April. The end.",
    'The document says "-log(0.05) = 2.996".',
    "The document says “a loss of\n2.996 at first”.",
    "> A quotation: 0.95\n> and 0.05.",
    "It is 20.50 (arXiv:2005.14165) there.",
    "It is 29.41 there (D3-011).",
    "It is 29.41.[^gpt2]",
    "It is [29.41](https://example.org/table) there.",
    "Run it with `temperature=0.7` or $0.7 \\times 0.2$.",
    "$$\n0.5 + 0.5 = 1\n$$",
    "```text\n0.5\n```",
    "    0.5 in an indented block",
    "GPT-3.5, Python 3.11, Llama 3.1, section 2.2, Exercise 01.1, version 1.2.3 and v0.2",
    "1.2.3 is no number, 192.168.0.1 neither",
    "<!-- 0.5 -->",
]


@pytest.mark.parametrize("text", FREE)
def test_numbers_that_say_where_they_come_from_are_free(text):
    assert typed_decimals(text) == []


def test_inputs_are_free():
    code = ["%matplotlib inline\nz = softmax(scores / 0.5)", "x = -1.25"]
    assert typed_decimals("Divide by 0.5 or .50, from -1.25 on. The result is 0.51.", code) == [
        (1, "0.51")
    ]
    assert typed_decimals("It is 1.0.", ["x, y = True, 1"]) == [(1, "1.0")]


def test_lines_are_counted_from_the_top():
    text = "One.\n\nTwo 0.1,\n“a quotation\n0.2” and\n0.3.\n\n```text\n0.4\n```\n\n| a |\n|---|\n| 0.5 |"
    assert typed_decimals(text) == [(3, "0.1"), (6, "0.3"), (14, "0.5")]


def test_short_alternative_texts_are_found():
    text = (
        "![](a.png)\n\nWords ![a picture](b.png)\n\n![A line that falls from left to right.](c.png)"
    )
    assert short_alts(text) == [(1, ""), (3, "a picture")]
