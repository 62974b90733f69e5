"""One Chromium for all tests in the browser. Where there is none they are skipped; in CI (CI=1) they fail."""

import os

import pytest

from course.doctor import chromium

CHROMIUM = chromium()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_runtest_setup(item):
    if CHROMIUM is None:
        words = "there is no Chromium on this machine: install it, for example with apt-get install chromium"
        pytest.fail(words, pytrace=False) if os.environ.get("CI") else pytest.skip(words)


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
