"""Rows of different lengths as one batch: the shorter ones are filled up on one side."""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Bool, Shaped
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence


def pad(
    rows: Sequence[Sequence[int] | Tensor], side: Literal["left", "right"]
) -> tuple[Shaped[Tensor, "batch pos"], Bool[Tensor, "batch pos"]]:
    """The rows as long as the longest of them, filled up with 0 or False, and which places are
    real, so not filled up.

    "left": all end in the last column, so that a model can go on with each of them; it has to be
    told which tokens are real. "right": all begin in the first, and no real token can see what
    comes after it.
    """
    tensors = [torch.as_tensor(row) for row in rows]
    lengths = [torch.ones(len(row), dtype=torch.bool) for row in tensors]
    filled, real = (
        pad_sequence(part, batch_first=True, padding_side=side) for part in (tensors, lengths)
    )
    return filled, real
