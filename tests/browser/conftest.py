"""One Chromium and one JupyterLab for all tests in the browser.

Without Chromium they skip; in CI (CI=1) they fail.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
from chromium_page import launch
from lab_server import jupyterlab
from notebook_page import NotebookPage, open_lab

from course.doctor.examine import chromium
from course.harness.changed_chapters import chosen
from course.harness.interactive_cells import for_the_browser

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
CHOICE = chosen(ROOT)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"Notebooks that JupyterLab runs whole. {CHOICE}")


def pytest_runtest_setup(item):
    if chromium() is None:
        words = "there is no Chromium on this machine: install it, for example with apt-get install chromium"
        pytest.fail(words, pytrace=False) if os.environ.get("CI") else pytest.skip(words)


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab_page(browser, tmp_path_factory):
    """JupyterLab with a copy of the notebooks, in a page that reaches nothing but this machine."""
    private = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", private / "root")
    with jupyterlab(private / "root", private) as server:
        page = open_lab(browser, server)
        yield page
        page.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """All tests of a notebook come together, in one process, where it is run once."""
    from xdist.scheduler.loadscope import LoadScopeScheduling

    class ByNotebook(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            found = re.search(r"\[(\d\d_\w+)", nodeid)
            return found[1] if found else nodeid.partition("::")[0]

    return ByNotebook(config, log)


@pytest.fixture(scope="session", params=NOTEBOOKS, ids=lambda name: name.removesuffix(".ipynb"))
def notebook(lab_page, request):
    """A learner's notebook, opened and run once for all its tests: `ran` is what Lab said of it.

    It is run whole in the chapters that changed and in two more
    (course/harness/changed_chapters.py), else as far as the tests need it; nbval runs every
    notebook whole.
    """
    page = NotebookPage(lab_page, request.param)
    page.ran = (
        page.run_all()
        if request.param[:2] in CHOICE.long
        else page.run_cells(for_the_browser(page.cells))
    )
    yield page
    page.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a picture of the page in build/failed/ when one of its tests fails."""
    report = yield
    if report.failed and "lab_page" in item.fixturenames and "lab_page" in item.funcargs:
        folder = ROOT / "build" / "failed"
        folder.mkdir(parents=True, exist_ok=True)
        item.funcargs["lab_page"].screenshot(path=folder / f"{item.name}.png")
    return report
