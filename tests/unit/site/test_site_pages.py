"""The pieces of the site: which notebooks run again; what of a notebook, an exercise, the ledger
gets into it.
"""

import base64
from html import unescape
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course.building.build import ABOUT, CHAPTERS, ROOT, SET_UP
from course.building.chapter import read_chapters
from course.claims.claim import measurements
from course.exercises import exercises
from course.judging.exercise_source import reference, stub
from course.site import command, execute
from course.site.chapter_page import FRAMES, WIDGET, chapter_page
from course.site.command import chosen, main
from course.site.execute import SiteError, executed, fingerprint, run
from course.site.fold import folded
from course.site.front_page import front_page, pictures
from course.site.ledger import ledger_page
from course.site.media import laid_out

PNG = base64.b64encode(b"\x89PNG made up").decode()


def notebook_bytes(*sources: str) -> bytes:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    return nbformat.writes(new_notebook(cells=cells, metadata={"kernelspec": kernel})).encode()


# --- running ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def runs(monkeypatch):
    """Names of the notebooks that would have been run."""
    names = []
    monkeypatch.setattr(execute, "run", lambda name, notebook: names.append(name) or notebook)
    return names


def test_a_notebook_runs_again_only_when_it_or_what_it_imports_changes(tmp_path, runs):
    first = executed(tmp_path, "01_a", notebook_bytes("1"), "x")
    assert executed(tmp_path, "01_a", notebook_bytes("1"), "x") == first
    assert runs == ["01_a"] and first.cells[0].source == "1"
    executed(tmp_path, "01_a", notebook_bytes("2"), "x")
    executed(tmp_path, "01_a", notebook_bytes("2"), "y")
    executed(tmp_path, "02_b", notebook_bytes("2"), "y")
    assert runs == ["01_a", "01_a", "01_a", "02_b"]
    assert len(list((tmp_path / execute.EXECUTED).iterdir())) == 2  # what is outdated is gone


@pytest.mark.parametrize(
    "path",
    [
        "utils/a.py",
        "utils/data/b.py",
        "course/claims/claims.csv",
        "utils/pad.html",
        "requirements.txt",
    ],
)
def test_the_fingerprint_follows_what_notebooks_import(tmp_path, path):
    for one in ("utils/data", "course/claims", "course/site"):
        (tmp_path / one).mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("torch==1\n", encoding="utf-8")
    before = fingerprint(tmp_path)
    (tmp_path / "course" / "site" / "x.py").write_text("1", encoding="utf-8")
    assert fingerprint(tmp_path) == before
    (tmp_path / path).write_text("2", encoding="utf-8")
    after = fingerprint(tmp_path)
    (tmp_path / path).write_text("3", encoding="utf-8")
    assert len({before, after, fingerprint(tmp_path)}) == 3


def test_running_gives_outputs_and_what_was_measured():
    claimed = 'from course import claim\nclaim("D0-006", 2.9957)'
    asks = 'import os\nprint(os.environ["GLASSBOX_FRAMES"])'
    ran = run("01_a", nbformat.reads(notebook_bytes(asks, claimed).decode(), as_version=4))
    # the cell that asks for measurements is gone
    assert [cell.source for cell in ran.cells] == [asks, claimed]
    assert ran.cells[0].outputs[0].text == "1\n"
    assert (
        ran.metadata.measured == {"D0-006": "2.996"}
        and ran.metadata.misfits == {}
        and "widgets" not in ran.metadata
    )


def test_a_cell_that_fails_is_named_in_a_sentence():
    with pytest.raises(
        SiteError, match=r"03_c does not run, so there is no site \(ValueError: no cat\)"
    ):
        run(
            "03_c",
            nbformat.reads(notebook_bytes('raise ValueError("no cat")').decode(), as_version=4),
        )


# --- a page ----------------------------------------------------------------------------------------------------------


def test_pictures_and_views_become_files_and_equal_ones_one(tmp_path):
    view = "<p title=&quot;x&quot;>a &amp;lt; b</p>"
    html = f'<img alt="a" src="data:image/png;base64,{PNG}"><img alt="b" src="data:image/png;base64,{PNG}">'
    changed = laid_out(f'{html}<iframe title="t" srcdoc="{view}"></iframe>', tmp_path)
    picture, inner = sorted(
        (tmp_path / "media").iterdir(), key=lambda path: path.suffix, reverse=True
    )
    assert picture.read_bytes() == b"\x89PNG made up" and inner.read_text(
        encoding="utf-8"
    ) == unescape(view)
    image = f'loading="lazy" src="_static/media/{picture.name}"'
    frame = f'<iframe title="t" loading="lazy" src="_static/media/{inner.name}"></iframe>'
    assert changed == f'<img alt="a" {image}><img alt="b" {image}>{frame}'


def test_an_exercise_becomes_stub_hints_and_a_folded_answer():
    found = exercises()["01.1"]
    facts = {"tags": ["exercise"], ABOUT: {"role": "exercise", "exercise": found.id}}
    cell = new_code_cell(f"{reference(found)}\n\n{found.call}", metadata=facts)
    start, opens, answer, closes = folded(cell)
    assert stub(found) in start.source and reference(found) not in start.source
    assert (
        opens.source.count("<details")
        == opens.source.count("</details>") + 1
        == len(found.hints) + 1
    )
    text = unescape(opens.source)
    assert all(hint in text for hint in found.hints)
    assert answer is cell and closes.source == "</details>"


def outputs_of(*outputs):
    cell = new_code_cell("x", outputs=list(outputs))
    return chapter_page(new_notebook(cells=[cell]), Path("nowhere")).cells[0].outputs


def test_a_widget_leaves_its_html_its_drawn_pictures_or_a_sentence():
    view = {"model_id": "a"}
    form = new_output(
        "display_data", {WIDGET: view, "text/html": "<b>form</b>", "text/plain": "form"}
    )
    box = new_output("execute_result", {WIDGET: view, "text/plain": "VBox()"}, execution_count=1)
    drawn = new_output("display_data", {"text/html": f"<div {FRAMES}></div>"})
    assert [dict(one.data) for one in outputs_of(form)] == [
        {"text/html": "<b>form</b>", "text/plain": "form"}
    ]
    assert [dict(one.data) for one in outputs_of(drawn, box)] == [
        {"text/html": f"<div {FRAMES}></div>"}
    ]
    (sentence,) = outputs_of(box)
    assert "needs a running notebook" in sentence.data["text/html"] and WIDGET not in sentence.data


def test_progress_bars_and_scripts_for_widgets_are_left_out():
    printed, bar = (
        new_output("stream", name="stdout", text="a"),
        new_output("stream", name="stderr", text="50 %"),
    )
    names = new_output("display_data", {"text/html": "<script>names()</script>"})
    assert outputs_of(printed, bar, names) == [printed]


def test_the_set_up_cell_is_left_out():
    set_up = new_code_cell("set up", metadata={ABOUT: {"role": SET_UP}})
    cells = [set_up, new_code_cell("kept")]
    assert [
        cell.source for cell in chapter_page(new_notebook(cells=cells), Path("nowhere")).cells
    ] == ["kept"]


# --- the other pages -------------------------------------------------------------------------------------------------


def test_the_first_page_says_what_the_readme_says_and_names_every_chapter():
    chapters = read_chapters(ROOT / CHAPTERS)
    page = front_page(ROOT, chapters, "https://github.com/a/b")
    opening = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[0].strip()
    assert page.startswith(opening) and "[github.com/a/b](https://github.com/a/b)" in page
    for one in chapters:
        assert (
            f"| {one.number} | [{one.title}]({one.slug}.ipynb) | {one.minutes} |" in page
            and f"\n{one.slug}\n" in page
        )
    assert pictures(page) == ["course/pictures/next_token.png"]


def test_the_ledger_has_every_measurement_and_a_heading_for_each_chapter(monkeypatch):
    monkeypatch.setitem(measurements, "D0-006", "")  # afterwards it is as it was
    page = ledger_page({"D0-006": "2.996 exactly"}, {}, {"02": "Cross-entropy"})
    assert (
        ">2.996 exactly</td>" in page
        and "## Chapter 02 · Cross-entropy\n" in page
        and "## Chapter 03\n" in page
    )
    assert page.count('<div class="glass-box-ledger">') == page.count("\n## Chapter ") == 24


# --- the command -----------------------------------------------------------------------------------------------------


def test_chapters_are_chosen_by_number():
    chapters = read_chapters(ROOT / CHAPTERS)
    assert chosen(chapters, "") == chapters
    assert [one.number for one in chosen(chapters, "04, 02")] == ["02", "04"]
    with pytest.raises(SiteError, match="there is no chapter 99; the chapters are 01, 02"):
        chosen(chapters, "02,99")


def test_a_site_that_cannot_be_made_leaves_the_old_one(tmp_path, monkeypatch, capsys):
    (tmp_path / "build" / "site").mkdir(parents=True)
    (tmp_path / "build" / "site" / "index.html").write_text("old", encoding="utf-8")
    for name in ("pyproject.toml", "README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(command, "pictures", lambda page: [])

    def refuse(*_):
        raise SiteError("a link leads nowhere")

    monkeypatch.setattr(command, "make", refuse)
    (tmp_path / CHAPTERS).mkdir(parents=True)
    assert main(root=tmp_path) == 1 and capsys.readouterr().err == "a link leads nowhere\n"
    assert (tmp_path / "build" / "site" / "index.html").read_text(encoding="utf-8") == "old"
    assert not (tmp_path / "build" / "site-source" / "site").exists()


def test_sphinx_refuses_a_link_that_leads_nowhere(tmp_path, monkeypatch):
    source = tmp_path / "work" / "source"
    source.mkdir(parents=True)
    (tmp_path / "work" / "static").mkdir()
    (tmp_path / "mathjax.js").write_text("", encoding="utf-8")
    monkeypatch.setattr("course.site.book.fetch", lambda name: tmp_path / f"{name}.js")
    (source / "index.md").write_text("# A\n\n[there](no_such_page.ipynb)\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"(?s)mend what it names.*no_such_page"):
        command.make(
            source, tmp_path / "work" / "static", tmp_path / "out", "https://github.com/a/b"
        )
