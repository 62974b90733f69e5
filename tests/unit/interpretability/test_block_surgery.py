"""Blocks in another order, against a loop written out; caches, losses and noise."""

import pytest
import torch
import torch.nn.functional as F
from hand_made import word_tokenizer

from utils.generation.decoding import generate
from utils.interpretability.block_surgery import (
    OPERATIONS,
    logits_with_noise,
    read_texts,
    rearranged,
    text_losses,
)
from utils.model.attention import SharedInputs
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.rotary import rope_rotation
from utils.model.taps import trace

TOK = word_tokenizer()


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    sizes = dict(vocab_size=120, context_length=40, n_layer=5, n_head=4, n_kv_head=2, d_model=24)
    model = GPT(GPTConfig.llama(**sizes, d_mlp=36)).eval()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    return model


def by_hand(model, ids, order):
    """The loop, without the engine's."""
    places = torch.arange(ids.shape[1]).expand(len(ids), -1)
    config = model.config
    shared = SharedInputs(None, rope_rotation(places, config.d_head, config.rope_base), None)
    x = model.embed(ids)
    for number in order:
        x = model.blocks[number](x, shared)
    return model.unembed(model.final_norm(x))


ORDERS = {
    "skip": ((1, 3), [0, 4]),
    "swap": ((0, 3), [3, 1, 2, 0, 4]),
    "repeat": ((1, 2), [0, 1, 2, 1, 2, 3, 4]),
    "reverse": ((1, 4), [0, 4, 3, 2, 1]),
}


@pytest.mark.parametrize(("name", "asked"), ORDERS.items())
def test_each_operation_is_an_order_and_the_model_runs_it(model, name, asked):
    (first, last), order = asked
    assert OPERATIONS[name](5, first, last) == order
    ids = torch.randint(120, (3, 7), generator=torch.Generator().manual_seed(1))
    before = model(ids)
    changed = rearranged(model, order)
    torch.testing.assert_close(changed(ids), by_hand(model, ids, order), rtol=1e-5, atol=1e-5)
    assert not torch.allclose(changed(ids), before, atol=1e-2)
    assert torch.equal(model(ids), before) and len(model.blocks) == 5  # it stays as it is


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 1, 1, 0], [2], [3, 3, 3, 3, 3, 3, 3]])
def test_a_cache_has_a_place_for_each_time_that_a_block_runs(model, order):
    changed = rearranged(model, order)
    ids = torch.randint(120, (2, 9), generator=torch.Generator().manual_seed(2))
    cache = changed.new_cache(2, 9)
    pieces = [changed(ids[:, :4], cache=cache)]
    pieces += [changed(ids[:, at : at + 1], cache=cache) for at in range(4, 9)]
    torch.testing.assert_close(
        torch.cat(pieces, dim=1), by_hand(model, ids, order), rtol=1e-4, atol=1e-4
    )


def test_the_weights_are_shared(model):
    changed = rearranged(model, [2, 2])
    assert {id(p) for p in changed.parameters()} < {id(p) for p in model.parameters()}
    with trace(changed) as t:
        changed(torch.tensor([[1, 2]]))
    assert not torch.equal(t["blocks.0.mlp.out"], t["blocks.1.mlp.out"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: rearranged(m, []), "choose at least one"),
        (lambda m: rearranged(m, [0, 5]), "from 0 to 4"),
        (lambda m: OPERATIONS["skip"](5, 3, 2), "give the lower number first"),
        (lambda m: OPERATIONS["swap"](5, 0, 5), "there is no layer 5"),
        (lambda m: logits_with_noise(m, torch.tensor([[1]]), 5, 0), "there is no layer 5"),
    ],
)
def test_what_is_not_there_is_refused(model, call, words):
    with pytest.raises(ValueError, match=words):
        call(model)


def test_the_loss_of_each_text_is_its_own(model):
    texts = [" The red tower", "It is in Rome, or in Oslo"]
    ids, real = read_texts(TOK, texts)
    found = text_losses(model(ids), ids, real)
    for text, loss in zip(texts, found, strict=True):
        alone = torch.tensor([TOK.encode(text)])
        expected = F.cross_entropy(model(alone)[0, :-1], alone[0, 1:])
        torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-5)


def test_noise_is_as_long_as_what_the_block_adds_and_another_for_each_seed(model, monkeypatch):
    ids = torch.randint(120, (2, 6), generator=torch.Generator().manual_seed(3))
    with trace(model) as whole:
        model(ids)
    kept, seen = model.run_blocks, []
    monkeypatch.setattr(
        model, "run_blocks", lambda x, *a, **k: seen.append((x, k)) or kept(x, *a, **k)
    )
    logits = [logits_with_noise(model, ids, 2, seed) for seed in (0, 0, 1)]
    assert torch.equal(logits[0], logits[1]) and not torch.allclose(logits[0], logits[2])
    before, after = whole["blocks.2.resid.pre"], whole["blocks.2.resid.post"]
    added = [(x - before) for x, k in seen if k == {"first": 3}]
    assert len(added) == 3
    for one in added:
        torch.testing.assert_close(one.norm(dim=-1), (after - before).norm(dim=-1))
        cosine = F.cosine_similarity(one, after - before, dim=-1)
        assert cosine.abs().mean() < 0.6


def test_a_changed_model_writes(model):
    text = generate(rearranged(model, [0, 0, 4]), TOK, " The", max_new_tokens=3, temperature=0)
    assert isinstance(text, str)
