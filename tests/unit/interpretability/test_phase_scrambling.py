"""Random pictures as smooth as given ones: the spectrum stays, the form goes."""

import numpy as np
import pytest
import torch

from utils.interpretability.phase_scrambling import phase_scrambled


def spectrum(picture):
    return np.abs(np.fft.fft2(picture.double().numpy()))


def test_where_all_places_are_alike_the_spectrum_is_kept():
    # of plus and minus one, so that all places are equally strong
    rng = torch.Generator().manual_seed(5)
    pictures = torch.randn(4, 9, 12, generator=rng).sign()
    scrambled = phase_scrambled(pictures, seed=3)
    for before, after in zip(pictures, scrambled, strict=True):
        assert spectrum(after) == pytest.approx(spectrum(before), rel=1e-3, abs=1e-3)
        assert np.corrcoef(before.flatten(), after.flatten())[0, 1] < 0.4


def test_places_without_weights_stay_without():
    pictures = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(1))
    pictures[:, :2] = 0
    scrambled = phase_scrambled(pictures)
    assert scrambled[:, :2].abs().max() == 0
    assert scrambled[:, 2:].abs().min() > 0


def test_the_seed_decides():
    pictures = torch.rand(2, 6, 5, generator=torch.Generator().manual_seed(2))
    assert torch.equal(phase_scrambled(pictures, 1), phase_scrambled(pictures, 1))
    assert not torch.allclose(phase_scrambled(pictures, 1), phase_scrambled(pictures, 2))


def test_an_edge_becomes_smooth_blotches_without_it():
    """An edge is a matter of phases: scrambled, its rows no longer agree where it lies."""
    edge = torch.ones(1, 16, 16)
    edge[:, :, 8:] = -1
    edge = edge + 0.1 * torch.randn(1, 16, 16, generator=torch.Generator().manual_seed(0))
    sharpest = [row.diff().abs().argmax().item() for row in edge[0]]
    assert set(sharpest) == {7}
    scrambled = phase_scrambled(edge)[0]
    assert len({row.diff().abs().argmax().item() for row in scrambled}) > 1
