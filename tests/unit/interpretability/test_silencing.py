"""One part silenced: against a model in which that part's last matrix is zero, and on a fact that
lies in one layer.
"""

import copy

import pytest
import torch
from hand_made import PARIS, TOKENS, fact_model, word_tokenizer
from torch.testing import assert_close

from utils.interpretability.silencing import (
    losses_without_heads,
    mean_gathered,
    next_logits_without_heads,
    silenced_logits,
    without_heads,
)
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace

LAST = {"attn": "output", "mlp": "down"}


@pytest.mark.parametrize("part", ["attn", "mlp"])
def test_a_silent_part_is_one_whose_last_matrix_is_zero(part):
    torch.manual_seed(4)
    sizes = {"vocab_size": 11, "context_length": 9, "n_layer": 4, "n_head": 2, "d_model": 12}
    model = GPT(GPTConfig.llama(**sizes, d_mlp=7)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 4  # so that every part is heard
    ids = torch.randint(11, (3, 5))
    found = list(silenced_logits(model, ids, part))
    assert len(found) == 4
    for layer, logits in enumerate(found):
        cut = copy.deepcopy(model)
        with torch.no_grad():
            getattr(getattr(cut.blocks[layer], part), LAST[part]).weight.zero_()
            assert_close(logits, cut(ids), rtol=1e-5, atol=1e-5)
            assert (logits - model(ids)).abs().max() > 1e-3


def test_the_fact_falls_silent_with_the_layer_that_holds_it():
    model, tok = fact_model(gain=300.0), word_tokenizer()
    ids = torch.tensor([tok.encode(" The red tower is in")])
    p = [
        logits[0, -1].softmax(-1)[PARIS].item()
        for logits in silenced_logits(model, ids, "mlp", layers=[2, 1])
    ]
    assert p[0] > 0.99 and p[1] == pytest.approx(1 / len(TOKENS), rel=1e-3)


def test_the_model_is_whole_again():
    model = fact_model()
    ids = torch.tensor([word_tokenizer().encode(" The tower is in")])
    before = model(ids)
    list(silenced_logits(model, ids, "attn"))
    assert torch.equal(model(ids), before)


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="layer"):
        next(silenced_logits(fact_model(), torch.tensor([[1, 2]]), "mlp", [3]))


def small_model() -> GPT:
    torch.manual_seed(6)
    sizes = {"vocab_size": 13, "context_length": 9, "n_layer": 3, "n_head": 4, "d_model": 24}
    model = GPT(GPTConfig.llama(**sizes, n_kv_head=2, d_mlp=7)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 4  # so that every head is heard
    return model


def test_a_silent_head_is_one_whose_columns_of_the_output_matrix_are_zero():
    model = small_model()
    ids = torch.randint(13, (5,))
    found = next_logits_without_heads(model, ids)
    assert found.shape == (3, 4, 13)
    for layer in range(3):
        for head in range(4):
            cut = copy.deepcopy(model)
            with torch.no_grad():
                cut.blocks[layer].attn.output.weight[:, 6 * head : 6 * (head + 1)] = 0
                expected = cut(ids[None])[0, -1]
            assert_close(found[layer, head], expected, rtol=1e-4, atol=1e-4)
            assert (expected - model(ids[None])[0, -1]).abs().max() > 1e-3


def test_a_resting_head_brings_the_value_of_the_first_token_everywhere():
    model = small_model()
    ids = torch.randint(13, (5,))
    found = next_logits_without_heads(model, ids, rest=True)
    for layer in range(3):
        with trace(model) as t:
            model(ids[None])
        first_value = t[f"blocks.{layer}.attn.v"][0, :, 0]  # (kv_head, d_head)
        for head in range(4):
            columns = model.blocks[layer].attn.output.weight[:, 6 * head : 6 * (head + 1)]
            weights = t[f"blocks.{layer}.attn.pattern"][0, head]
            own = weights @ t[f"blocks.{layer}.attn.v"][0, head // 2]  # (pos, d_head)
            change = (first_value[head // 2] - own) @ columns.T  # (pos, d_model)
            out = t[f"blocks.{layer}.attn.out"] + change
            with trace(model, replace={f"blocks.{layer}.attn.out": out}):
                expected = model(ids[None])[0, -1]
            assert_close(found[layer, head], expected, rtol=1e-4, atol=1e-4)


def test_the_model_is_whole_after_its_heads_were_silent():
    model = small_model()
    ids = torch.randint(13, (4,))
    before = model(ids[None])
    next_logits_without_heads(model, ids, rest=True)
    assert torch.equal(model(ids[None]), before)


def without_columns(model: GPT, heads, instead=None) -> GPT:
    """A copy whose output matrices do not read these heads, and add what `instead` would give."""
    cut = copy.deepcopy(model)
    with torch.no_grad():
        for layer, head in heads:
            output = cut.blocks[layer].attn.output
            columns = slice(6 * head, 6 * (head + 1))
            if instead is not None:
                added = instead[layer, head] @ output.weight[:, columns].T
                bias = torch.zeros(len(added)) if output.bias is None else output.bias
                output.bias = torch.nn.Parameter(bias + added)
            output.weight[:, columns] = 0
    return cut


def loss_of(model: GPT, ids, first: int) -> float:
    log_p = model(ids[None])[0].log_softmax(dim=-1)
    return -sum(float(log_p[at - 1, ids[at]]) for at in range(first, len(ids))) / (len(ids) - first)


@pytest.mark.parametrize("first", [1, 3])
@pytest.mark.parametrize("by_mean", [False, True])
def test_the_loss_without_a_head_is_that_of_a_model_that_does_not_read_it(first, by_mean):
    model = small_model()
    ids = torch.randint(13, (6,))
    instead = torch.randn(3, 4, 6) if by_mean else None
    found = losses_without_heads(model, ids, instead=instead, layers=[2, 0], first=first)
    assert found.shape == (2, 4)
    with torch.no_grad():
        for row, layer in enumerate((2, 0)):
            for head in range(4):
                cut = without_columns(model, [(layer, head)], instead)
                expected = loss_of(cut, ids, first)
                assert found[row, head].item() == pytest.approx(expected, rel=1e-4)
                assert abs(expected - loss_of(model, ids, first)) > 1e-3


@pytest.mark.parametrize("by_mean", [False, True])
def test_several_heads_are_cut_at_once_and_come_back(by_mean):
    model = small_model()
    ids = torch.randint(13, (2, 5))
    heads = [(0, 1), (2, 3), (2, 0)]
    instead = torch.randn(3, 4, 6) if by_mean else None
    with torch.no_grad():
        before = model(ids)
        with without_heads(model, heads, instead):
            found = model(ids)
        assert_close(found, without_columns(model, heads, instead)(ids), rtol=1e-4, atol=1e-4)
        assert (found - before).abs().max() > 1e-2
        assert torch.equal(model(ids), before)


def test_what_heads_gather_on_average_is_a_mean_over_all_tokens():
    model = small_model()
    texts = [torch.randint(13, (length,)) for length in (3, 7)]
    found = mean_gathered(model, texts)
    for layer in range(3):
        gathered = []
        for ids in texts:
            with trace(model) as t, torch.no_grad():
                model(ids[None])
            for head in range(4):
                pattern = t[f"blocks.{layer}.attn.pattern"][0, head]
                gathered.append((head, pattern @ t[f"blocks.{layer}.attn.v"][0, head // 2]))
        for head in range(4):
            rows = torch.cat([rows for one, rows in gathered if one == head])
            assert len(rows) == 10
            assert_close(found[layer, head], rows.mean(dim=0), rtol=1e-4, atol=1e-5)


def test_heads_and_texts_that_are_not_there_are_refused():
    model, ids = small_model(), torch.tensor([1, 2, 3])
    for head in ((3, 0), (0, 4), (-1, 0), (0, -1)):
        with pytest.raises(ValueError, match="layers go from 0 to 2, heads from 0 to 3"):
            without_heads(model, [head])
    for first in (0, 3):
        with pytest.raises(ValueError, match=f"first is {first}, and the text has 3 tokens"):
            losses_without_heads(model, ids, first=first)
    with pytest.raises(ValueError, match="layer"):
        losses_without_heads(model, ids, layers=[3])
    with pytest.raises(ValueError, match="no text was given"):
        mean_gathered(model, [])
