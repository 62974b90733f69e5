"""Multiplications, against formulas worked out by hand."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.multiplications import count_multiplications
from utils.model.taps import trace
from utils.training.flop_count import counted_flops


def test_matrix_products_forward_and_backward():
    x, w = torch.randn(7, 5), torch.randn(5, 3, requires_grad=True)
    assert count_multiplications(lambda: x @ w) == 7 * 5 * 3
    # x needs no gradient
    assert count_multiplications(lambda: (x @ w).sum().backward()) == 2 * 7 * 5 * 3
    assert count_multiplications(lambda: x * 2 + x.exp()) == 0


@pytest.mark.parametrize("gradients", [False, True])  # without them a layer takes another way
@pytest.mark.parametrize("kv_heads", [2, 6])
def test_a_model_by_hand(gradients, kv_heads):
    batch, pos, layers, d_model, heads, d_head, d_mlp, vocab = 3, 11, 2, 48, 6, 8, 80, 61
    sizes = dict(
        vocab_size=vocab,
        context_length=20,
        n_layer=layers,
        n_head=heads,
        d_model=d_model,
        d_mlp=d_mlp,
    )
    model = GPT(GPTConfig.llama(n_kv_head=kv_heads, **sizes)).eval()
    ids = torch.randint(vocab, (batch, pos))
    weights = 2 * d_model**2 + 2 * d_model * kv_heads * d_head + 3 * d_model * d_mlp  # of a block
    attention = 2 * heads * pos**2 * d_head  # scores, and the mixing of values
    expected = batch * (layers * (pos * weights + attention) + pos * d_model * vocab)
    with torch.set_grad_enabled(gradients):
        assert count_multiplications(lambda: model(ids)) == expected


@pytest.mark.parametrize("pos", [7, 13])
@pytest.mark.parametrize("kv_heads", [2, 6])
def test_fused_attention_counts_as_attention_step_by_step_there_and_back(pos, kv_heads):
    """The oracle: torch's own counter, which knows every product when each is made singly."""
    sizes = dict(vocab_size=61, context_length=20, n_layer=2, n_head=6, d_model=48, d_mlp=80)
    model = GPT(GPTConfig.llama(n_kv_head=kv_heads, **sizes))
    ids = torch.randint(61, (3, pos + 1))

    def loss():
        return cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())

    with trace(model):
        forward, both = counted_flops(loss)
    assert count_multiplications(loss) == forward // 2
    assert count_multiplications(lambda: loss().backward()) == both // 2
