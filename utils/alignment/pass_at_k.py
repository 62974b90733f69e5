"""pass@k: how likely at least one is right of k answers that are taken, without putting any back,
from n that were drawn and checked (Chen et al. 2021, arXiv:2107.03374).

It is 1 - C(n - right, k) / C(n, k), and right on average: had one drawn k answers only, and again
and again, as many of these draws would hold a right one. 1 - (1 - right / n)^k is too low.
"""

import math

from jaxtyping import Bool
from torch import Tensor


def pass_at_k(n: int, right: int, k: int) -> float:
    """For one problem. Exact to a few units of the last place for any n, and for very small results,
    too: no factorial is computed, and nothing overflows.

    Raises ValueError unless 0 <= right <= n and 1 <= k <= n.
    """
    if not 0 <= right <= n:
        raise ValueError(f"{right} of {n} answers are right; give a number from 0 to {n}.")
    if not 1 <= k <= n:
        raise ValueError(
            f"k is {k}, with {n} answers drawn; give a k from 1 to {n}, or draw more answers."
        )
    if n - right < k:
        return 1.0  # there are not k wrong ones
    # the chance that all are wrong is symmetric in right and k: as many factors as the smaller has
    few, many = min(right, k), max(right, k)
    log_all_wrong = math.fsum(math.log1p(-many / (n - taken)) for taken in range(few))
    return -math.expm1(log_all_wrong)


def mean_pass_at_k(is_right: Bool[Tensor, "problem sample"], k: int) -> float:
    """The mean over problems, each with as many answers: each problem counts the same."""
    n = is_right.shape[1]
    right = is_right.sum(dim=1).tolist()
    if not right:
        raise ValueError("there are no problems to take the mean of; give one row or more.")
    return math.fsum(pass_at_k(n, count, k) for count in right) / len(right)
