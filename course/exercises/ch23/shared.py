"""What several exercises of chapter 23 share."""

from collections.abc import Callable

import torch
from torch import Tensor


def _off_the_halves(draw: Callable[[], Tensor], in_steps: Callable[[Tensor], Tensor]) -> Tensor:
    """Weights that are not halfway between two steps of their scale, so that no
    rounding of ours decides a code.
    """
    while True:
        W = draw()
        if ((in_steps(W.double()) % 1 - 0.5).abs() > 0.01).all():
            return W


def _n(bits: int) -> int:
    """The largest code of absmax."""
    return 2 ** (bits - 1) - 1


def _codes(W: Tensor, scale: Tensor) -> Tensor:
    """Weights in steps of a scale (one, or one for each row or group), rounded; 0 where
    the scale is 0.
    """
    return (W / torch.where(scale == 0, 1.0, scale)).round()


def _there_and_back(W: Tensor, scale: Tensor) -> Tensor:
    return _codes(W, scale) * scale
