import pytest
import torch
from small_gpt import small_gpt
from torch.testing import assert_close

from utils.training.low_rank import LowRank, add_low_rank, merge_low_rank

IDS = torch.tensor([[1, 2, 3, 5], [6, 0, 2, 2]])


@pytest.mark.parametrize("rank", [1, 3])
def test_only_thin_matrices_are_trained_and_at_first_they_change_nothing(rank):
    model = small_gpt(1)
    before, frozen = model(IDS), {n: w.clone() for n, w in model.named_parameters()}
    shapes = [
        module.weight.shape
        for block in model.blocks
        for module in (
            block.attn.query, block.attn.key, block.attn.value, block.attn.output,
            block.mlp.up, block.mlp.down,
        )
    ]  # fmt: skip
    state = torch.random.get_rng_state()
    numbers = add_low_rank(model, rank, seed=4)
    assert torch.equal(state, torch.random.get_rng_state())
    assert numbers == sum(rank * (d_out + d_in) for d_out, d_in in shapes)
    assert_close(model(IDS), before)
    optimizer = torch.optim.SGD([w for w in model.parameters() if w.requires_grad], lr=0.5)
    for _ in range(2):
        optimizer.zero_grad()
        model(IDS).square().mean().backward()
        optimizer.step()
    query = model.blocks[0].attn.query
    change = query.weight - query.parametrizations.weight.original
    assert torch.linalg.matrix_rank(change.detach(), rtol=1e-3) == min(rank, *change.shape)
    after = model(IDS)
    assert (after - before).abs().max() > 1e-3
    merge_low_rank(model)
    assert_close(model(IDS), after, rtol=1e-4, atol=1e-5)
    assert set(dict(model.named_parameters())) == set(frozen)
    assert_close(model.embed.weight, frozen["embed.weight"])


def test_the_product_is_added():
    adapter = LowRank(5, 3, 2)
    weight = torch.randn(5, 3)
    assert torch.equal(adapter(weight), weight)
    adapter.up.data = torch.randn(5, 2)
    expected = weight + torch.einsum("or,ri->oi", adapter.up, adapter.down)
    assert_close(adapter(weight), expected)


def test_no_rank_is_refused():
    with pytest.raises(ValueError, match="the rank is 0"):
        add_low_rank(small_gpt(1), 0, seed=1)
