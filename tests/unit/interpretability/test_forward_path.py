"""The path of a text: what it keeps is what the model computes."""

import pytest
import torch
from hand_made import fact_model, word_tokenizer

from utils.interpretability.forward_path import forward_path
from utils.model.taps import trace

TOK = word_tokenizer()
TEXT = " The red tower is in"


def test_it_keeps_what_the_model_computes():
    model = fact_model()
    path = forward_path(model, TOK, TEXT)
    ids = torch.tensor([TOK.encode(TEXT)])
    with trace(model) as t:
        logits = model(ids)
    assert path.ids == tuple(ids[0].tolist()) and "".join(path.pieces) == TEXT
    assert torch.equal(path.at(2, "attn.pattern"), t["blocks.2.attn.pattern"][0])
    assert torch.equal(path.stream(1, "resid.mid"), t["blocks.1.resid.mid"][0, -1])
    torch.testing.assert_close(path.logits, logits[0, -1])
    (word, p), *others = path.likeliest
    expected = logits[0, -1].softmax(dim=-1)
    assert word == " Paris" and p == pytest.approx(float(expected.max()), rel=1e-5)
    assert len(others) == 7 and p > max(p for _, p in others)


def test_the_lens_reads_each_block_as_if_it_were_the_last():
    model = fact_model()
    path = forward_path(model, TOK, TEXT)
    assert len(path.lens) == 3 and path.lens[-1] == path.likeliest[0]
    stream = path.stream(0)
    expected = model.unembed(model.final_norm(stream)).softmax(dim=-1).max()
    assert path.lens[0][1] == pytest.approx(float(expected), rel=1e-5)


def test_an_empty_text_is_refused():
    with pytest.raises(ValueError, match="the text is empty; type"):
        forward_path(fact_model(), TOK, "")
