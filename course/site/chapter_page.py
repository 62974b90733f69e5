"""From an executed notebook to what Sphinx gets: nothing in it needs a kernel, and nothing is
loaded from elsewhere.
"""

import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.book.glossary import PAGE, with_headings
from course.building.build import ABOUT, SET_UP
from course.building.chapter import EXERCISE, LEDGER
from course.site.fold import folded
from course.site.media import laid_out
from utils.pictures.html_panels import STILL, panel

WIDGET = "application/vnd.jupyter.widget-view+json"
FRAMES = 'class="glass-box-frames"'
_CLAIM = re.compile(r'<div (?=role="group" aria-label="Claim (D\d-\d+):)')
_NEEDS_A_KERNEL = panel(
    "What stands here needs a running notebook: open this chapter in Colab or on your machine."
)


def chapter_page(notebook: NotebookNode, static: Path) -> NotebookNode:
    """The notebook as a page: without the set-up cell, exercises folded, pictures and views in
    files below `static`.
    """
    cells: list[NotebookNode] = []
    marked: set[str] = set()
    for cell in notebook.cells:
        role = cell.metadata.get(ABOUT, {}).get("role")
        if role == SET_UP:
            continue
        if cell.cell_type == "markdown":
            cell.source = _of_the_site(cell.source)
        if cell.cell_type == "code":
            cell.outputs = _outputs(cell.outputs, static)
            _mark_claims(cell.outputs, marked)
            cell.metadata.pop("execution", None)
        if role == LEDGER:
            # MyST-NB folds the code, and shows the boxes
            cell.metadata["tags"] = [*cell.metadata.tags, "hide-input"]
        cells += folded(cell) if role == EXERCISE else [cell]
    notebook.cells = cells
    return notebook


def _outputs(outputs: list[NotebookNode], static: Path) -> list[NotebookNode]:
    """The outputs as a page can show them: progress bars and scripts for widgets are left out, HTML
    laid out.
    """
    drawn_ahead = any(FRAMES in one.get("data", {}).get("text/html", "") for one in outputs)
    shown = [one for output in outputs for one in _shown(output, drawn_ahead)]
    for one in (one for one in shown if "text/html" in one.get("data", {})):
        one.data["text/html"] = laid_out(one.data["text/html"], static)
    return shown


def _shown(output: NotebookNode, drawn_ahead: bool) -> list[NotebookNode]:
    """This output without its widget: as HTML if it has some, left out if its pictures were drawn
    ahead.
    """
    if output.output_type == "stream":
        return [output] if output.name == "stdout" else []
    html = output.get("data", {}).get("text/html", "")
    # one names ipywidgets' sliders, the other waits for a kernel to end
    if html.lstrip().startswith(("<script", STILL)):
        return []
    if WIDGET not in output.get("data", {}):
        return [output]
    if html:
        del output.data[WIDGET]
        return [output]
    return [] if drawn_ahead else [new_output("display_data", {"text/html": _NEEDS_A_KERNEL})]


def claim_anchor(id: str) -> str:
    """The id of the box with a claim's verdict on its page."""
    return f"claim-{id}"


def _mark_claims(outputs: list[NotebookNode], marked: set[str]) -> None:
    """Give the first box of each claim an id, by which the index of the documents leads to it."""
    for one in (one for one in outputs if "text/html" in one.get("data", {})):
        found = _CLAIM.search(one.data["text/html"])
        if found and found[1] not in marked:
            marked.add(found[1])
            one.data["text/html"] = _CLAIM.sub(
                f'<div id="{claim_anchor(found[1])}" ', one.data["text/html"], count=1
            )


def _of_the_site(text: str) -> str:
    """A text whose links to the glossary name its page and its headings as Sphinx does."""
    return with_headings(text, f"{PAGE}.md")
