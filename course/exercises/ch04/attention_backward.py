"""Exercise 04.9: back through attention, from what was gathered to queries, keys and values."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.9",
    minutes=15,
    graded=False,
    atol=1e-5,  # terms nearly cancel where the pattern is nearly 1: float32 has to pass
    hints=(
        "Four steps, from the end: gathered = pattern @ v, softmax, the division, q @ k.mT. A "
        "product a @ b hands back grad @ b.mT to a, and a.mT @ grad to b.",
        "pattern @ v gives d_v and d_pattern. Exercise 04.5 takes d_pattern to the scores, and the "
        "division by the square root of d_head is a slope like any other. (The sum of a row has to "
        "stay beside its row: keepdim=True.) Then q @ k.mT gives d_q and d_k.",
        "d_v = pattern.mT @ d_gathered; d_pattern = d_gathered @ v.mT; d_scores = pattern * "
        "(d_pattern - (pattern * d_pattern).sum(dim=-1, keepdim=True)) / d_head**0.5; d_q = "
        "d_scores @ k; d_k = d_scores.mT @ q.",
    ),
)
def attention_backward(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    pattern: torch.Tensor,
    d_gathered: torch.Tensor,
) -> list[torch.Tensor]:
    """Back through attention, to queries, keys and values.

    Forward, each head computed pattern = softmax(q @ k.mT / d_head**0.5) over the keys,
    with 0 at masked places, and gathered = pattern @ v.

    q, k, v: shape (head, pos, d_head).
    pattern: shape (head, query, key).
    d_gathered: dC/dgathered, shape (head, pos, d_head).
    Returns [dC/dq, dC/dk, dC/dv], each of the shape (head, pos, d_head).
    """
    d_v = pattern.mT @ d_gathered
    d_pattern = d_gathered @ v.mT  # (head, query, key)
    of_the_row = (pattern * d_pattern).sum(dim=-1, keepdim=True)  # (head, query, 1)
    d_scores = pattern * (d_pattern - of_the_row)
    d_products = d_scores / q.shape[-1] ** 0.5
    return [d_products @ k, d_products.mT @ q, d_v]


@attention_backward.also_right
def _autograd_of_attention(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> tuple[Tensor, ...]:
    with torch.enable_grad():
        leaves = [leaf.clone().requires_grad_() for leaf in (q, k, v)]
        scores = leaves[0] @ leaves[1].mT / q.shape[-1] ** 0.5
        again = scores.masked_fill(pattern == 0, -math.inf).softmax(dim=-1)
        return torch.autograd.grad(again @ leaves[2], leaves, d_gathered)


@attention_backward.also_right
def _einsum_with_the_whole_jacobian(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    d_pattern = torch.einsum("hqd,hkd->hqk", d_gathered, v)
    jacobian = torch.diag_embed(pattern) - pattern[..., None] * pattern[..., None, :]
    d_scores = torch.einsum("hqj,hqjk->hqk", d_pattern, jacobian) / math.sqrt(q.shape[2])
    d_q, d_k = torch.einsum("hqk,hkd->hqd", d_scores, k), torch.einsum("hqk,hqd->hkd", d_scores, q)
    return [d_q, d_k, torch.einsum("hqk,hqd->hkd", pattern, d_gathered)]


@attention_backward.also_right
def _query_by_query(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    d_q, d_k, d_v = torch.zeros_like(q), torch.zeros_like(k), torch.zeros_like(v)
    for head in range(len(q)):
        for pos in range(q.shape[1]):
            weights, grad = pattern[head, pos], d_gathered[head, pos]
            d_weights = v[head] @ grad
            slopes = weights * (d_weights - weights @ d_weights) / q.shape[-1] ** 0.5
            d_q[head, pos] = slopes @ k[head]
            d_k[head] += torch.outer(slopes, q[head, pos])
            d_v[head] += torch.outer(weights, grad)
    return [d_q, d_k, d_v]


def _back(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    pattern: Tensor,
    d_gathered: Tensor,
    *,
    scale: float = 0.5,
) -> tuple[Tensor, list[Tensor]]:
    """dC/d(q @ k.mT), and the right answer; `scale`: the power of d_head that divides."""
    d_pattern = d_gathered @ v.mT
    row = (pattern * d_pattern).sum(dim=-1, keepdim=True)
    slopes = pattern * (d_pattern - row) / q.shape[-1] ** scale
    return slopes, [slopes @ k, slopes.mT @ q, pattern.mT @ d_gathered]


@attention_backward.wrong(
    "Is a step missing? Forward the scores are divided by the square root of d_head; so are their "
    "gradients."
)
def _not_scaled(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    return _back(q, k, v, pattern, d_gathered, scale=0.0)[1]


@attention_backward.wrong(
    "By what are the scores divided? By the square root of d_head, not by d_head itself."
)
def _divided_by_d_head(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    return _back(q, k, v, pattern, d_gathered, scale=1.0)[1]


@attention_backward.wrong(
    "Does the way back undo the division? No: its slope is 1 divided by the square root of d_head, "
    "and slopes are multiplied. So divide here, too."
)
def _multiplied_by_the_root(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    return _back(q, k, v, pattern, d_gathered, scale=-0.5)[1]


@attention_backward.wrong(
    "Which positions does a value reach? Those that looked at it: a column of the pattern. For d_v "
    "the pattern has to be transposed."
)
def _pattern_not_transposed(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    d_q, d_k, _ = _back(q, k, v, pattern, d_gathered)[1]
    return [d_q, d_k, pattern @ d_gathered]


@attention_backward.wrong(
    "Which scores does a key reach? A column of them, one for each query that looked at it: for "
    "d_k, d_scores has to be transposed."
)
def _scores_not_transposed(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes, (d_q, _, d_v) = _back(q, k, v, pattern, d_gathered)
    return [d_q, slopes @ q, d_v]


@attention_backward.wrong(
    "Which scores does a query reach? Its own row. For d_q, d_scores must not be transposed."
)
def _transposed_for_the_queries(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes, (_, d_k, d_v) = _back(q, k, v, pattern, d_gathered)
    return [slopes.mT @ k, d_k, d_v]


@attention_backward.wrong(
    "Where is the softmax? Between pattern and scores stands one, and exercise 04.5 is its way "
    "back."
)
def _no_softmax(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes = d_gathered @ v.mT / q.shape[-1] ** 0.5
    return [slopes @ k, slopes.mT @ q, pattern.mT @ d_gathered]


@attention_backward.wrong(
    "What do the other keys of a row lose when one score rises? The subtraction of the row's sum "
    "is missing in the way back through the softmax."
)
def _no_subtraction(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes = pattern * (d_gathered @ v.mT) / q.shape[-1] ** 0.5
    return [slopes @ k, slopes.mT @ q, pattern.mT @ d_gathered]


@attention_backward.wrong(
    "With what is d_scores multiplied? scores = q @ k.mT: the slope for q is k, and that for k is "
    "q. Here each meets itself."
)
def _each_with_itself(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes, (_, _, d_v) = _back(q, k, v, pattern, d_gathered)
    return [slopes @ q, slopes.mT @ k, d_v]


@attention_backward.wrong("In which order are the three? First dC/dq, then dC/dk, then dC/dv.")
def _queries_and_keys_swapped(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    d_q, d_k, d_v = _back(q, k, v, pattern, d_gathered)[1]
    return [d_k, d_q, d_v]


@attention_backward.wrong(
    "Whose gradient is the third one? That of v: the pattern, transposed, times what comes back; "
    "v itself has no part in it."
)
def _weighted_values(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    d_q, d_k, _ = _back(q, k, v, pattern, d_gathered)[1]
    return [d_q, d_k, pattern.mT @ v]


@attention_backward.wrong(
    "Over what does the softmax add up to 1? Over the keys, the last axis; so the sum in its way "
    "back goes along the last axis, too. Here it goes along the queries."
)
def _sum_over_queries(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    d_pattern = d_gathered @ v.mT
    of_the_column = (pattern * d_pattern).sum(dim=-2, keepdim=True)
    slopes = pattern * (d_pattern - of_the_column) / q.shape[-1] ** 0.5
    return [slopes @ k, slopes.mT @ q, pattern.mT @ d_gathered]


@attention_backward.wrong(
    "What is subtracted in the way back through the softmax? The sum of pattern times d_pattern: "
    "each key counts by its probability. Here they all count alike."
)
def _sum_without_the_pattern(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    d_pattern = d_gathered @ v.mT
    slopes = pattern * (d_pattern - d_pattern.sum(dim=-1, keepdim=True)) / q.shape[-1] ** 0.5
    return [slopes @ k, slopes.mT @ q, pattern.mT @ d_gathered]


@attention_backward.wrong(
    "Whom does a score move? Its own probability by p (1 - p), and all others of its row, too: "
    "their part is missing."
)
def _own_probability_only(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes = pattern * (1 - pattern) * (d_gathered @ v.mT) / q.shape[-1] ** 0.5
    return [slopes @ k, slopes.mT @ q, pattern.mT @ d_gathered]


@attention_backward.wrong(
    "Which d_head divides? That of the tensors you are given, q.shape[-1]. Here it is 4 each time, "
    "as in the model of the chapter: a d_head from outside of the function."
)
def _d_head_of_the_chapter(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes, (_, _, d_v) = _back(q, k, v, pattern, d_gathered, scale=0.0)
    return [slopes @ k / 2, slopes.mT @ q / 2, d_v]


@attention_backward.wrong(
    "Which axis is d_head? The last one of q. Here the number of positions divides."
)
def _divided_by_positions(
    q: Tensor, k: Tensor, v: Tensor, pattern: Tensor, d_gathered: Tensor
) -> list[Tensor]:
    slopes, (_, _, d_v) = _back(q, k, v, pattern, d_gathered, scale=0.0)
    slopes = slopes / q.shape[1] ** 0.5
    return [slopes @ k, slopes.mT @ q, d_v]


@attention_backward.inputs
def _heads(rng: torch.Generator) -> Iterator[tuple[Tensor, ...]]:
    sizes = ((1, 2, 3), (2, 3, 4), (3, 5, 2), (2, 4, 6), (4, 6, 5), (5, 3, 7))
    for head, pos, d_head in sizes:
        for size, slope in ((1.0, 1.0), (2.0, 0.01), (0.3, 50.0)):
            q, k, v, grad = torch.randn(4, head, pos, d_head, generator=rng)
            q, k = size * q, size * k
            hidden = torch.ones(pos, pos, dtype=torch.bool).triu(1)
            scores = (q @ k.mT / d_head**0.5).masked_fill(hidden, -math.inf)
            yield q, k, v, scores.softmax(dim=-1), slope * grad
