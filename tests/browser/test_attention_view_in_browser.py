"""bertviz's views are drawn in a real browser that reaches no network, and can be used."""

from html import escape

import pytest
import torch
from chromium_page import guarded_page

from utils.pictures.bertviz_views import head_view, model_view

PIECES = ["The", " cat", " sat", " </script>", "中"]
LAYERS, HEADS, TOKENS = 4, 3, len(PIECES)


@pytest.fixture
def drawn(browser, shown):
    """A function that shows a view in a dark page; afterwards nothing was asked of a network, and
    nothing failed.
    """
    page = guarded_page(browser, viewport={"width": 1100, "height": 1000})

    def draw(view, **settings):
        torch.manual_seed(0)
        later = torch.ones(TOKENS, TOKENS).triu(1).bool()
        patterns = (
            torch.randn(LAYERS, HEADS, TOKENS, TOKENS).masked_fill(later, -torch.inf).softmax(-1)
        )
        view(patterns, PIECES, **settings)
        page.set_content(
            f'<body style="background:#111;color:#eee">{shown[-1]["text/html"]}</body>'
        )
        frame = page.frame_locator("iframe")
        frame.locator("svg").first.wait_for(timeout=20_000)
        return patterns, frame, page

    yield draw
    page.close()
    assert not page.refused and not page.complaints


def test_the_guard_against_requests_works(browser):
    page = guarded_page(browser)
    page.set_content(
        f'<iframe srcdoc="{escape("<script src=https://example.org/d3.js></script>")}"></iframe>'
    )
    page.wait_for_timeout(500)
    page.close()
    assert page.refused == ["https://example.org/d3.js"]


def test_the_head_view_is_drawn_and_a_layer_can_be_chosen(drawn):
    patterns, frame, _ = drawn(head_view, layers=[1, 3], title="Two layers")
    assert frame.locator("svg line").count() == HEADS * TOKENS * TOKENS
    text = frame.locator("svg").text_content()
    assert all(text.count(label) == 2 for label in ("␣cat", "␣sat", "␣</script>", "\\u4e2d"))
    assert frame.locator("#layer option").all_inner_texts() == ["1", "3"]

    def opacities():
        lines = frame.locator("svg line")
        return torch.tensor(
            lines.evaluate_all("lines => lines.map(l => +l.getAttribute('stroke-opacity'))")
        )

    def expected(layer):
        return patterns[layer].flatten() / HEADS

    torch.testing.assert_close(opacities(), expected(1), rtol=0, atol=1e-3)
    frame.locator("#layer").select_option("3")
    torch.testing.assert_close(opacities(), expected(3), rtol=0, atol=1e-3)


def test_the_model_view_is_drawn_and_a_head_can_be_made_large(drawn):
    _, frame, _ = drawn(model_view)
    assert frame.locator("svg line").count() == LAYERS * HEADS * TOKENS * TOKENS
    assert "␣cat" not in frame.locator("svg").text_content()
    frame.locator("#attn_background_2_1").click(force=True)
    text = frame.locator("svg").text_content()
    assert "Layer 2, Head 1" in text and text.count("␣cat") == 2


@pytest.mark.parametrize("view", [head_view, model_view])
def test_the_view_has_a_name_and_its_own_white_paper(view, drawn):
    _, frame, page = drawn(view, title="What heads look at")
    assert page.get_by_title("What heads look at").count() == 1
    assert (
        frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    box, svg = page.locator("iframe").bounding_box(), frame.locator("svg").bounding_box()
    assert svg["y"] + svg["height"] <= box["y"] + box["height"]  # nothing is cut off below
