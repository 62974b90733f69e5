"""FLOPs by formula, against torch's own counter on small models."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace
from utils.training.activation_checkpointing import recomputed_blocks
from utils.training.flops import (
    attention_flops_per_token,
    forward_flops_per_token,
    matmul_flops,
    training_flops,
    training_flops_per_token,
)

SIZES = {"vocab_size": 61, "context_length": 20, "n_layer": 3, "n_head": 6, "d_model": 48}
CONFIGS = {
    "gpt2": GPTConfig(**SIZES, d_mlp=80),
    "gpt2, wide heads": GPTConfig(**SIZES, d_head=10, n_kv_head=3),
    "llama": GPTConfig.llama(**SIZES, n_kv_head=2, tie_embedding=False, d_mlp=80),
}


def counted(config, context, batch=5, recompute=False):
    """FLOPs per token of the forward pass and of the whole step, with attention step by step."""
    model, ids = GPT(config), torch.randint(config.vocab_size, (batch, context))
    with trace(model), FlopCounterMode(display=False) as counter:
        if recompute:
            with recomputed_blocks(model):
                model(ids).sum().backward()
            return counter.get_total_flops() / ids.numel()
        logits = model(ids)
        forward = counter.get_total_flops()
        logits.sum().backward()
    return forward / ids.numel(), counter.get_total_flops() / ids.numel()


def test_a_product_of_matrices():
    with FlopCounterMode(display=False) as counter:
        torch.ones(7, 5) @ torch.ones(5, 3)
    assert matmul_flops(7, 5, 3) == counter.get_total_flops() == 2 * 7 * 5 * 3


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("context", [1, 11, 20])
def test_forward_and_backward(config, context):
    forward, both = counted(config, context)
    assert forward_flops_per_token(config, context) == forward
    assert training_flops_per_token(config, context) == both


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("context", [1, 11])
def test_with_activation_checkpointing(config, context):
    assert training_flops_per_token(config, context, recompute=True) == counted(
        config, context, recompute=True
    )


def test_what_attention_adds_grows_with_the_context():
    config = CONFIGS["llama"]
    added = [forward_flops_per_token(config, context) for context in (3, 9)]
    assert added[1] - added[0] == attention_flops_per_token(config, 6)
    assert attention_flops_per_token(config, 6) == 3 * 6 * 2 * (2 * 8 * 6)


def test_the_rule_of_thumb_is_near_the_count_where_the_context_is_short():
    config = GPTConfig(vocab_size=31, context_length=8, n_layer=4, n_head=4, d_model=256)
    weights = sum(p.numel() for p in GPT(config).parameters())
    _, both = counted(config, 8, batch=2)
    assert training_flops(weights, 16) == pytest.approx(16 * both, rel=0.02)
    assert training_flops(weights, 16, recompute=True) == 8 * weights * 16
