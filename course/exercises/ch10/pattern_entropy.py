"""Exercise 10.3: how widely each query spreads its attention: the entropy of its row, in nats."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "10.3",
    minutes=8,
    atol=5e-5,  # whoever keeps log away from 0 with a really tiny number is right, too
    hints=(
        "Entropy is a mean surprise: -log p, weighted with p, and added up. Over which axis does a "
        "row of the pattern add up to 1?",
        "-(pattern * pattern.log()).sum(dim=-1), but for one thing: log 0 is -inf, and 0 times "
        "-inf is NaN. A token that gets no attention adds nothing to the entropy.",
        "Put 0 where the pattern is 0: torch.where(pattern > 0, pattern * pattern.log(), 0.0). "
        "Then sum over the keys, and the minus in front.",
    ),
)
def pattern_entropy(pattern: torch.Tensor) -> torch.Tensor:
    """How widely each query spreads its attention: the entropy of its row, in nats.

    The entropy of a row p is -sum of p log p over the keys, natural logarithm. A key
    with p = 0 adds nothing.

    pattern: attention patterns, shape (head, query, key). Each row adds up to 1, and it
    is exactly 0 where the key comes after the query. There may be more keys than
    queries: the queries are then the last tokens of the text.
    Returns the entropies, shape (head, query): 0 for a query that looks at one token
    only.
    """
    terms = torch.where(pattern > 0, pattern * pattern.log(), 0.0)
    return -terms.sum(dim=-1)


@pattern_entropy.also_right
def _library_entropy(pattern: Tensor) -> Tensor:
    return torch.special.entr(pattern).sum(dim=-1)


@pattern_entropy.also_right
def _row_by_row_with_math(pattern: Tensor) -> Tensor:
    def of_row(row: list[float]) -> float:
        return math.fsum(-p * math.log(p) for p in row if p > 0)

    return torch.tensor(
        [[of_row(row) for row in head] for head in pattern.tolist()], dtype=torch.float64
    )


@pattern_entropy.also_right
def _clamped_very_low(pattern: Tensor) -> Tensor:
    return -torch.einsum("hqk,hqk->hq", pattern, pattern.clamp(min=1e-30).log())


@pattern_entropy.also_right
def _nan_left_out_of_the_sum(pattern: Tensor) -> Tensor:
    return (-pattern * pattern.log()).nansum(dim=2)


@pattern_entropy.also_right
def _numpy_with_a_mask(pattern: Tensor) -> Tensor:
    p = pattern.numpy().astype(np.float64)
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    return torch.from_numpy(-(p * logs).sum(axis=-1))


def _terms(pattern: Tensor) -> Tensor:
    """-p log p, 0 where p is 0, (head, query, key)."""
    return torch.special.entr(pattern)


@pattern_entropy.wrong(
    "What is 0 times log 0? log 0 is -inf, and the product is NaN. A masked key adds nothing: put "
    "0 there."
)
def _nan_from_masked_keys(pattern: Tensor) -> Tensor:
    return -(pattern * pattern.log()).sum(dim=-1)


@pattern_entropy.wrong(
    "Where did the NaN come from? From single keys. Replaced after the sum, it takes its whole row "
    "along: replace it before you add up."
)
def _nan_replaced_after_the_sum(pattern: Tensor) -> Tensor:
    return _nan_from_masked_keys(pattern).nan_to_num(nan=0.0)


@pattern_entropy.wrong(
    "Which logarithm is it? This one has base 2 and counts bits. Nats come from the natural one."
)
def _bits(pattern: Tensor) -> Tensor:
    return _terms(pattern).sum(dim=-1) / math.log(2)


@pattern_entropy.wrong(
    "Do all keys count alike? Each surprise -log p is weighted with its p before you add up."
)
def _not_weighted(pattern: Tensor) -> Tensor:
    return -torch.where(pattern > 0, pattern.log(), 0.0).sum(dim=-1)


@pattern_entropy.wrong(
    "Can an entropy be negative? The logarithm of a probability is, so the minus is missing."
)
def _minus_missing(pattern: Tensor) -> Tensor:
    return -_terms(pattern).sum(dim=-1)


@pattern_entropy.wrong(
    "Sum or mean? The weights p make a mean of it already: add up, and do not divide by the number "
    "of keys."
)
def _mean_over_the_keys(pattern: Tensor) -> Tensor:
    return _terms(pattern).mean(dim=-1)


@pattern_entropy.wrong(
    "Why divide by the number of keys that a query can see? The weights p make a mean of it "
    "already: only add up."
)
def _mean_over_visible_keys(pattern: Tensor) -> Tensor:
    return _terms(pattern).sum(dim=-1) / (pattern > 0).sum(dim=-1)


@pattern_entropy.wrong(
    "Which numbers add up to 1? A query's weights on its keys: sum over the last axis, dim=-1."
)
def _summed_down_the_queries(pattern: Tensor) -> Tensor:
    return _terms(pattern).sum(dim=-2)


@pattern_entropy.wrong(
    "Does one entropy belong to all heads? Each head and each query has its own: sum over dim=-1."
)
def _summed_across_heads(pattern: Tensor) -> Tensor:
    return _terms(pattern).sum(dim=0)


@pattern_entropy.wrong(
    "One number for each query, or one for each head? The mean over the queries is one step too "
    "far."
)
def _mean_over_the_queries(pattern: Tensor) -> Tensor:
    return _terms(pattern).sum(dim=-1).mean(dim=-1)


@pattern_entropy.wrong(
    "Is 0.01 small? Many weights are smaller, and clamp makes them all alike. Leave every p above "
    "0 as it is."
)
def _clamped_too_high(pattern: Tensor) -> Tensor:
    return -(pattern * pattern.clamp(min=0.01).log()).sum(dim=-1)


@pattern_entropy.wrong(
    "What does a number added inside the logarithm do? It changes small weights, and even the log "
    "of 1. With 0.001 that shows; treat p = 0 by itself instead."
)
def _number_added(pattern: Tensor) -> Tensor:
    return -(pattern * (pattern + 0.001).log()).sum(dim=-1)


@pattern_entropy.wrong(
    "Entropy, or exp of it? This counts how many keys are looked at, as a perplexity does. Leave "
    "the exp out."
)
def _perplexity_of_a_row(pattern: Tensor) -> Tensor:
    return _terms(pattern).sum(dim=-1).exp()


@pattern_entropy.wrong(
    "Is the entropy compared with the largest that is possible? Not here: do not divide by the log "
    "of the key count."
)
def _share_of_the_largest(pattern: Tensor) -> Tensor:
    return _terms(pattern).sum(dim=-1) / math.log(pattern.shape[-1])


@pattern_entropy.wrong(
    "Where is the logarithm? Squares also tell how a row is spread, but entropy has log p in it."
)
def _squares(pattern: Tensor) -> Tensor:
    return 1 - (pattern**2).sum(dim=-1)


@pattern_entropy.wrong(
    "Which keys count? All of them, each with its weight; this looks at the largest weight alone."
)
def _largest_weight_only(pattern: Tensor) -> Tensor:
    return -pattern.amax(dim=-1).log()


@pattern_entropy.wrong(
    "Is `pattern` made of scores? It has been through the softmax already. A second one makes it "
    "flat and gives weight to masked keys."
)
def _softmax_of_the_pattern(pattern: Tensor) -> Tensor:
    return _terms(pattern.softmax(dim=-1)).sum(dim=-1)


def _pattern(heads: int, queries: int, keys: int, size: float, rng: torch.Generator) -> Tensor:
    """A causal pattern: the queries are the last ones of a text with so many keys."""
    scores = torch.randn(heads, queries, keys, generator=rng) * size
    future = torch.ones(queries, keys, dtype=torch.bool).triu(1 + keys - queries)
    return scores.masked_fill(future, -math.inf).softmax(dim=-1)


def _nearly_sure(heads: int, pos: int, rest: float, rng: torch.Generator) -> Tensor:
    """Each token looks at itself, but for a small part `rest`, which it spreads over
    the tokens before it.
    """
    spread = _pattern(heads, pos, pos, 1.0, rng) * rest
    return spread + torch.eye(pos) * (1 - spread.sum(dim=-1, keepdim=True))


@pattern_entropy.inputs
def _patterns(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[[1.0, 0.0], [0.5, 0.5]]]),)
    # sees two, looks at one
    yield (torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]]]),)
    for heads, queries, keys in (
        (1, 4, 4),
        (2, 3, 3),
        (3, 5, 5),
        (4, 4, 4),
        (2, 3, 7),
        (5, 1, 6),
        (3, 16, 16),
        (2, 9, 40),
    ):
        for size in (1.0, 4.0, 0.1):
            yield (_pattern(heads, queries, keys, size, rng),)
    for rest in (0.1, 0.01, 0.001):
        yield (_nearly_sure(2, 5, rest, rng),)
    # weights that are all but 0 or 1
    sure_and_wide = (_pattern(1, 6, 6, 60.0, rng), _pattern(2, 6, 6, 0.5, rng))
    yield (torch.cat(sure_and_wide),)
