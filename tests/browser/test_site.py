"""The site in a browser, without a network: built from one small chapter, served below a folder as
on GitHub Pages.
"""

import functools
import os
import shutil
import subprocess
import sys
import threading
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from accessibility import violations
from chromium_page import guarded_page

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from pathlib import Path; from course.site.command import main; sys.exit(main(root=Path(sys.argv[1])))"
WIDTH = "async picture => { await picture.decode(); return picture.naturalWidth; }"
PAGES = ["index", "01_small", "ledger", "documents", "corrections", "glossary"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the finished site."""
    root = tmp_path_factory.mktemp("small")
    for name in ("pyproject.toml", "README.md", "course/pictures/next_token.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, root / name)
    (root / "course" / "chapters").mkdir()
    shutil.copy2(
        Path(__file__).with_name("small_chapter.md"), root / "course" / "chapters" / "01_small.md"
    )
    own = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    }
    run = subprocess.run(
        [sys.executable, "-c", BUILD, str(root)], env=own, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return root / "build" / "site"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Where the site is served: below a folder, so that an address that starts at the root of a
    server would fail.
    """
    (site.parent / "served").mkdir()
    (site.parent / "served" / "course").symlink_to(site, target_is_directory=True)
    handler = functools.partial(Quiet, directory=str(site.parent / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/course/"
        server.shutdown()


@pytest.fixture
def opened(browser, address):
    """Opens a page: opened("ledger", dark=True, width=390).

    What leaves, fails or complains ends the test.
    """
    pages = []

    def open_(name, *, dark=False, width=1280):
        settings = {
            "viewport": {"width": width, "height": 900},
            "color_scheme": "dark" if dark else "light",
        }
        page = guarded_page(browser, (address, "data:", "blob:"), **settings)
        pages.append(page)
        page.on(
            "response",
            lambda answer: answer.ok or page.complaints.append(f"{answer.status} {answer.url}"),
        )
        page.goto(f"{address}{name}.html", wait_until="networkidle")
        return page

    yield open_
    for page in pages:
        page.close()
    assert [page.refused + page.complaints for page in pages] == [[]] * len(pages)


# --- the files -------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The addresses and the ids of a page."""

    def __init__(self, path):
        super().__init__()
        self.addresses, self.ids = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        self.ids |= {of["id"]} if of.get("id") else set()
        self.addresses += [(tag, of[name]) for name in ("href", "src") if of.get(name)]


def test_every_address_inside_leads_somewhere_and_no_other_is_loaded(site):
    pages = {path.name: Page(path) for path in site.glob("*.html")}
    assert {f"{name}.html" for name in PAGES} <= set(pages)
    for name, page in pages.items():
        for tag, address in page.addresses:
            parts = urlsplit(address)
            if parts.scheme:
                assert tag in ("a", "link") and parts.scheme == "https", f"{name}: {address}"
                continue
            target = unquote(parts.path) or name
            assert (site / target).exists(), f"{name}: {address}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{name}: {address}"


def test_the_page_is_the_solved_notebook_without_what_needs_a_kernel(site):
    text = (site / "01_small.html").read_text(encoding="utf-8")
    assert "<title>01 · A chapter with everything" in text and "Predict first" in text
    # in the code, not below it
    assert "google.colab" not in text and text.count("progress that nobody wants") == 1
    assert "What stands here needs a running notebook" in text  # the form of preferences
    assert "widget-view" not in text and "data:image/png" not in text and "srcdoc" not in text
    assert "% This line is text" in text


def test_measured_in_the_chapter_stands_in_the_ledger(site):
    text = (site / "ledger.html").read_text(encoding="utf-8")
    assert "2.996</td>" in text and "not measured in this run" in text


# --- every page ------------------------------------------------------------------------------------------------------


LOOKS = """() => {
    const figure = document.querySelector(".cell_output figure:has(img)");
    const picture = figure.querySelector("img");
    return {
        whole: getComputedStyle(figure).filter,
        picture: getComputedStyle(picture).filter,
        padding: getComputedStyle(picture).padding,
    };
}"""


def test_in_the_dark_a_figure_is_dimmed_as_a_whole(opened):
    light, dark = (opened("01_small", dark=dark).evaluate(LOOKS) for dark in (False, True))
    assert light["whole"] == light["picture"] == "none"
    # else the picture is grey and its frame white
    assert "brightness(0.8)" in dark["whole"] and dark["picture"] == "none"
    assert dark["padding"] == "0px"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(opened, name, dark):
    page = opened(name, dark=dark)
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    if name == "ledger":  # all of its rows look the same, and take long to be looked at
        page.get_by_label("Search the claims").fill("perplexity")
    found = violations(page, {"include": [["article"]], "exclude": [["iframe"]]})
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_a_phone_does_not_scroll_sideways(opened, name):
    page = opened(name, width=390)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # Nothing is cut off either: what is wider than the page lies in a box that scrolls.
    cut = page.evaluate(
        """() => [...document.querySelectorAll('article *')].filter(one => {
            if (one.closest('mjx-assistive-mml, template')) return false;
            const box = one.getBoundingClientRect();
            if (!box.width || box.right <= 391) return false;
            for (let above = one.parentElement; above; above = above.parentElement)
                if (['auto', 'scroll'].includes(getComputedStyle(above).overflowX)) return false;
            return true;
        }).map(one => one.outerHTML.slice(0, 200))"""
    )
    assert cut == []


def test_formulas_are_set(opened):
    page = opened("01_small")
    page.wait_for_selector("mjx-container svg")
    assert page.locator("mjx-container svg").count() == 2
    assert page.locator("mjx-container mjx-assistive-mml").count() == 2  # for screen readers


# --- what can be moved -----------------------------------------------------------------------------------------------


def test_hints_and_solutions_unfold_and_fold(opened):
    page = opened("01_small")
    folds = page.locator("details.glass-box-fold:not([data-result])")
    assert folds.count() == 3 * 4
    assert folds.locator("p, pre").locator("visible=true").count() == 0
    hint, solution = folds.nth(0), folds.nth(3)
    hint.locator("summary").focus()
    page.keyboard.press("Enter")
    assert hint.locator("p").is_visible() and not solution.locator("pre").first.is_visible()
    page.keyboard.press("Enter")
    assert not hint.locator("p").is_visible()
    solution.locator("summary").click()
    assert (
        "torch" in solution.locator("pre").first.inner_text()
        and solution.get_by_text("Exercise 01.1").last.is_visible()
    )
    solution.locator("summary").click()
    assert not solution.locator("pre").first.is_visible()


def test_a_result_stays_folded_until_the_reader_has_predicted(opened):
    page = opened("01_small")
    results = page.locator("details[data-result]")
    assert results.count() == 3 and results.locator("p").locator("visible=true").count() == 0
    number = page.get_by_label("Your number")
    number.focus()
    page.keyboard.type("5")
    page.get_by_label("<four>", exact=True).check()
    for place, word in (("Place 1", "one"), ("Place 2", "two")):
        page.get_by_label(place).select_option(word)
    shown = []
    for place in range(3):
        results.nth(place).locator("summary").click()
        results.nth(place).locator("p").first.wait_for()
        shown.append(results.nth(place).locator("p").all_inner_texts())
    assert shown == [
        ["Your prediction: 5 apples", "Result: 4 apples"],
        ["Your prediction: <four>", "Result: <four>"],
        ["Your prediction: 1. one, 2. two", "Result: 1. two, 2. one"],
    ]
    assert "You made no prediction" not in page.locator("article").inner_text()


def test_a_result_stands_alone_where_nothing_was_predicted(opened):
    page = opened("01_small")
    page.get_by_label("Place 1").select_option("one")  # and no second place
    for result in page.locator("details[data-result]").all():
        result.locator("summary").press("Enter")
        assert result.locator("p").locator("visible=true").count() == 1


def test_the_explorer_changes_its_picture_by_keyboard_and_mouse(opened):
    page = opened("01_small")
    explorer = page.locator(".glass-box-frames")
    picture = explorer.locator(".glass-box-picture img")
    picture.scroll_into_view_if_needed()  # before that it is not even loaded

    def shows(words):
        explorer.get_by_alt_text(f"One bar called {words} long.", exact=True).wait_for()
        assert picture.count() == 1 and picture.evaluate(WIDTH) > 300
        return picture.get_attribute("src")

    seen = [shows("dogs, 0.50")]
    slider, choice = explorer.get_by_label("length"), explorer.get_by_label("word")
    slider.press("ArrowRight")
    seen.append(shows("dogs, 0.75"))
    assert (
        slider.get_attribute("aria-valuetext") == explorer.locator("output").inner_text() == "0.75"
    )
    choice.select_option("cat")
    seen.append(shows("cats, 0.75"))
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    seen.append(shows("cats, 0.00"))
    page.mouse.move(box["x"] + 6, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=7)
    page.mouse.up()
    seen.append(shows("cats, 1.00"))
    choice.focus()
    page.keyboard.press("d")
    seen.append(shows("dogs, 1.00"))
    assert len(set(seen)) == len(seen)
    assert "other texts for ending" in explorer.inner_text()


def test_the_drawing_pad_works_in_its_frame(opened):
    page = opened("01_small")
    frame = page.frame_locator("article iframe")
    page.locator("article iframe").scroll_into_view_if_needed()
    frame.locator("#bars tr:nth-child(10)").wait_for()
    assert page.locator("article iframe").get_attribute("title")


def test_the_ledger_filters_by_words_and_verdict(opened):
    page = opened("ledger")
    rows, count = page.locator(".glass-box-ledger tbody tr"), page.locator("#ledger-count")
    everything = rows.count()
    assert count.inner_text() == f"{everything} claims" and everything > 500
    search = page.get_by_label("Search the claims")
    search.focus()
    page.keyboard.type("D0-006 LOG")
    assert count.inner_text() == "1 claim"
    shown = rows.locator("visible=true")
    assert shown.count() == 1 and "D0-006" in shown.inner_text()
    assert page.locator("article h2").locator("visible=true").count() == 1
    page.keyboard.type(" nothing has these words")
    assert count.inner_text() == "0 claims" and rows.locator("visible=true").count() == 0
    search.fill("")
    page.get_by_label("Verdict").select_option("wrong")
    verdicts = rows.locator("visible=true").locator("td:nth-child(4)").all_inner_texts()
    assert set(verdicts) == {"✗ wrong"} and count.inner_text() == f"{len(verdicts)} claims"
    page.get_by_label("Verdict").select_option("all")
    assert rows.locator("visible=true").count() == everything


def test_the_pictures_links_can_be_followed_by_keyboard(opened):
    page = opened("index")
    link = page.locator(".glass-box-path a").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/01_small.html")


def test_the_index_leads_to_the_box_of_a_claim(opened):
    page = opened("documents")
    row = page.locator("tr", has_text="D0-006:")
    row.get_by_role("link").click()
    page.wait_for_url("**/01_small.html#claim-D0-006")
    assert page.locator("#claim-D0-006").get_attribute("aria-label").startswith("Claim D0-006")
    assert page.locator("#claim-D0-006").is_visible()


def test_a_term_leads_to_its_place_in_the_glossary(opened):
    page = opened("01_small")
    page.locator("article a", has_text="KV cache").click()
    page.wait_for_url("**/glossary.html#kv-cache")
    assert page.locator("#kv-cache").is_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_the_search_opens_by_keyboard_and_axe_finds_nothing(opened, dark):
    page = opened("ledger", dark=dark)
    page.keyboard.press("Control+k")
    page.keyboard.type("superposition")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=superposition")
    page.locator("#search-results a", has_text="superposition").first.wait_for()
    found = violations(page, {"include": [["main"]]})
    assert found == [], "\n".join(found)


def test_the_search_works_from_the_files_without_a_server(browser, site):
    """Only the extracts below the results cannot be fetched there."""
    page = guarded_page(browser, ("file:", "data:", "blob:"))
    page.goto(f"{(site / 'search.html').as_uri()}?q=superposition")
    page.locator("#search-results a", has_text="Glossary > superposition").click()
    page.wait_for_url("file:**/glossary.html*#superposition*")
    assert page.refused == [] and set(page.complaints) <= {"Failed to fetch"}
    page.close()


def test_the_search_of_the_site_finds_a_chapter(opened):
    page = opened("01_small")
    assert page.locator("nav.bd-links a").all_inner_texts() == [
        "Glass Box",
        "01 · A chapter with everything",
        "The ledger",
        "Index of the documents",
        "Corrections",
        "Glossary",
    ]
    page.goto(page.url.replace("01_small.html", "search.html?q=everything"))
    page.locator("#search-results a", has_text="A chapter with everything").first.wait_for()
