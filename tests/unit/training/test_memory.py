"""Bytes by formula, against real gradients, a real optimizer, and what autograd really keeps."""

import pytest
import torch

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.kept_for_backward import bytes_kept_for_backward
from utils.model.taps import trace
from utils.training.activation_checkpointing import recomputed_blocks
from utils.training.memory import (
    activation_bytes,
    activations_per_token,
    kv_cache_bytes_per_token,
    state_bytes,
)

SIZES = {"vocab_size": 61, "context_length": 20, "n_head": 6, "d_model": 48}
KINDS = {
    "gpt2": (GPTConfig, {"d_mlp": 80}),
    "gpt2, relu, wide heads": (GPTConfig, {"d_head": 10, "activation": "relu"}),
    "gpt2, exact gelu": (GPTConfig, {"d_mlp": 70, "activation": "gelu_exact"}),
    "llama": (GPTConfig.llama, {"d_mlp": 80}),
    "llama, shared keys": (GPTConfig.llama, {"n_kv_head": 2}),
}


def kept_per_layer(kind, sizes, batch, pos, patterns=False, recompute=False, dtype=None):
    """The bytes that one more layer keeps: those of three layers less those of two."""

    def kept(n_layer):
        model = GPT(kind(**SIZES, **sizes, n_layer=n_layer)).to(dtype)
        x = torch.randn(batch, pos, 48, dtype=dtype, requires_grad=True)
        positions = torch.arange(pos).expand(batch, pos)
        run = lambda: model.run_blocks(x, positions)  # noqa: E731
        if patterns:
            with trace(model):
                return bytes_kept_for_backward(run, model)
        if recompute:
            with recomputed_blocks(model):
                return bytes_kept_for_backward(run, model)
        return bytes_kept_for_backward(run, model)

    return kept(3) - kept(2)


@pytest.mark.parametrize(("kind", "sizes"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(("batch", "pos"), [(1, 20), (5, 11)])
def test_a_block_keeps_what_the_formula_says(kind, sizes, batch, pos):
    config = kind(**SIZES, **sizes, n_layer=1)
    assert 4 * batch * pos * activations_per_token(config, pos) == kept_per_layer(
        kind, sizes, batch, pos
    )


@pytest.mark.parametrize(("kind", "sizes"), KINDS.values(), ids=KINDS)
def test_without_a_fused_kernel_it_keeps_the_patterns_too(kind, sizes):
    config = kind(**SIZES, **sizes, n_layer=1)
    mask = 11 * 11  # who may look at whom, a byte each, for all texts together
    kept = kept_per_layer(kind, sizes, 5, 11, patterns=True) - mask
    assert 4 * 5 * 11 * activations_per_token(config, 11, patterns=True) == kept


def test_with_checkpointing_a_block_keeps_what_enters_it():
    config = GPTConfig(**SIZES, n_layer=7)
    kept = kept_per_layer(GPTConfig, {}, 5, 11, recompute=True)
    assert kept == 4 * 5 * 11 * 48
    one_block = activation_bytes(GPTConfig(**SIZES, n_layer=1), 5, 11, 4)
    assert activation_bytes(config, 5, 11, 4, recompute=True) == 7 * kept + one_block


@pytest.mark.parametrize(("kind", "sizes"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("patterns", [False, True])
def test_in_bfloat16_it_keeps_more_than_half_of_the_bytes(kind, sizes, patterns):
    config = kind(**SIZES, **sizes, n_layer=1)
    mask = 11 * 11 if patterns else 0
    kept = kept_per_layer(kind, sizes, 5, 11, patterns=patterns, dtype=torch.bfloat16) - mask
    assert activation_bytes(config, 5, 11, 2, patterns=patterns) == kept
    assert kept >= activation_bytes(config, 5, 11, 4, patterns=patterns) / 2


def test_activations_grow_with_batch_and_layers():
    config = GPTConfig(**SIZES, n_layer=3)
    one = activation_bytes(config, 1, 11)
    assert activation_bytes(config, 7, 11) == 7 * one
    assert activation_bytes(GPTConfig(**SIZES, n_layer=6), 1, 11) == 2 * one


def test_the_published_formula_differs_by_two_masks_of_dropout():
    """Korthikanti et al. 2022, arXiv:2205.05198: 34 s b h bytes a layer, of which two are masks."""
    config = GPTConfig(**SIZES, n_layer=1)
    small = 2 * 2 + config.n_head  # mean and spread of two norms, and a number for each query
    assert 2 * (activations_per_token(config, 11) - small) == (34 - 2) * config.d_model


def test_state_in_float32_is_what_an_optimizer_really_keeps():
    model = GPT(GPTConfig(**SIZES, n_layer=2))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randint(61, (3, 11))).sum().backward()
    optimizer.step()
    weights = list(model.parameters())
    state = state_bytes(sum(p.numel() for p in weights), "float32")
    assert state.weights == sum(p.nbytes for p in weights)
    assert state.gradients == sum(p.grad.nbytes for p in weights)
    moments = [v for kept in optimizer.state.values() for v in kept.values() if v.ndim]
    assert state.optimizer == sum(moment.nbytes for moment in moments)


def test_state_in_mixed_precision_is_that_of_16_bit_weights_and_exact_copies():
    weights = [torch.randn(7, 5, dtype=torch.bfloat16), torch.randn(3, dtype=torch.bfloat16)]
    exact = [weight.float().requires_grad_() for weight in weights]
    optimizer = torch.optim.AdamW(exact)
    for weight in exact:
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    moments = [v for kept in optimizer.state.values() for v in kept.values() if v.ndim]
    state = state_bytes(38, "mixed")
    assert state.weights == state.gradients == sum(weight.nbytes for weight in weights)
    assert state.optimizer == sum(one.nbytes for one in (*exact, *moments))


@pytest.mark.parametrize("precision", ["float32", "mixed"])
def test_what_is_shared_out_is_held_once_in_all(precision):
    whole = state_bytes(1200, precision)
    assert whole.total == 16 * 1200
    for shared_out, parts in {
        "nothing": (),
        "optimizer": ("optimizer",),
        "optimizer and gradients": ("optimizer", "gradients"),
        "everything": ("optimizer", "gradients", "weights"),
    }.items():
        share = state_bytes(1200, precision, 6, shared_out)
        for part in ("weights", "gradients", "optimizer"):
            held = 6 * getattr(share, part) if part in parts else getattr(share, part)
            assert held == getattr(whole, part)


def test_what_cannot_be_shared_evenly_is_rounded_up():
    assert state_bytes(10, "mixed", 3, "everything").weights == 7


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((10, "bf16"), "choose from 'float32', 'mixed'"),
        ((10, "mixed", 2, "weights"), "'optimizer and gradients'"),
        ((10, "mixed", 0), "gpus is 0"),
    ],
)
def test_what_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        state_bytes(*arguments)


def test_the_cache_of_a_token_is_as_large_as_a_real_one():
    model = GPT(GPTConfig.llama(**SIZES, n_layer=5, n_kv_head=2))
    cache = model.new_cache(1, 7)
    real = sum(t.nbytes for t in (cache.keys, cache.values))
    assert 7 * kv_cache_bytes_per_token(model.config, 4) == real
