"""The one table and the one page frame: what a browser makes of them."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from course.html_page import html_page
from course.html_table import Column, Look, html_table

COLUMNS = (Column("Which"), Column("Share <1>", numeric=True, width=30), Column("Why"))
ROWS = (["<b>a</b>", "0.25", "x &amp; y"], ["c", "3", ""])
LOOK = Look("width:100%", "margin:0", "color:#111", "color:#222", "color:#333")


def parts(name: str, **options) -> list[tuple[str, dict[str, str]]]:
    """Text and attributes of all elements of this name."""
    tree = ElementTree.fromstring(html_table(COLUMNS, ROWS, **options))
    return [("".join(one.itertext()), one.attrib) for one in tree.iter(name)]


def test_every_head_says_what_it_heads():
    named = [(text, one["scope"]) for text, one in parts("th", row_heads=True)]
    columns = [("Which", "col"), ("Share <1>", "col"), ("Why", "col")]
    assert named == [*columns, ("a", "row"), ("c", "row")]
    assert [text for text, _ in parts("th")] == ["Which", "Share <1>", "Why"]


def test_cells_are_html_in_their_order_and_names_are_text():
    assert [text for text, _ in parts("td")] == ["a", "0.25", "x & y", "c", "3", ""]
    assert [text for text, _ in parts("td", row_heads=True)] == ["0.25", "x & y", "3", ""]
    assert [text for text, _ in parts("caption", caption="Is a < b?")] == ["Is a < b?"]
    assert parts("caption") == []


def test_only_a_column_of_numbers_is_one():
    assert [one.get("class") for _, one in parts("td")] == [None, "n", None] * 2
    assert [one.get("class") for _, one in parts("th")] == [None, "n", None]


def test_a_look_stands_in_every_part_and_without_one_nothing_does():
    looks = {"look": LOOK, "caption": "c", "row_heads": True, "headings": {1: "Later"}}
    assert [one["style"] for _, one in parts("th", **looks)] == [
        "color:#111",
        "color:#111;width:30%",
        "color:#111",
        "color:#222",
        "color:#333",
        "color:#222",
    ]
    assert {one["style"] for _, one in parts("td", **looks)} == {"color:#333"}
    assert parts("caption", **looks)[0][1] == {"style": "margin:0"}
    assert not any("style" in one for _, one in parts("td"))


def test_a_heading_stands_above_its_row_over_all_columns():
    rows = [text for text, _ in parts("tr", headings={0: "First & most", 1: "Rest"})]
    assert rows[1:] == ["First & most", "a0.25x & y", "Rest", "c3"]
    (_, spans) = parts("th", headings={1: "Rest"})[-1]
    assert spans == {"colspan": "3", "scope": "colgroup"}


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        html_table(COLUMNS, [*ROWS, ["too", "short"]])


def test_a_page_is_whole_and_its_title_is_text():
    page = html_page("1 < 2 & 3", "<p>body</p>", "p { color: #000 }")
    seen: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: seen.append(tag)
    parser.handle_decl = lambda text: seen.append(text)
    parser.feed(page)
    assert seen == ["doctype html", "html", "head", "meta", "meta", "title", "style", "body", "p"]
    assert "<title>1 &lt; 2 &amp; 3</title>" in page and 'lang="en"' in page
