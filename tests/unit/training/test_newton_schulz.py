"""Newton and Schulz's rounds against the singular value decomposition."""

import pytest
import torch
from torch.testing import assert_close

from utils.training.newton_schulz import newton_schulz


def random_matrix(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("shape", [(3, 3), (4, 9), (9, 4), (1, 5), (12, 11)])
@pytest.mark.parametrize("rounds", [1, 3, 5])
def test_the_polynomial_acts_on_the_singular_values_and_leaves_the_vectors(shape, rounds):
    matrix = 7 * random_matrix(*shape, seed=rounds)
    u, s, v = torch.linalg.svd(matrix, full_matrices=False)
    s = s / s.norm()
    for _ in range(rounds):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    assert_close(newton_schulz(matrix, rounds), u @ s.diag() @ v, rtol=1e-9, atol=1e-9)


def test_five_rounds_bring_values_from_a_hundredth_up_near_1():
    u, _, v = torch.linalg.svd(random_matrix(20, 12), full_matrices=False)
    values = torch.linspace(0.02, 1, 12, dtype=torch.float64)
    found = torch.linalg.svdvals(newton_schulz(u @ values.diag() @ v))
    assert found.min() > 0.65 and found.max() < 1.25


def test_size_does_not_matter_and_zeros_stay_zeros():
    matrix = random_matrix(5, 8)
    assert_close(newton_schulz(1e-6 * matrix), newton_schulz(1e3 * matrix), rtol=1e-9, atol=1e-12)
    assert torch.equal(newton_schulz(torch.zeros(3, 4)), torch.zeros(3, 4))
