"""Tones as rows of samples, and a codebook of tones: a sound becomes a row of ids.

    frames = tone(440).view(-1, FRAME)
    ids = nearest(frames, tone_codebook(256, seed=0))

Neural codecs learn their codebooks (van den Oord et al., arXiv:1711.00937); this one is drawn.
"""

import math

import torch
from jaxtyping import Float, Int64
from torch import Tensor

RATE, FRAME = 8000, 160  # samples a second, and in a frame
LOWEST, HIGHEST = 100, 1000  # pitches of the codebook, in vibrations a second


def tone(pitch: float | int, seconds: float | int = 1) -> Float[Tensor, " sample"]:
    """A sine of so many vibrations a second."""
    times = torch.arange(round(RATE * seconds)) / RATE
    return torch.sin(2 * math.pi * pitch * times)


def tone_codebook(entries: int, seed: int) -> Float[Tensor, "entry sample"]:
    """Frames of tones whose pitch and beginning are drawn."""
    generator = torch.Generator().manual_seed(seed)
    pitches = LOWEST + (HIGHEST - LOWEST) * torch.rand(entries, generator=generator)
    phases = 2 * math.pi * torch.rand(entries, generator=generator)
    times = torch.arange(FRAME) / RATE
    return torch.sin(2 * math.pi * pitches[:, None] * times + phases[:, None])


def nearest(
    frames: Float[Tensor, "frame sample"], codebook: Float[Tensor, "entry sample"]
) -> Int64[Tensor, " frame"]:
    """For each frame the entry with the smallest squared difference."""
    return torch.cdist(frames, codebook).argmin(dim=1)
