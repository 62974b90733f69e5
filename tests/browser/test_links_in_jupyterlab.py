"""Links between the notebooks in a real JupyterLab: from a page of the book to the cell that measures a
claim, and from a chapter to a word of the glossary.
"""

import re

import pytest
from lab_server import SETTINGS, jupyterlab
from notebook_page import open_lab

from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapters
from course.building.documents_pages import places

OPEN = "path => { jupyterapp.commands.execute('docmanager:open', {path}) }"
# What stands below the upper edge of the notebook that is in front: the cell with this id.
IN_VIEW = """([path, id]) => {
    const panel = window.jupyterapp.shell.currentWidget;
    if (panel?.context?.path !== path) return false;
    const cell = panel.content.widgets.find(one => one.model.id === id);
    const box = cell?.node.getBoundingClientRect(), frame = panel.content.node.getBoundingClientRect();
    return Boolean(box) && box.height > 0 && box.top < frame.bottom - 40 && box.bottom > frame.top + 40;
}"""
PLACES = places(read_chapters(ROOT / CHAPTERS))
# Cells come into the page as they are scrolled to, as for everybody: with all of them there at once
# Lab opens the notebook, and stays at its top.
AS_EVERYBODY = {name: one for name, one in SETTINGS.items() if name != "notebook-extension/tracker"}
LATE = sorted(  # far down in their notebooks
    (id for id, place in PLACES.items() if place.cell > 0.6 * len(place.chapter.cells))
)


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    private = tmp_path_factory.mktemp("links")
    (private / "root").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        (private / "root" / path.name).write_bytes(path.read_bytes())
    with jupyterlab(private / "root", private, AS_EVERYBODY) as server:
        page = open_lab(browser, server)
        yield page
        page.close()


@pytest.mark.parametrize("id", LATE[:: len(LATE) // 2])
def test_a_claim_leads_to_its_cell(lab, id):
    place = PLACES[id]
    lab.evaluate(OPEN, "documents.ipynb")
    row = lab.locator(".jp-NotebookPanel:not(.lm-mod-hidden) tr", has_text=f"{id}:")
    row.get_by_role("link").click()
    path = f"{place.chapter.slug}.ipynb"
    lab.wait_for_function(IN_VIEW, arg=[path, place.id], timeout=60_000)
    assert lab.complaints == []


def test_a_word_leads_to_its_place_in_the_glossary(lab):
    lab.evaluate(OPEN, "25_capstone.ipynb")
    link = lab.locator(".jp-NotebookPanel:not(.lm-mod-hidden) a", has_text=re.compile("^RoPE$"))
    link.first.click()
    cell = "term-rotary-position-embedding"
    lab.wait_for_function(IN_VIEW, arg=["glossary.ipynb", cell], timeout=60_000)
