"""The nearest matrix whose singular values are all 1, found with products alone.

A matrix turns, stretches and turns again (its singular value decomposition, U S V^T). Without the
stretching, U V^T, it is orthogonal. An SVD would give that, and is slow on a GPU. An odd polynomial
of the matrix acts on its singular values alone and leaves the turns, so a few rounds of one that
carries every number between 0 and 1 towards 1 do the same with products only (Björck & Bowie 1971).
"""

import torch
from jaxtyping import Float
from torch import Tensor

# a s + b s^3 + c s^5, by Keller Jordan (2024): steep at 0, so that small singular values grow
# 3.4-fold a round. The price is that those near 1 do not come to rest: they stay between 0.7 and
# 1.2. For a step of training that is good enough.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def newton_schulz(
    matrix: Float[Tensor, "row column"], rounds: int = 5
) -> Float[Tensor, "row column"]:
    """`matrix` with its singular values moved to about 1, and its singular vectors as they were.

    A matrix of zeros stays as it is. Singular values far below the largest (a thousandth of the
    length of the matrix and less) need more than five rounds.
    """
    a, b, c = COEFFICIENTS
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T  # x @ x.T is then the smaller
    x: Tensor = wide / wide.norm().clamp(
        min=torch.finfo(wide.dtype).tiny
    )  # no singular value above 1
    for _ in range(rounds):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T
