import math

import pytest
import torch
from torch.testing import assert_close

from utils.training.losses import (
    bits_per_byte,
    cross_entropy,
    next_token_losses,
    perplexity,
    token_losses,
)


def plain_losses(logits, targets):
    """-log of the softmax, one position at a time, in float64."""
    losses = torch.empty(targets.shape, dtype=torch.float64)
    for b in range(targets.shape[0]):
        for p in range(targets.shape[1]):
            weights = (logits[b, p].double() - logits[b, p].double().max()).exp()
            losses[b, p] = -(weights[targets[b, p]] / weights.sum()).log()
    return losses


@pytest.mark.parametrize("scale", [1e-3, 1.0, 80.0])
def test_losses_equal_the_definition(scale):
    generator = torch.Generator().manual_seed(1)
    logits = scale * torch.randn(3, 5, 11, generator=generator)
    targets = torch.randint(0, 11, (3, 5), generator=generator)
    expected = plain_losses(logits, targets)
    assert_close(token_losses(logits, targets).double(), expected, rtol=1e-4, atol=1e-5)
    assert float(cross_entropy(logits, targets)) == pytest.approx(float(expected.mean()), rel=1e-4)


def test_the_documents_numbers():
    """P(mat) = 0.05 costs 2.996 nats, 0.95 costs 0.051."""
    for p, loss in ((0.05, 2.996), (0.95, 0.051), (0.15, 1.897)):
        logits = torch.tensor([[[math.log(p), math.log(1 - p)]]])
        assert float(cross_entropy(logits, torch.zeros(1, 1, dtype=torch.int64))) == pytest.approx(
            loss, abs=6e-4
        )


def test_logits_at_i_judge_the_token_at_i_plus_1():
    ids = torch.tensor([[2, 0, 3, 1]])
    logits = torch.zeros(1, 4, 5)
    for i, following in enumerate(ids[0, 1:]):
        logits[0, i, following] = 50.0
    assert float(next_token_losses(logits, ids).max()) < 1e-6
    assert float(token_losses(logits, ids)[0, 0]) > 10
    with pytest.raises(ValueError, match="at least two tokens"):
        next_token_losses(logits[:, :1], ids[:, :1])


@pytest.mark.parametrize("k", [1, 2, 100, 49_152])
def test_perplexity_of_k_equal_choices_is_k(k):
    loss = cross_entropy(torch.zeros(2, 3, k), torch.zeros(2, 3, dtype=torch.int64))
    assert perplexity(loss) == pytest.approx(k, rel=1e-5)


def test_bits_per_byte_of_uniform_bytes_is_eight():
    assert bits_per_byte(math.log(256), n_tokens=40, n_bytes=40) == pytest.approx(8)
    assert bits_per_byte(math.log(256), n_tokens=10, n_bytes=40) == pytest.approx(2)
    with pytest.raises(ValueError, match="0 tokens"):
        bits_per_byte(1.0, n_tokens=0, n_bytes=3)
