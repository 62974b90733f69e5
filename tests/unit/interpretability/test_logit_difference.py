"""Parts of a logit difference: against the gradient of the logits with the norm's factor held fixed,
and against the model's own sum.
"""

import pytest
import torch
from hand_made import TOKENS, word_tokenizer
from torch.testing import assert_close

from utils.interpretability.logit_difference import (
    demoted_by_head,
    head_logits,
    head_writes,
    logit_difference,
    promoted_by_head,
)
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace

LAYERS, HEADS, D_MODEL = 3, 4, 24


def small_model(vocab_size=13, **choices) -> GPT:
    torch.manual_seed(3)
    sizes = {"context_length": 9, "n_layer": LAYERS, "n_head": HEADS, "n_kv_head": 2}
    choices |= {"vocab_size": vocab_size, "d_model": D_MODEL, "d_mlp": 7}
    model = GPT(GPTConfig.llama(**sizes, **choices)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 4
        model.final_norm.weight.uniform_(0.5, 2.0)
    return model


def test_what_the_heads_write_adds_up_to_the_layer():
    model, ids = small_model(), torch.randint(13, (2, 6))
    with trace(model) as t, torch.no_grad():
        model(ids)
    for layer in range(LAYERS):
        wrote = head_writes(model, t, layer)
        assert wrote.shape == (2, HEADS, 6, D_MODEL)
        assert_close(wrote.sum(dim=1), t[f"blocks.{layer}.attn.out"], rtol=1e-4, atol=1e-5)
        head = 3
        mixed = t[f"blocks.{layer}.attn.pattern"][1, head] @ t[f"blocks.{layer}.attn.v"][1, 1]
        by_hand = mixed @ model.blocks[layer].attn.output.weight[:, 18:24].T
        assert_close(wrote[1, head], by_hand, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("token", "other"), [(2, 7), (7, 2), (12, 0)])
def test_each_part_is_the_slope_along_it_with_the_norm_held_fixed(token, other):
    model, ids = small_model(), torch.tensor([5, 1, 8, 3])
    found = logit_difference(model, ids, token, other)
    with trace(model) as t, torch.no_grad():
        logits = model(ids[None])[0, -1]
    assert found.total == pytest.approx(float(logits[token] - logits[other]), rel=1e-5)
    assert found.summed() == pytest.approx(found.total, rel=1e-4)

    stream = t[f"blocks.{LAYERS - 1}.resid.post"][0, -1].detach().double().requires_grad_()
    root = (stream.detach().square().mean() + model.config.norm_eps).sqrt()
    normed = stream / root * model.final_norm.weight.double()
    lead = (model.unembed.weight[token] - model.unembed.weight[other]).double() @ normed
    (slope,) = torch.autograd.grad(lead, stream)
    for layer in range(LAYERS):
        for head in range(HEADS):
            wrote = head_writes(model, t, layer)[0, head, -1].double()
            expected = float(slope @ wrote)
            assert found.heads[layer, head].item() == pytest.approx(expected, rel=1e-3, abs=1e-5)
        wrote = t[f"blocks.{layer}.mlp.out"][0, -1].double()
        expected = float(slope @ wrote)
        assert found.feed_forward[layer].item() == pytest.approx(expected, rel=1e-3, abs=1e-5)
    expected = float(slope @ t["embed"][0, -1].double())
    assert found.embedding == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_a_head_promotes_and_demotes_the_tokens_whose_logits_it_moves_most():
    tok, model = word_tokenizer(), small_model(vocab_size=len(TOKENS))
    with trace(model) as t, torch.no_grad():
        model(torch.tensor([[1, 4, 2]]))
    found = promoted_by_head(model, tok, t, 1, 2, k=3)
    stream = t[f"blocks.{LAYERS - 1}.resid.post"][0, -1]
    scale = model.final_norm.weight / (stream.square().mean() + model.config.norm_eps).sqrt()
    logits = [
        float((head_writes(model, t, 1)[0, 2, -1] * scale) @ row) for row in model.unembed.weight
    ]
    mean = sum(logits) / len(logits)
    ranked = sorted(range(len(logits)), key=lambda token: -logits[token])
    lowered = demoted_by_head(model, tok, t, 1, 2, k=3)
    for shown, expected in ((found, ranked[:3]), (lowered, ranked[::-1][:3])):
        assert [piece for piece, _ in shown] == [tok.decode([token]) for token in expected]
        for (_, value), token in zip(shown, expected, strict=True):
            assert value == pytest.approx(logits[token] - mean, rel=1e-4)
    beside_the_mean = torch.tensor(logits) - mean
    assert torch.allclose(head_logits(model, t, 1, 2), beside_the_mean, rtol=1e-4, atol=1e-5)


def test_a_model_whose_parts_are_not_all_is_refused():
    ids = torch.tensor([1, 2])
    sizes = {"vocab_size": 13, "context_length": 9, "n_layer": 1, "n_head": 2, "d_model": 8}
    gpt2, biased = GPT(GPTConfig(**sizes)), small_model(attn_bias=True)
    for model in (gpt2, biased):
        with pytest.raises(ValueError, match="RMSNorm and without biases in attention"):
            logit_difference(model, ids, 1, 2)
