"""Rotary positions: a position is an angle by which pairs of numbers are turned.

Su et al. 2021, RoFormer (arXiv:2104.09864). Two turned vectors meet in a dot product that depends
only on the difference of their angles: attention sees how far apart two positions are, not where
they are. The pairs here are neighbours, (0, 1), (2, 3), ..., as in the paper and in GGUF files;
Hugging Face pairs i with i + d_head/2, which is the same up to the order of the weights
(utils/loading/huggingface.py re-orders them).
"""

import torch
from jaxtyping import Complex, Float, Int64
from torch import Tensor

Rotation = Complex[Tensor, "batch 1 pos pair"]


def rope_rotation(
    positions: Int64[Tensor, "batch pos"], d_head: int, base: float, stretch: float = 1.0
) -> Rotation:
    """cos + i sin of the angle that turns pair i at a position: position * base^(-2i / d_head)
    (formula 15).

    With a `stretch`, each position is divided by it first (Chen et al. 2023, arXiv:2306.15595).
    """
    exponent = torch.arange(0, d_head, 2, device=positions.device, dtype=torch.float32) / d_head
    places = positions[:, None, :, None].float() / stretch
    angles = places * base**-exponent  # (batch, 1, pos, pair)
    return torch.complex(angles.cos(), angles.sin())


def rope(
    x: Float[Tensor, "batch head pos d_head"], rotation: Rotation
) -> Float[Tensor, "batch head pos d_head"]:
    """Turn each pair of neighbouring numbers (x[0], x[1]), (x[2], x[3]), ... by the angle of its
    position.

    To turn a pair (a, b) is to multiply the complex number a + bi by cos + i sin.
    """
    wide = x if x.dtype == torch.float64 else x.float()
    pairs = torch.view_as_complex(wide.unflatten(-1, (-1, 2)))  # (batch, head, pos, pair)
    return torch.view_as_real(pairs * rotation).flatten(-2).to(x.dtype)
