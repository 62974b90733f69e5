"""Tones and their codebook: pitches counted by zero crossings and by numpy's Fourier transform, and
the nearest entry by a loop.
"""

import numpy as np
import pytest
import torch

from utils.data.tones import FRAME, HIGHEST, LOWEST, RATE, nearest, tone, tone_codebook


@pytest.mark.parametrize(("pitch", "seconds"), [(440, 1), (100, 0.5), (1000, 2)])
def test_a_tone_has_its_pitch_and_length(pitch, seconds):
    samples = tone(pitch, seconds)
    assert len(samples) == RATE * seconds
    spectrum = np.abs(np.fft.rfft(samples.numpy()))
    assert spectrum.argmax() / seconds == pytest.approx(pitch)
    assert float(samples.square().mean()) == pytest.approx(0.5, abs=1e-3)


def test_the_codebook_has_tones_between_the_lowest_and_the_highest():
    book = tone_codebook(40, seed=3)
    assert book.shape == (40, FRAME)
    crossings = ((book[:, 1:] > 0) != (book[:, :-1] > 0)).sum(dim=1)
    pitches = crossings * RATE / FRAME / 2
    assert pitches.min() >= LOWEST - 50 and pitches.max() <= HIGHEST + 50
    assert pitches.max() - pitches.min() > 500
    assert torch.equal(book, tone_codebook(40, seed=3))
    assert not torch.equal(book, tone_codebook(40, seed=4))


def test_the_nearest_entry_has_the_smallest_squared_difference():
    rng = torch.Generator().manual_seed(1)
    frames, book = torch.randn(7, 12, generator=rng), torch.randn(5, 12, generator=rng)
    by_hand = [
        min(range(5), key=lambda n, f=f: float((book[n] - f).square().sum())) for f in frames
    ]
    assert nearest(frames, book).tolist() == by_hand
    assert nearest(book, book).tolist() == [0, 1, 2, 3, 4]
