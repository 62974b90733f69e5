"""Who may look at whom: True where a query may look at a key.

A decoder's mask is causal, an encoder's is full, and a prefix language model's is full within the
prefix and causal after it.
"""

import torch
from jaxtyping import Bool
from torch import Tensor

Device = torch.device | str


def causal_mask(query: int, key: int, device: Device = "cpu") -> Bool[Tensor, "1 1 query key"]:
    """Every query may look at itself and at what is before it; the last query is the last key."""
    return torch.ones(1, 1, query, key, dtype=torch.bool, device=device).tril(key - query)


def full_mask(pos: int, device: Device = "cpu") -> Bool[Tensor, "1 1 query key"]:
    """Every query may look at every key, before it or after it."""
    return torch.ones(1, 1, pos, pos, dtype=torch.bool, device=device)


def prefix_mask(prefix: int, pos: int, device: Device = "cpu") -> Bool[Tensor, "1 1 query key"]:
    """Every query may look at the first `prefix` keys, at itself and at what is before it.

    ValueError for a prefix that is negative or longer than the text.
    """
    if not 0 <= prefix <= pos:
        raise ValueError(
            f"the prefix is {prefix} and the text {pos} long; give a prefix from 0 to {pos}."
        )
    mask = causal_mask(pos, pos, device)
    mask[..., :prefix] = True
    return mask
