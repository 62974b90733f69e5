"""The cut of a text into words, against the `tokenizers` library's own."""

import re

import pytest
from hypothesis import given, settings
from tokenizer_oracles import gpt2_words, smollm_words, texts

from utils.text.pre_tokenization import SPLITS, require_text, split_words

ORACLES = {"gpt2": gpt2_words(), "smollm": smollm_words()}


def test_the_worked_example():
    text = "I'll pay $30 now"
    assert split_words(text, "gpt2") == ["I", "'ll", " pay", " $", "30", " now"]
    assert split_words(text, "smollm") == ["I", "'ll", " pay", " $", "3", "0", " now"]


def test_white_space_leaves_its_last_character_to_the_next_word():
    assert split_words("a   b\n\n c  ", "gpt2") == ["a", "  ", " b", "\n\n", " c", "  "]
    assert split_words("a   1", "gpt2") == ["a", "  ", " 1"]
    assert split_words("a   1", "smollm") == ["a", "   ", "1"]  # the digit was cut off before


def test_every_rule_has_an_oracle():
    assert SPLITS.keys() == ORACLES.keys()


@pytest.mark.parametrize("split", ORACLES)
@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_words_are_those_of_the_library(split, text):
    words = split_words(text, split)
    assert "".join(words) == text
    assert words == [text[start:end] for _, (start, end) in ORACLES[split].pre_tokenize_str(text)]


def test_an_unknown_rule_is_named():
    with pytest.raises(
        ValueError,
        match=re.escape("the rule 'gpt4' for cutting text into words is unknown: choose gp"),
    ):
        split_words("a", "gpt4")


@pytest.mark.parametrize("text", [None, b"a", 3, ["a"]])
def test_what_is_no_text(text):
    with pytest.raises(TypeError, match=rf"reads text \(str\), but got {type(text).__name__}"):
        require_text(text)


def test_half_a_surrogate_pair():
    with pytest.raises(ValueError, match=r"character 1 of the text is '\\udead', half of"):
        require_text("a\udead")
    # the neighbours of the surrogates, and the last character
    require_text("a\ud7ff\ue000\U0010ffff")
