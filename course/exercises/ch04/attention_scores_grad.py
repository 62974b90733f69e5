"""Exercise 04.5: back through the softmax of attention, from the pattern to the scores."""

import itertools
import math
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.5",
    minutes=12,
    # the two terms nearly cancel where the pattern is nearly 1: float32 has to pass
    atol=1e-5,
    hints=(
        "Take one row. Raising one score raises its own probability and lowers all others of the "
        "row. Which sum collects that?",
        "The slope of a softmax: dP_j/ds_k = P_j (1 - P_k) if j is k, and -P_j P_k otherwise. "
        "Multiply by G_j, the gradient that comes in, and add up over j. One sum is left, the same "
        "for the whole row.",
        "That sum is s = (pattern * grad_pattern).sum(dim=-1, keepdim=True), one number for each "
        "query. The answer is pattern * (grad_pattern - s). Where the pattern is 0, the result is "
        "0 by itself.",
    ),
)
def attention_scores_grad(pattern: torch.Tensor, grad_pattern: torch.Tensor) -> torch.Tensor:
    """Back through the softmax of attention: from the gradient of the pattern to that
    of the scores.

    Every row of the pattern is the softmax, over the keys, of that query's scores. A
    masked key has 0 there.

    pattern: shape (head, query, key). There may be more keys than queries.
    grad_pattern: dC/dpattern, shape (head, query, key). At masked places it may be any
    number.
    Returns dC/dscores, shape (head, query, key); 0 at masked places.
    """
    of_the_row = (pattern * grad_pattern).sum(dim=-1, keepdim=True)  # (head, query, 1)
    return pattern * (grad_pattern - of_the_row)


@attention_scores_grad.also_right
def _autograd_of_softmax(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    with torch.enable_grad():
        # one of the scores that give this pattern; -inf where masked
        scores = pattern.log().requires_grad_()
        return torch.autograd.grad(scores.softmax(dim=-1), scores, grad_pattern)[0]


@attention_scores_grad.also_right
def _whole_jacobian(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    p = pattern.double()
    jacobian = torch.diag_embed(p) - torch.einsum("hqj,hqk->hqjk", p, p)
    return torch.einsum("hqj,hqjk->hqk", grad_pattern.double(), jacobian)


@attention_scores_grad.also_right
def _row_by_row(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    result = torch.empty_like(pattern)
    for head, query in itertools.product(*map(range, pattern.shape[:2])):
        p, g = pattern[head, query], grad_pattern[head, query]
        result[head, query] = p * g - p * (p @ g)
    return result


@attention_scores_grad.also_right
def _visible_places_only(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    weighted = (pattern * grad_pattern).masked_fill(pattern == 0, 0.0)
    return torch.addcmul(weighted, pattern, weighted.sum(dim=2, keepdim=True), value=-1)


@attention_scores_grad.wrong(
    "Does a score act on the other probabilities of its row? It does: they must add up to 1. P (1 "
    "- P) G is only the diagonal of the slopes."
)
def _diagonal_only(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (1 - pattern) * grad_pattern


@attention_scores_grad.wrong(
    "What do the other keys of a row lose when one score rises? The subtraction is missing: P G is "
    "the first half."
)
def _no_subtraction(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * grad_pattern


@attention_scores_grad.wrong(
    "How much can a score move a probability that is nearly 0? Hardly at all: P is a factor."
)
def _no_factor(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return grad_pattern - (pattern * grad_pattern).sum(dim=-1, keepdim=True)


@attention_scores_grad.wrong(
    "What is multiplied by P? Both terms. Here it is missing in the second one, which then reaches "
    "masked places, too."
)
def _factor_on_the_first_term_only(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    weighted = pattern * grad_pattern
    return weighted - weighted.sum(dim=-1, keepdim=True)


@attention_scores_grad.wrong(
    "Over which axis is P G summed? Over the keys, the last one: each query has its own softmax."
)
def _summed_over_queries(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum(dim=-2, keepdim=True))


@attention_scores_grad.wrong(
    "Do the heads know of each other? No: the sum runs over the keys of one query and one head."
)
def _summed_over_heads(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum(dim=0, keepdim=True))


@attention_scores_grad.wrong(
    "One sum for everything, or one for each row? Sum over the last axis only, with keepdim=True."
)
def _summed_over_everything(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum())


@attention_scores_grad.wrong(
    "Does a whole head have one softmax? Each query has: sum over the keys, not over the queries."
)
def _summed_over_each_head(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum(dim=(-2, -1), keepdim=True))


@attention_scores_grad.wrong(
    "Sum or mean? The slopes of a row are added up, weighted with P; do not divide by the keys."
)
def _mean_over_keys(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).mean(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Do all keys count alike in the sum? Each G is weighted with its P, so that a masked key does "
    "not count at all."
)
def _sum_without_weights(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - grad_pattern.sum(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Do all keys count alike? Subtract the mean of G weighted with P, not the plain mean of the "
    "row."
)
def _plain_mean(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - grad_pattern.mean(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Which is subtracted from which? G minus the sum: a key that helps more than its row rises."
)
def _sign(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * ((pattern * grad_pattern).sum(dim=-1, keepdim=True) - grad_pattern)


@attention_scores_grad.wrong(
    "How often does P weight the sum? Once; P² makes strong keys too strong."
)
def _weighted_twice(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * pattern * grad_pattern).sum(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Is `pattern` made of scores? It has been through the softmax already: do not apply it again."
)
def _softmax_again(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return attention_scores_grad.reference(pattern.softmax(dim=-1), grad_pattern)


@attention_scores_grad.wrong(
    "What is the gradient of a score that the mask has hidden? Moving it changes nothing: 0. -inf "
    "belongs to the scores themselves, on the way forward."
)
def _minus_infinity_where_masked(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return attention_scores_grad.reference(pattern, grad_pattern).masked_fill(
        pattern == 0, -math.inf
    )


def _pattern(heads: int, queries: int, keys: int, size: float, rng: torch.Generator) -> Tensor:
    """A causal pattern: the queries are the last ones of a text with so many keys."""
    scores = torch.randn(heads, queries, keys, generator=rng) * size
    hidden = torch.ones(queries, keys, dtype=torch.bool).triu(1 + keys - queries)
    return scores.masked_fill(hidden, -math.inf).softmax(dim=-1)


@attention_scores_grad.inputs
def _patterns_and_gradients(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    # one head, one query, two keys
    yield torch.tensor([[[0.75, 0.25]]]), torch.tensor([[[1.0, 2.0]]])
    yield torch.tensor([[[1.0, 0.0], [0.5, 0.5]]]), torch.tensor([[[3.0, 9.0], [1.0, -1.0]]])
    for heads, queries, keys in (
        (1, 4, 4),
        (2, 3, 3),
        (3, 5, 5),
        (2, 3, 7),
        (4, 1, 6),
        (5, 2, 3),
        (2, 12, 12),
    ):
        for size, slope in ((1.0, 1.0), (3.0, 0.001), (0.1, 50.0)):
            pattern = _pattern(heads, queries, keys, size, rng)
            gradient = torch.randn(heads, queries, keys, generator=rng) * slope
            # anything at masked places
            yield pattern, gradient.where(pattern > 0, 100 * gradient)
