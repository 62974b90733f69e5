"""Sinusoids: a position as a row of sines and cosines, each pair slower than the one before.

Vaswani et al. 2017 (arXiv:1706.03762), section 3.5. The row of a position is added to the vector of
the token that stands there.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

BASE = 10_000.0  # the wavelengths go from 2 pi to 2 pi * BASE, as in the paper


def sinusoids(
    positions: Int64[Tensor, "batch pos"], d_model: int
) -> Float[Tensor, "batch pos d_model"]:
    """sin and cos of position * BASE^(-2i / d_model), at the places 2i and 2i + 1 of a row."""
    exponent = torch.arange(0, d_model, 2, device=positions.device) / d_model
    angles = positions[..., None].float() * BASE**-exponent  # (batch, pos, pair)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)
