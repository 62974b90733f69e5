"""From a key to the changed picture, in a real JupyterLab: every control of every explorer, moved
by keyboard.

    python benchmarks/explorers.py                 # all notebooks that have an explorer
    python benchmarks/explorers.py 01 22           # those of these chapters

The page itself takes the time: from the event of the key until the new picture is decoded and a
frame has been drawn. The aim is a median of 150 ms or less on a quiet machine. A text field counts
from Enter, and may run the model.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import ElementHandle, Locator, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from chromium_page import launch  # noqa: E402
from lab_server import jupyterlab  # noqa: E402
from notebook_page import NotebookPage, open_lab  # noqa: E402

MOVES = 10
WATCH = """picture => {
    let began;
    document.addEventListener('keydown', () => began = performance.now(), {once: true, capture: true});
    window.took = new Promise(done => {
        const observer = new MutationObserver(async () => {
            const image = picture.querySelector('img');
            if (!image) return;
            observer.disconnect();
            await image.decode();
            requestAnimationFrame(() => done(performance.now() - began));
        });
        observer.observe(picture, {childList: true, subtree: true, attributes: true});
    });
}"""
KEYS = {  # a control, and the two keys that move it there and back
    ".noUi-handle": ("ArrowLeft", "ArrowRight"),
    "select": ("ArrowDown", "ArrowUp"),
}


def milliseconds(control: Locator, picture: ElementHandle, key: str) -> float:
    """From the key to the picture."""
    control.page.evaluate(WATCH, picture)
    control.press(key)
    return control.page.evaluate("() => window.took")


def label(control: Locator) -> str:
    """The words beside a control."""
    return control.evaluate(
        "one => one.closest('.jupyter-widgets').querySelector('.widget-label')?.textContent ?? ''"
    )


def measure(page: NotebookPage) -> None:
    """A line for each control of the notebook's explorers."""
    for explorer in page.explorers():
        picture = explorer.locator(".widget-html").last.element_handle()
        for kind, keys in KEYS.items():
            for control in explorer.locator(kind).all():
                there = [milliseconds(control, picture, keys[move % 2]) for move in range(MOVES)]
                print(
                    f"{page.path:32}{label(control):24}{median(there):8.0f}{max(there):8.0f}",
                    flush=True,
                )


def main(chapters: list[str]) -> None:
    notebooks = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    wanted = [one for one in notebooks if "explorer(" in one.read_text(encoding="utf-8")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        private = Path(folder)
        shutil.copytree(ROOT / "notebooks", private / "root")
        browser = launch(playwright)
        with jupyterlab(private / "root", private) as server:
            lab = open_lab(browser, server)
            print(f"{'notebook':32}{'control':24}{'median':>8}{'most':>8}   milliseconds")
            for notebook in (one for one in wanted if not chapters or one.name[:2] in chapters):
                page = NotebookPage(lab, notebook.name)
                page.run_all()
                measure(page)
                page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
