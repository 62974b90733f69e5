"""Whatever way the text is fed, whole, in chunks or token by token, the logits are those of one
plain pass.
"""

import pytest
import torch
from oracles import random_ids
from torch.testing import assert_close

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.kv_cache import ReadOnceCache, bytes_per_token

# logits of a model in float64: rounding cannot hide a mistake
TOLERANCE = dict(rtol=1e-6, atol=1e-6)


@pytest.fixture(params=["gpt2", "llama"])
def model(request) -> GPT:
    torch.manual_seed(2)
    sizes = dict(vocab_size=61, context_length=20, n_layer=3, n_head=6, d_model=48)
    config = (
        GPTConfig(**sizes) if request.param == "gpt2" else GPTConfig.llama(n_kv_head=2, **sizes)
    )
    model = GPT(config).eval().double()
    for parameter in model.parameters():
        parameter.data.mul_(6)
    return model


@pytest.mark.parametrize("chunks", [[11], [1] * 11, [4, 1, 6], [10, 1]])
@torch.no_grad()
def test_logits_do_not_depend_on_the_chunks(model, chunks):
    ids = random_ids(61, batch=3, pos=11)
    cache = model.new_cache(batch=3, max_pos=13)
    parts = [model(part, cache=cache) for part in ids.split(chunks, dim=1)]
    assert cache.length == 11
    assert_close(torch.cat(parts, dim=1), model(ids), **TOLERANCE)


@torch.no_grad()
def test_greedy_tokens_are_the_same_with_and_without(model):
    plain, cached = random_ids(61, batch=2, pos=4), random_ids(61, batch=2, pos=4)
    cache, new = model.new_cache(batch=2, max_pos=20), cached
    for _ in range(16):
        plain = torch.cat([plain, model(plain)[:, -1:].argmax(-1)], dim=1)
        new = model(new, cache=cache)[:, -1:].argmax(-1)
        cached = torch.cat([cached, new], dim=1)
    assert torch.equal(plain, cached)
    assert len(plain[0].unique()) > 3  # a loop over one token would prove little


@torch.no_grad()
def test_padding_in_front_is_remembered(model):
    ids, lengths = random_ids(61, batch=3, pos=8), (8, 5, 2)
    real = torch.stack([torch.arange(8) >= 8 - length for length in lengths])
    cache = model.new_cache(batch=3, max_pos=12)
    model(ids[:, :6], real=real[:, :6], cache=cache)
    model(ids[:, 6:], real=real[:, 6:], cache=cache)
    after = random_ids(61, batch=3, pos=2, seed=9)
    got = model(after, cache=cache)  # no `real`: new tokens are real
    for row, length in enumerate(lengths):
        alone = torch.cat([ids[row, 8 - length :], after[row]])[None]
        assert_close(got[row], model(alone)[0, -2:], **TOLERANCE)


@torch.no_grad()
def test_rows_can_be_reordered_and_repeated(model):
    ids, rows = random_ids(61, batch=3, pos=5), torch.tensor([2, 0, 0, 1])
    cache = model.new_cache(batch=3, max_pos=9)
    model(ids, cache=cache)
    cache.select(rows)
    after = random_ids(61, batch=4, pos=3, seed=8)
    assert_close(
        model(after, cache=cache), model(torch.cat([ids[rows], after], dim=1))[:, -3:], **TOLERANCE
    )


def test_memory_is_taken_once_and_counted(model):
    cache = model.new_cache(batch=5, max_pos=7)
    config = model.config
    # float64
    assert cache.n_bytes == 2 * config.n_layer * 5 * config.n_kv_head * 7 * config.d_head * 8
    before = cache.keys.data_ptr()
    model(random_ids(61, batch=5, pos=3), cache=cache)
    assert cache.keys.data_ptr() == before


def test_bytes_of_a_token_are_those_of_the_tensors(model):
    cache, config = model.new_cache(batch=1, max_pos=7), model.config
    per_token = cache.keys[..., :1, :].nbytes + cache.values[..., :1, :].nbytes
    sizes = config.n_layer, config.n_kv_head, config.d_head
    assert bytes_per_token(*sizes, bytes_per_number=8) == per_token
    assert bytes_per_token(*sizes) == per_token / 4  # 16 bits where nothing is said
    assert bytes_per_token(30, 3, 64) == 23_040  # SmolLM2, by hand


@torch.no_grad()
def test_running_past_the_end_is_one_clear_sentence(model):
    cache = model.new_cache(batch=2, max_pos=6)
    ids = random_ids(61, batch=2, pos=4)
    first = model(ids, cache=cache)
    with pytest.raises(ValueError, match="holds 6 positions, 4 are filled, and 3 more"):
        model(ids[:, :3], cache=cache)
    assert cache.length == 4
    again = model(ids[:, :2], cache=cache)  # the refused call left the cache as it was
    assert_close(again, model(torch.cat([ids, ids[:, :2]], dim=1))[:, 4:], **TOLERANCE)
    assert first.shape == (2, 4, 61)


def test_context_length_is_the_limit(model):
    with pytest.raises(ValueError, match=r"21 positions.*context holds 20"):
        model.new_cache(batch=1, max_pos=21)
    cache = model.new_cache(batch=1, max_pos=20)
    model(random_ids(61, batch=1, pos=20), cache=cache)
    with pytest.raises(ValueError, match="21 tokens"):
        model(random_ids(61, batch=1, pos=1), cache=cache)


def test_other_batch_is_refused(model):
    cache = model.new_cache(batch=2, max_pos=6)
    with pytest.raises(ValueError, match="batch of 2, but 3"):
        model(random_ids(61, batch=3, pos=2), cache=cache)


@pytest.mark.parametrize("first", [0, 3])
def test_the_beginning_is_read_once_and_the_end_often_with_gradients(model, first):
    ids, lengths = random_ids(61, batch=3, pos=8), (8, 7, 4)
    real = torch.stack([torch.arange(8) >= 8 - length for length in lengths])
    cache = model.new_cache(batch=3, max_pos=8)
    if first:
        with torch.no_grad():
            model(ids[:, :first], real=real[:, :first], cache=cache)
    kept = ReadOnceCache(cache)
    for seed in (5, 6):  # another end each time
        ids[:, first:] = random_ids(61, batch=3, pos=8 - first, seed=seed)
        got, expected = model(ids[:, first:], real[:, first:], kept), model(ids, real)[:, first:]
        at_end = real[:, first:]
        assert_close(got[at_end], expected[at_end], **TOLERANCE)
        # Of the last block's weights only queries and what comes after them see nothing but the
        # end.
        of = model.blocks[-1].mlp.down.weight
        slopes = [
            torch.autograd.grad(logits[at_end].square().sum(), of)[0] for logits in (got, expected)
        ]
        assert_close(*slopes, rtol=1e-6, atol=1e-6 * float(slopes[1].abs().max()))
    assert kept.length == cache.length == first
