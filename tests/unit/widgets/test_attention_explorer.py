"""The explorer of attention: any head on any sentence, and a sentence of its own for what it cannot
show.
"""

import re

import pytest
import torch

from utils.interpretability.attention_patterns import patterns
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.text.fast_tokenizer import FastTokenizer
from utils.text.vocabulary import Vocabulary
from utils.widgets.attention_explorer import attention_explorer

CONFIG = GPTConfig(vocab_size=256, context_length=64, n_layer=3, n_head=2, d_model=12, d_mlp=16)


@pytest.fixture
def model() -> GPT:
    torch.manual_seed(3)
    return GPT(CONFIG).eval()


@pytest.fixture
def tok() -> FastTokenizer:
    return FastTokenizer(Vocabulary(tuple(bytes([b]) for b in range(256)), ()))


def test_the_picture_says_what_the_chosen_head_does(model, tok):
    box = attention_explorer(model, tok, "a cat", layer=2, head=1)
    controls, picture = box.children
    sentence, layer, head = controls.children
    assert (layer.max, head.max) == (CONFIG.n_layer - 1, CONFIG.n_head - 1)
    for text, at, which in [("a cat", 2, 1), ("dogs bark", 2, 1), ("dogs bark", 0, 0)]:
        sentence.value, layer.value, head.value = text, at, which
        expected = patterns(model, torch.tensor(tok.encode(text)))[at, which]
        on_first, strongest = map(
            float, re.search(r"token: ([\d.]+) on .*token: ([\d.]+)\.\"", picture.value).groups()
        )
        assert f"layer {at}, head {which} on “{text}”" in picture.value
        assert on_first == pytest.approx(expected[1:, 0].mean().item(), abs=0.006)
        below = [expected[q, k].item() for q in range(len(expected)) for k in range(1, q)]
        assert strongest == pytest.approx(max(below), abs=0.006)


@pytest.mark.parametrize("text", ["a", "x" * 33])
def test_a_sentence_that_does_not_fit_gets_one_sentence(model, tok, text):
    controls, picture = attention_explorer(model, tok, "a cat").children
    controls.children[0].value = text
    assert f"the sentence has {len(text)} tokens; type one of 2 to 32" in picture.value
