"""A notebook in JupyterLab, as a page: open it, run it, look at what it shows, use its controls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chromium_page import guarded_page
from lab_server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

READY = """path => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.path === path && panel.context.isReady && panel.sessionContext.isReady
        && panel.sessionContext.session?.kernel?.status === 'idle';
}"""
# Lab's own promise says when all is done, and whether a cell failed. Never return its objects: they
# are huge.
RUN = """command => {
    window.ran = null;
    jupyterapp.commands.execute(command).then(ok => window.ran = {ok}, e => window.ran = {ok: `${e}`});
}"""
# Of the code cells, by their number.
SELECT = """numbers => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const cells = notebook.widgets.filter(cell => cell.model.type === 'code');
    notebook.deselectAll();
    notebook.activeCellIndex = notebook.widgets.indexOf(cells[numbers[0]]);
    numbers.forEach(number => notebook.select(cells[number]));
}"""
# Widgets are drawn after that, one by one: wait for all explorers, and until half a second has
#     brought nothing new.
EXPLORERS = """number => number === document.querySelectorAll(
    '.jp-NotebookPanel:not(.lm-mod-hidden) .glass-box-explorer').length"""
SETTLED = """root => new Promise(done => {
    const settled = () => { observer.disconnect(); done(); };
    let timer = setTimeout(settled, 500);
    const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(settled, 500); });
    observer.observe(root, {childList: true, subtree: true});
})"""
SOURCES = """() => jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
    .map(cell => cell.model.sharedModel.getSource())"""
OUTPUTS = """() => jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
    .flatMap(cell => cell.model.outputs.toJSON())"""
CLOSE = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.sessionContext.shutdown();
    panel.context.model.dirty = false;
    panel.close();
}"""
# How many different colours a picture has, on a grid of 200 by 200 points: one if it is blank.
COLOURS = """async picture => {
    await picture.decode();
    const canvas = new OffscreenCanvas(200, 200), context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0, 200, 200);
    const points = new Uint32Array(context.getImageData(0, 0, 200, 200).data.buffer);
    return new Set(points).size;
}"""


def open_lab(browser: Browser, server: Server) -> Page:
    """A page with JupyterLab.

    What it asks of other machines is refused and noted, and so are errors of its scripts.
    """
    page = guarded_page(
        browser, (server.url, "data:", "blob:"), viewport={"width": 1280, "height": 1000}
    )
    page.goto(f"{server.url}lab?reset&token={server.token}")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("async () => { await jupyterapp.restored }")
    return page


class NotebookPage:
    """One notebook in a Lab page that stays open for all of them."""

    def __init__(self, page: Page, path: str):
        self.page, self.path = page, path
        page.refused.clear(), page.complaints.clear()
        page.evaluate("path => { jupyterapp.commands.execute('docmanager:open', {path}) }", path)
        page.wait_for_function(READY, arg=path, timeout=60_000)
        self.root = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.cells = page.evaluate(SOURCES)

    def run_all(self, seconds: float = 1200) -> bool | str:
        """True if every cell went well, False if one failed, or what Lab said.

        All that is shown is there.
        """
        return self._run("notebook:run-all-cells", seconds)

    def run_cells(self, numbers: list[int], seconds: float = 1200) -> bool | str:
        """Run these of the code cells only, in order, as a learner who selects them; the same is
        returned.
        """
        self.page.evaluate(SELECT, numbers)
        return self._run("notebook:run-cell", seconds)

    def _run(self, command: str, seconds: float) -> bool | str:
        self.page.evaluate(RUN, command)
        self.page.wait_for_function("() => window.ran", timeout=1000 * seconds)
        if (ran := self.page.evaluate("() => window.ran.ok")) is True:
            self.page.wait_for_function(EXPLORERS, arg=self.explorers_written(), timeout=60_000)
            self.root.evaluate(SETTLED)
        return ran

    def errors(self) -> list[str]:
        """The errors that stand under the cells."""
        outputs = self.page.evaluate(OUTPUTS)
        return [
            f"{one['ename']}: {one['evalue']}" for one in outputs if one["output_type"] == "error"
        ]

    def pictures(self) -> list[Locator]:
        """All pictures that cells have shown, those of explorers too."""
        return self.root.locator(".jp-OutputArea img").all()

    def frames(self) -> list[Locator]:
        """Views that live in a frame of their own: bertviz, the drawing pad."""
        return self.root.locator(".jp-OutputArea iframe").all()

    def explorers_written(self) -> int:
        """How many explorers the code makes."""
        return sum(len(re.findall(r"^\w*explorer\(", cell, re.MULTILINE)) for cell in self.cells)

    def explorers(self) -> list[Locator]:
        """The explorers, from top to bottom."""
        return self.root.locator(".glass-box-explorer").all()

    def theme(self, name: str) -> None:
        """Switch to the theme `JupyterLab Light` or `JupyterLab Dark`."""
        self.page.evaluate(
            "theme => { jupyterapp.commands.execute('apputils:change-theme', {theme}) }", name
        )
        light = str(name.endswith("Light")).lower()
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")

    def close(self) -> None:
        """End the kernel, and forget what was changed."""
        self.page.evaluate(CLOSE)


def colours(picture: Locator) -> int:
    """How many different colours a picture has: one if it is blank."""
    return picture.evaluate(COLOURS)
