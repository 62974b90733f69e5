import math

import pytest
import torch
from torch.distributions import Categorical, kl_divergence
from torch.testing import assert_close

from utils.alignment.kl import exact_kl, k1, k2, k3


def test_exact_kl_equals_torchs_and_the_definition():
    generator = torch.Generator().manual_seed(0)
    pi, ref = (3 * torch.randn(4, 5, 7, generator=generator) for _ in range(2))
    assert_close(
        exact_kl(pi, ref),
        kl_divergence(Categorical(logits=pi), Categorical(logits=ref)),
        rtol=1e-4,
        atol=1e-6,
    )
    half, skew = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.9, 0.1]).log()
    assert float(exact_kl(half, skew)) == pytest.approx(
        0.5 * math.log(0.5 / 0.9) + 0.5 * math.log(0.5 / 0.1)
    )
    assert float(exact_kl(skew, half)) == pytest.approx(
        0.9 * math.log(0.9 / 0.5) + 0.1 * math.log(0.1 / 0.5)
    )
    assert float(exact_kl(skew, skew)) == 0


def test_exact_kl_at_the_edges():
    one, even = torch.tensor([0.0, -math.inf, -math.inf]), torch.zeros(3)
    assert float(exact_kl(one, even)) == pytest.approx(math.log(3))
    assert float(exact_kl(even, one)) == math.inf
    assert float(exact_kl(torch.tensor([1000.0, 0.0]), torch.tensor([0.0, 0.0]))) == pytest.approx(
        math.log(2)
    )


def test_what_the_estimates_estimate():
    """Under pi, k1 and k3 have the exact KL as their mean; k2 has it only nearly, for policies that
    are near.
    """
    generator = torch.Generator().manual_seed(1)
    ref = torch.randn(9, generator=generator)
    for distance in (0.1, 2.0):
        pi = ref + distance * torch.randn(9, generator=generator)
        log_ratio, chance = pi.log_softmax(0) - ref.log_softmax(0), pi.softmax(0)
        exact = float(exact_kl(pi, ref))
        for estimate in (k1, k3):
            assert float((chance * estimate(log_ratio)).sum()) == pytest.approx(exact, rel=1e-3)
        error = abs(float((chance * k2(log_ratio)).sum()) / exact - 1)
        assert (error < 0.1) == (distance == 0.1)


def test_signs_and_small_and_large_ratios():
    log_ratio = torch.tensor([-30.0, -1.0, -1e-4, 0.0, 1e-4, 1.0, 30.0])
    assert (k1(log_ratio) < 0).any()
    assert k2(log_ratio).tolist() == pytest.approx([450, 0.5, 5e-9, 0, 5e-9, 0.5, 450])
    exact = [math.expm1(-r) + r for r in log_ratio.tolist()]
    assert k3(log_ratio).tolist() == pytest.approx(exact, rel=1e-3, abs=1e-8)
    assert (k3(log_ratio) >= 0).all()
