"""A linear probe, against least squares on rows that stand for the penalty."""

import pytest
import torch

from utils.interpretability.linear_probe import probe_accuracy


@pytest.mark.parametrize(("penalty", "noise"), [(0.5, 0.3), (10.0, 1.5), (200.0, 1.0)])
def test_it_equals_least_squares_with_rows_for_the_penalty(penalty, noise):
    rng = torch.Generator().manual_seed(3)
    centres = 2 * torch.randn(5, 7, generator=rng, dtype=torch.float64) + 1
    labels = torch.randint(5, (90,), generator=rng)
    vectors = centres[labels] + noise * torch.randn(90, 7, generator=rng, dtype=torch.float64)
    new_labels = torch.randint(5, (400,), generator=rng)
    new = centres[new_labels] + noise * torch.randn(400, 7, generator=rng, dtype=torch.float64)
    inputs = torch.cat([vectors, torch.ones(90, 1)], dim=1)
    rows = torch.cat([inputs, penalty**0.5 * torch.eye(8)])
    wanted = torch.cat([torch.eye(5)[labels], torch.zeros(8, 5)]).double()
    weights = torch.linalg.lstsq(rows, wanted).solution
    scores = torch.cat([new, torch.ones(400, 1)], dim=1) @ weights
    expected = float((scores.argmax(dim=1) == new_labels).double().mean())
    got = probe_accuracy(vectors, labels, new, new_labels, penalty)
    assert got == pytest.approx(expected, abs=1e-9) and 0.3 < got <= 1


def test_labels_without_a_cause_are_not_found():
    rng = torch.Generator().manual_seed(0)
    vectors, new = torch.randn(400, 12, generator=rng), torch.randn(3000, 12, generator=rng)
    labels, new_labels = (torch.randint(4, (n,), generator=rng) for n in (400, 3000))
    assert probe_accuracy(vectors, labels, new, new_labels) == pytest.approx(0.25, abs=0.04)
