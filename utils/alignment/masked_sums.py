"""Sums over the places that count, divided by a number that is chosen, not counted.

A mean divides by how many tokens there are, so that a token of a long reply weighs less than one of
a short reply. Divided by a constant (the longest reply that is allowed, say), every token weighs
the same, in whatever reply it stands (Liu et al. 2025, arXiv:2503.20783).
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def masked_normalize(
    values: Float[Tensor, "*shape"],
    mask: Bool[Tensor, "*shape"],
    constant: float | int,
    dim: int | None = None,
) -> Float[Tensor, "..."]:
    """The sum of the values where `mask` is True, divided by `constant`: along `dim`, or over all
    (None). A value where it is False does not matter, be it NaN.

    Raises ValueError for a constant that is not a number above 0.
    """
    if not (math.isfinite(constant) and constant > 0):
        raise ValueError(
            f"the constant is {constant}; give a number above 0, such as the most tokens that a "
            "reply may have."
        )
    kept = torch.where(mask, values, 0.0)
    return (kept.sum() if dim is None else kept.sum(dim=dim)) / constant


def mean_over_constant(
    values: Float[Tensor, "batch pos_minus_1"],
    written: Bool[Tensor, "batch pos_minus_1"],
    constant: float | int,
) -> Float[Tensor, ""]:
    """The sum over the written tokens of each reply / `constant`, then the mean over replies.

    With `functools.partial(mean_over_constant, constant=...)` it stands where `mean_over_replies` or
    `mean_over_tokens` of `logprobs` do. A reply without a token adds 0.
    """
    return masked_normalize(values, written, constant, dim=1).mean()
