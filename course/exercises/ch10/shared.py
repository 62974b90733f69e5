"""What several exercises of chapter 10 share."""

import math

import torch
from torch import Tensor


def _scores(q: Tensor, k: Tensor) -> Tensor:
    """The right scores, with any axes in front: (..., query, key)."""
    return q @ k.mT / q.shape[-1] ** 0.5


def _future(pos: int, first: int = 1) -> Tensor:
    """True where the key comes `first` or more tokens after the query, (query, key)."""
    return torch.ones(pos, pos, dtype=torch.bool).triu(first)


def _hidden(scores: Tensor, fill: float = -math.inf) -> Tensor:
    """Scores with what comes later masked."""
    return scores.masked_fill(_future(scores.shape[-1]), fill)
