"""The explorer of tokens cuts the text as a training of that length would have."""

import re

import pytest
from tokenizer_oracles import small

from utils.pictures.figures import visible
from utils.text.bpe_training import train_bpe
from utils.text.tokenizer import BPETokenizer
from utils.widgets.token_explorer import token_explorer

TEXT = "the theme of them all, then the thaw; naïve <b> hats"


@pytest.fixture
def box():
    return token_explorer(train_bpe(TEXT * 3, 256 + 26), BPETokenizer(small("gpt2")[1]), "the", "X")


def rows(picture):
    """For each heading the pieces below it."""
    parts = re.split(r"<b>([^<]+)</b>: (\d+) tokens?", picture.value)[1:]
    found = {}
    for heading, count, html in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        found[heading] = re.findall(r"pre\">([^<]*)</span>", html)
        assert len(found[heading]) == int(count)
    return found


@pytest.mark.parametrize("merges", [0, 1, 5, 20, 26])
def test_pieces_are_those_of_a_training_of_that_length(box, merges):
    controls, picture = box.children
    text, slider = controls.children
    text.value, slider.value = "then they thaw", merges
    expected = BPETokenizer(train_bpe(TEXT * 3, 256 + merges)).pieces("then they thaw")
    theirs = BPETokenizer(small("gpt2")[1]).pieces("then they thaw")
    assert rows(picture) == {
        f"Ours after {merges} merges": list(map(visible, expected)),
        "X": list(map(visible, theirs)),
    }


def test_the_slider_ends_with_all_merges_and_starts_in_between(box):
    _, slider = box.children[0].children
    steps = [value for _, value in slider.options]
    assert steps == [0, 1, 2, 5, 10, 20, 26] and slider.value == 5


def test_marks_and_long_texts_are_shown_or_refused_in_a_sentence(box):
    controls, picture = box.children
    text, slider = controls.children
    slider.value = 0
    text.value = "<b>&"
    assert rows(picture)["Ours after 0 merges"] == ["&lt;", "b", "&gt;", "&amp;"]
    text.value = "x" * 401
    assert "the text has 401 characters; type at most 400." in picture.value
    text.value = ""
    assert rows(picture) == {"Ours after 0 merges": [], "X": []}
