"""Pictures of tokens show the tokens that they are given, and say them in words."""

import re
from itertools import pairwise

import pytest
import torch
from contrast import contrast
from tokenizer_oracles import small

from utils.pictures import token_pictures
from utils.pictures.figures import INK
from utils.pictures.token_pictures import (
    distances_from_unused,
    length_curves,
    merge_ladder,
    pieces_html,
    readable_pieces,
    rows_of_pieces,
)
from utils.text.tokenizer import BPETokenizer


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are shown, with their words."""
    shown = []
    monkeypatch.setattr(
        token_pictures, "show", lambda figure, alt, caption="": shown.append((figure, alt))
    )
    return shown


def test_bytes_that_are_no_character_are_written_out():
    tok = BPETokenizer(small("gpt2")[1])
    assert readable_pieces(tok, "the\u4e01") == ["the", "\\xe4", "\\xb8", "\\x81"]


def test_each_piece_has_a_box_with_an_edge_and_readable_ink():
    html = pieces_html(["the", " <b>", "\n", "快🙂", "b"])
    boxes = re.findall(r"<span style=\"([^\"]+)\">([^<]*)</span>", html)
    assert [words for _, words in boxes] == ["the", "␣&lt;b&gt;", "⏎", "快🙂", "b"]
    papers = [re.search(r"background:(#\w+)", look)[1] for look, _ in boxes]
    assert all(left != right for left, right in pairwise(papers))
    assert all("border:1px solid" in look and f"color:{INK}" in look for look, _ in boxes)
    assert all(contrast(INK, paper) >= 4.5 for paper in papers)


def test_rows_count_their_tokens():
    html = rows_of_pieces({"one & only": ["x"], "more": ["a", " b"]})
    assert "<b>one &amp; only</b>: 1 token<" in html and "<b>more</b>: 2 tokens<" in html


def test_a_ladder_marks_what_was_new_made(drawn):
    merge_ladder(
        [
            ("bytes", [[b"t", b"h", b"e"], [b" ", b"h", b"e"]]),
            ("h + e", [[b"t", b"he"], [b" ", b"he"]]),
            ("t + he", [[b"the"], [b" ", b"he"]]),
        ]
    )
    ((figure, alt),) = drawn
    texts = figure.axes[0].texts
    bold = [text.get_text() for text in texts if text.get_fontweight() == "bold"]
    assert bold == ["he", "he", "the"]
    assert [text.get_text() for text in texts if text.get_bbox_patch() is None] == [
        "bytes",
        "h + e",
        "t + he",
    ]
    assert "In the end: the ␣|he" in alt


def test_curves_are_the_lengths_that_were_given(drawn):
    length_curves(
        [0, 10, 500], {"Czech": [1.0, 1.25, 2.5], "Welsh": [1.0, 1.5, 2.75]}, {"Czech": 3.5}
    )
    ((figure, alt),) = drawn
    first, across, second = figure.axes[0].lines
    assert list(first.get_ydata()) == [1.0, 1.25, 2.5] and set(across.get_ydata()) == {3.5}
    assert list(second.get_xdata()) == [0, 10, 500]
    assert first.get_linestyle() != second.get_linestyle()
    assert "after 500 merges: Czech 2.50, Welsh 2.75" in alt and "Czech 3.50" in alt


def test_the_histogram_holds_every_token_once(drawn):
    distances = torch.tensor([0.0, 0.01, 0.5, 2.5, 3.0, 3.0, 4.0])
    distances_from_unused(distances, "<x>", border=2.0)
    ((figure, alt),) = drawn
    (ax,) = figure.axes
    assert sum(bar.get_height() for bar in ax.patches) == 7
    assert "3 tokens lie nearer than 2 to the vector of <x>" in alt and "4 lie in one hill" in alt
