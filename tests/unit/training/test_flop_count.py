"""What torch counts, against products counted by hand."""

import pytest
import torch
from torch import nn

from utils.model.gpt import GPT, GPTConfig
from utils.model.taps import trace
from utils.training.flop_count import counted_flops, counted_token_flops


@pytest.mark.parametrize(("rows", "inner", "columns"), [(2, 3, 4), (7, 1, 5)])
@pytest.mark.parametrize("input_learns", [False, True])
def test_a_product_and_the_one_or_two_of_its_way_back(rows, inner, columns, input_learns):
    layer = nn.Linear(inner, columns, bias=False)
    x = torch.randn(rows, inner, requires_grad=input_learns)
    forward, both = counted_flops(lambda: layer(x).sum())
    assert forward == 2 * rows * inner * columns
    assert both == forward * (3 if input_learns else 2)
    assert layer.weight.grad is not None


def test_attention_counts_only_where_it_is_computed_step_by_step():
    batch, pos, d_model, n_layer = 3, 11, 20, 2
    config = GPTConfig(
        vocab_size=13, context_length=16, n_layer=n_layer, n_head=5, d_model=d_model, d_mlp=28
    )
    model, ids = GPT(config), torch.randint(13, (batch, pos))
    matrices = n_layer * (4 * d_model**2 + 2 * d_model * 28) + d_model * 13
    forward, _ = counted_flops(lambda: model(ids).sum())
    assert forward == 2 * batch * pos * matrices
    with trace(model):
        forward, both = counted_flops(lambda: model(ids).sum())
    attention = n_layer * 4 * pos * d_model
    assert forward == batch * pos * (2 * matrices + attention)
    assert both == 3 * forward


@pytest.mark.parametrize("context", [1, 7, 16])
def test_the_last_token_of_a_text_is_counted_with_all_that_it_looks_at(context):
    d_model, n_layer, d_head, n_head, d_mlp = 20, 2, 4, 5, 28
    config = GPTConfig(
        vocab_size=13,
        context_length=16,
        n_layer=n_layer,
        n_head=n_head,
        d_model=d_model,
        d_mlp=d_mlp,
    )
    matrices = n_layer * (4 * d_model**2 + 2 * d_model * d_mlp) + d_model * 13
    looks = n_layer * n_head * 2 * d_head * context  # scores, and the mix of the values
    assert counted_token_flops(GPT(config), context) == 2 * (matrices + looks)
