"""The index of the documents and the page of corrections: complete, in order, with links that lead
to the cell.
"""

import json
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from course.building.book_pages import book_pages, page_notebook
from course.building.build import CHAPTERS, ROOT
from course.building.chapter import Cell, read_chapters
from course.building.documents_pages import (
    corrections_page,
    index_page,
    places,
    plain,
    reason,
    without_claims,
)
from course.claims.claim import CORRECTED, ClaimError, claims
from course.claims.outline import Heading, check_places, outline
from course.claims.since import check_dates, corrected, first_days, since

ALL = read_chapters(ROOT / CHAPTERS)
WRITTEN = [one.number for one in ALL]
INDEX, CORRECTIONS = index_page(ALL), corrections_page(ALL)


def rows_of(page):
    """The cells of all tables' rows."""
    html = MarkdownIt("commonmark").enable("table").render(page)
    return [
        re.findall(r"<td>(.*?)</td>", row, re.S) for row in re.findall(r"<tr>.*?</tr>", html, re.S)
    ]


def test_no_claim_is_open_without_a_reason():
    found = places(ALL)
    left = [id for id, row in claims().items() if id not in found and not reason(row, WRITTEN)]
    assert left == [], "measure them in a cell, or say in the column `experiment` why not"


def test_a_claim_that_a_cell_could_measure_and_none_does_is_open():
    row = replace(claims()["D0-006"], chapter="02")
    assert reason(row, ["01", "02"]) == ""
    assert reason(row, ["01"]) == "chapter 02 is not written yet"
    assert reason(replace(row, experiment="[none] no cell: naming"), ["02"]) == "no cell: naming"
    assert reason(replace(row, verdict="not checkable here", correction="Why."), ["02"]).endswith(
        "Why."
    )


def test_every_claim_stands_in_the_index_once_with_its_place_or_reason_and_verdict():
    found, rows = places(ALL), [row for row in rows_of(INDEX) if len(row) == 4 and row[3]]
    assert [row[1][:6] for row in rows] and len(rows) == len(claims())
    by_id = {row[1].partition(":")[0]: row for row in rows}
    assert set(by_id) == set(claims())
    for id, row in claims().items():
        _, _, where, verdict = by_id[id]
        assert verdict == row.verdict_in_words
        if id in found:
            assert f'href="{found[id].chapter.slug}.ipynb#cell-id=' in where
            assert found[id].chapter.number == row.chapter
        else:
            assert where


def test_the_place_of_a_claim_is_the_cell_that_calls_it():
    for id, place in places(ALL).items():
        (cell,) = [
            one for one in place.chapter.cells if re.search(rf'claim\(\s*"{id}"', one.source)
        ][:1]
        above = [one for one in place.chapter.cells if one.line < cell.line]
        text = "\n".join(one.source for one in above if one.kind == "markdown")
        assert f"# {place.heading}\n" in f"{text}\n", id


def test_a_link_leads_to_the_cell_above_the_folded_one_in_the_notebook_as_it_is_written():
    """Looked up in the notebooks' JSON: between the target and the claim stand folded cells only."""
    links = {}
    for page in (INDEX, CORRECTIONS):
        for row in page.splitlines():
            for id, file, cell in re.findall(r"(D\d-\d+)\b.*\]\((\S+\.ipynb)#cell-id=(\S+)\)", row):
                links[id, file, cell] = None
    assert {id for id, *_ in links} == set(places(ALL))
    books = {}
    for id, file, cell in links:
        if file not in books:
            text = (ROOT / "notebooks" / file).read_text(encoding="utf-8")
            books[file] = json.loads(text)["cells"]
        cells = books[file]
        (at,) = [n for n, one in enumerate(cells) if one["id"] == cell]
        sources = ["".join(one["source"]) for one in cells]
        called = next(n for n, one in enumerate(sources) if re.search(rf'claim\(\s*"{id}"', one))
        between = [
            one["metadata"].get("glass_box", {}).get("role") for one in cells[at + 1 : called]
        ]
        assert at <= called and set(between) <= {"ledger"}, (id, file)
        assert at == called or cells[at]["metadata"].get("glass_box", {}).get("role") != "ledger"


def test_the_first_cell_with_a_claim_counts_and_a_heading_in_code_does_not():
    cells = (
        Cell("markdown", "Text.\n\n## One\n\n```text\n## not this\n```", (), 1),
        Cell("code", 'claim("D0-001", 1)', (), 2),
        Cell("markdown", "## Two", (), 3),
        Cell("code", 'claim(\n    "D0-002", 1)\nclaim("D0-001", 2)', (), 4),
    )
    found = places([replace(ALL[0], cells=cells)])
    assert {id: place.heading for id, place in found.items()} == {"D0-001": "One", "D0-002": "Two"}


def test_every_section_says_what_it_has():
    assert len(outline()) > 200 and {one.document for one in outline()} == {
        row.document for row in claims().values()
    }
    for one in outline():
        assert one.claims or without_claims(one, ALL), one
    levels = [one.level for one in outline()]
    assert levels[0] == 1 and set(levels) <= {1, 2, 3, 4, 5}


def test_a_section_without_or_with_two_headings_is_refused():
    row = claims()["D0-001"]
    heading = Heading(row.document, 2, "x", (row.section,), "", parts=False)
    check_places([heading], [row])
    for headings, count in (([], 0), ([heading, heading], 2)):
        with pytest.raises(ClaimError, match=f"which {count} headings of"):
            check_places(headings, [row])


def test_every_correction_stands_there_once_under_its_day_with_what_is_right():
    wanted = {id for id, row in claims().items() if row.verdict in CORRECTED}
    rows = [row for row in rows_of(CORRECTIONS) if row]
    assert {row[0].partition(",")[0] for row in rows} == wanted == {one.id for one in corrected()}
    assert len(rows) == len(wanted) > 200 and all(row[1] and row[3] and row[4] for row in rows)
    days = re.findall(r"^## Since (.*)$", CORRECTIONS, re.M)
    assert days == sorted(set(days), reverse=True)
    for part in CORRECTIONS.split("\n## Since ")[1:]:
        ids = re.findall(r"^\| (D\d-\d+),", part, re.M)
        assert ids and {since()[id] for id in ids} == {part[:10]}


def test_the_days_are_days():
    for day in since().values():
        assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day)


def test_a_correction_without_a_date_or_with_that_of_another_verdict_is_refused():
    rows = {id: claims()[id] for id in ("D0-001", "D0-002")}
    kept = {id: {"verdict": row.verdict} for id, row in rows.items()}
    check_dates(kept, rows)
    with pytest.raises(ClaimError, match=r"D0-002 has wrong correction, and its date is of no"):
        check_dates({"D0-001": kept["D0-001"]}, rows)
    changed = rows | {"D0-002": replace(rows["D0-002"], verdict="outdated")}
    with pytest.raises(ClaimError, match=r"D0-002 has outdated .* date is of wrong"):
        check_dates(kept, changed)
    held = rows | {"D0-002": replace(rows["D0-002"], verdict="holds")}
    with pytest.raises(ClaimError, match=r"D0-002 has no correction"):
        check_dates(kept, held)


def test_a_verdict_counts_from_its_last_unbroken_beginning():
    history = [
        ("1", {"a": "wrong", "b": "holds", "c": "wrong"}),
        ("2", {"a": "wrong", "b": "wrong"}),
        ("3", {"a": "holds", "b": "wrong", "c": "wrong"}),
        ("4", {"a": "wrong", "b": "wrong", "c": "wrong"}),
    ]
    assert first_days(history) == {"a": ("wrong", "4"), "b": ("wrong", "2"), "c": ("wrong", "3")}


@pytest.mark.parametrize("text", ["a | b", "$x$ and *y*", "`z` <b> _w_ [v](u) # t", "1 \\ 2"])
def test_a_plain_text_stays_what_it_is(text):
    (cell,) = [row[0] for row in rows_of(f"| A |\n|---|\n| {plain(text)} |\n") if row]
    back = cell.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert back == text and "$" not in plain(text)


def test_a_page_becomes_texts_one_for_each_part():
    data = page_notebook("# A\n\nwords\n\n## B\n\nmore\n\n### C\n\n## D")
    cells = json.loads(data)["cells"]
    assert ["".join(one["source"]) for one in cells] == [
        "# A\n\nwords",
        "## B\n\nmore\n\n### C",
        "## D",
    ]
    assert len({one["id"] for one in cells}) == 3 and data == page_notebook(
        "# A\n\nwords\n\n## B\n\nmore\n\n### C\n\n## D\n"
    )


def test_every_link_of_the_pages_leads_to_a_chapter_beside_them():
    slugs = {f"{one.slug}.ipynb" for one in ALL}
    for path, data in book_pages(ALL).items():
        if path.suffix == ".ipynb":
            found = set(re.findall(r"\]\(([^)#]+\.ipynb)", data.decode()))
            assert found and found <= slugs | {file.name for file in book_pages(ALL)}
