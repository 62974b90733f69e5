"""Attention in tiles against torch's own, forward and backward, and the memory that it holds."""

import pytest
import torch
import torch.nn.functional as F

from utils.model.live_memory import live_bytes
from utils.model.tiled_attention import attention_in_tiles, tiled_gradients

HEADS, D_HEAD = 3, 5


def drawn(n, size=1.0, dtype=torch.float64):
    rng = torch.Generator().manual_seed(n)
    return [
        size * torch.randn(HEADS, n, D_HEAD, generator=rng, dtype=dtype).requires_grad_()
        for _ in range(3)
    ]


@pytest.mark.parametrize(("n", "tile"), [(1, 1), (7, 1), (7, 3), (12, 4), (13, 5), (9, 20)])
@pytest.mark.parametrize("size", [0.3, 12.0])
def test_output_log_sum_and_gradients_are_those_of_torch(n, tile, size):
    q, k, v = (x.detach().requires_grad_() for x in drawn(n, size))
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = (q @ k.mT / D_HEAD**0.5).masked_fill(torch.ones(n, n).triu(1).bool(), -torch.inf)
    with torch.no_grad():
        out, log_sum = attention_in_tiles(q, k, v, tile)
    torch.testing.assert_close(out, expected, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(log_sum, scores.logsumexp(dim=-1), rtol=1e-9, atol=1e-11)
    grad = torch.randn(out.shape, dtype=out.dtype, generator=torch.Generator().manual_seed(1))
    wanted = torch.autograd.grad(expected, (q, k, v), grad)
    with torch.no_grad():
        got = tiled_gradients(q, k, v, out, log_sum, grad, tile)
    largest = max(float(other.abs().max()) for other in wanted)
    for one, other in zip(got, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-11 * largest)


def test_its_memory_grows_with_the_text_and_not_with_its_square():
    def most(n, attend):
        q, k, v = (x.detach() for x in drawn(n, dtype=torch.float32))
        return max(live_bytes(lambda: attend(q, k, v)))

    def in_tiles(q, k, v):
        return attention_in_tiles(q, k, v, 16)

    def whole(q, k, v):
        scores = (q @ k.mT).masked_fill(torch.ones(len(q[0]), len(q[0])).triu(1).bool(), -torch.inf)
        return scores.softmax(dim=-1) @ v

    assert most(512, in_tiles) < 3 * most(256, in_tiles)
    assert most(512, whole) > 3.5 * most(256, whole)


def test_a_tile_of_none_is_refused():
    q, k, v = drawn(4)
    with pytest.raises(ValueError, match="tile is 0; give how many"):
        attention_in_tiles(q, k, v, 0)
