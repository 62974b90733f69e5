"""Chromium as the tests use it, and pages in it that reach no other machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course.doctor.examine import chromium

# without playwright the tests are skipped, so nothing may be imported from it here
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Start this machine's Chromium."""
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


def guarded_page(browser: Browser, own: tuple[str, ...] = (), **settings: object) -> Page:
    """A page that may ask only for addresses that begin like one of `own`.

    `page.refused` has the addresses that were asked for in vain, `page.complaints` the errors of
    the page's scripts.
    """
    page = browser.new_page(**settings)
    page.refused, page.complaints = [], []
    page.route(
        lambda url: not url.startswith(own),
        lambda route: (page.refused.append(route.request.url), route.abort()),
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page
