"""A fact far back: the texts are told from each other by nothing but the fact and its place."""

from typing import ClassVar

import pytest
import torch

from utils.interpretability.far_facts import (
    FILLER,
    QUESTION,
    WORDINGS,
    WORDS,
    chances,
    far_text,
    other_word,
)
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("place", [0, 5, 12])
def test_the_fact_stands_where_it_should(wording, place):
    text = far_text(wording, "attic", place)
    before, fact, after = text.partition(
        WORDINGS[wording].format(word="attic", other="kitchen") or QUESTION
    )
    assert text.count("The grass is green.") == 12 and text.endswith(QUESTION)
    if wording != "nowhere":
        assert before == FILLER * place and after == FILLER * (12 - place) + QUESTION
        assert "attic" in fact and ("kitchen" in fact) == wording.startswith("Bob")
    else:
        assert not any(word in text for word in WORDS)


def test_bobs_key_lies_elsewhere():
    assert other_word("kitchen") == "boat" and other_word("attic") == "kitchen"
    with pytest.raises(ValueError, match="'sung' is no wording"):
        far_text("sung", "boat", 3)
    with pytest.raises(ValueError, match="place is 13"):
        far_text("copy", "boat", 13)


class WordTokens(Tokenizer):
    """A token for each word, its number by the sum of its letters; or two for each."""

    vocab_size, eos_id, stop_ids = 997, None, frozenset()
    special: ClassVar = {}

    def __init__(self, pieces=1):
        self.pieces = pieces

    def encode(self, text):
        return [sum(map(ord, word)) for word in text.split() for _ in range(self.pieces)]


class Counting(GPT):
    """Logits that depend on the number of tokens alone."""

    def __init__(self):
        torch.nn.Module.__init__(self)

    def next_logits(self, ids):
        return torch.arange(997.0)[None] / 100 * ids.shape[1]


def test_chances_are_those_of_the_words():
    found = chances(Counting(), WordTokens(), "a b")
    assert list(found) == list(WORDS)
    expected = (torch.arange(997.0) / 50).softmax(dim=0)
    for word, chance in found.items():
        assert chance == pytest.approx(float(expected[sum(map(ord, word))]), rel=1e-5)
    with pytest.raises(ValueError, match="not each of WORDS is one token"):
        chances(Counting(), WordTokens(pieces=2), "a b")
