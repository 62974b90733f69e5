"""A capstone that is handed in: its parts are graded by the checks of their own exercises."""

import csv

import pytest

from course.__main__ import main
from course.building.build import CHAPTERS
from course.building.chapter import read_chapter
from course.exercises import exercises, of_chapter
from notebooks import IMPORTS, ROOT, lesson, notebook, right, solved

pytestmark = pytest.mark.sandbox
SLUG = "25_capstone"
PARTS = read_chapter(ROOT / CHAPTERS / f"{SLUG}.md").parts
NEEDED = f"{IMPORTS}\nimport re\nimport zlib\nfrom collections import Counter\nfrom itertools import pairwise\nfrom statistics import fmean, stdev"  # noqa: E501

NOT_SCALED = """def attention(q, k, v):
    future = torch.ones(q.shape[1], q.shape[1], dtype=torch.bool).triu(1)
    return (q @ k.mT).masked_fill(future, float("-inf")).softmax(dim=-1) @ v"""


def parts(**instead):
    """A cell for each part, with what stands in the place of some by id."""
    return [NEEDED, *(instead.get(f"p{id.replace('.', '_')}", right(id)) for id in PARTS)]


def grade(tmp_path, asked, **students):
    """The lines of the gradebook, by student and exercise."""
    assert main(["pack", *asked.split(), "--out", str(tmp_path / "hw")]) == 0
    for name, files in students.items():
        for file, cells in files.items():
            path = tmp_path / "in" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(notebook(cells))
    out = ["--out", str(tmp_path / "grades")]
    assert main(["grade", str(tmp_path / "hw"), str(tmp_path / "in"), *out]) == 0
    with (tmp_path / "grades" / "gradebook.csv").open(encoding="utf-8") as file:
        return {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}


def test_whole_empty_and_with_one_wrong_part(tmp_path):
    book = grade(
        tmp_path,
        "--chapters 25",
        ann={f"{SLUG}.ipynb": [*parts(), *solved(SLUG)]},
        bob={f"{SLUG}.ipynb": [*parts(p10_2=NOT_SCALED), *solved(SLUG)]},
        eve={f"{SLUG}.ipynb": lesson(SLUG)},
    )
    ids = [*PARTS, *(one.id for one in of_chapter("25"))]
    assert {book["ann", id]["state"] for id in ids} == {"right"}, [
        id for id in ids if book["ann", id]["state"] != "right"
    ]
    assert {id for id in ids if book["bob", id]["state"] != "right"} == {"10.2"}
    assert {book["eve", id]["state"] for id in ids} == {"not started"}
    whole, lost = (float(book[name, "total"]["points"]) for name in ("ann", "bob"))
    assert whole == sum(exercises()[id].minutes for id in ids)
    assert whole - lost == exercises()["10.2"].minutes and book["eve", "total"]["points"] == "0"
    (page,) = (tmp_path / "grades" / "students").glob("bob-*.html")
    said = page.read_text(encoding="utf-8")
    assert any(one.hint.split("?")[0] in said for one in exercises()["10.2"].wrongs)


def both_notebooks():
    """Both define `attention`; only in the chapter's own is it right."""
    capstone = [*parts(p10_2=NOT_SCALED), *solved(SLUG)]
    return {"10_attention.ipynb": solved("10_attention"), f"{SLUG}.ipynb": capstone}


def test_beside_a_chapters_own_notebook_the_capstone_does_not_count_for_it(tmp_path):
    both = both_notebooks()
    asked = "--chapters 10,25 --exercises 10.2"  # by name, as a chapter gives no points for it
    book = grade(tmp_path, asked, ann=both, bob={f"{SLUG}.ipynb": both[f"{SLUG}.ipynb"]})
    assert book["ann", "10.2"]["state"] == "right"
    assert book["ann", "10.1"]["state"] == "right" and book["ann", "25.3"]["state"] == "right"
    assert book["bob", "10.2"]["state"] == "not yet" and book["bob", "10.1"]["points"] == "0"


def test_a_part_for_which_its_chapter_gives_no_points_counts_as_the_capstone_has_it(tmp_path):
    book = grade(tmp_path, "--chapters 10,25", ann=both_notebooks())
    assert book["ann", "10.2"]["state"] == "not yet" and book["ann", "10.1"]["state"] == "right"
