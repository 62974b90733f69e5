"""Exercise 13.5: from which length on a block spends more on comparing tokens than on its weights."""

import math
from collections.abc import Iterator
from fractions import Fraction

import torch

from course.judging.exercise import exercise


@exercise(
    "13.5",
    minutes=5,
    hints=(
        "Count both for a text of n tokens. A matrix of r x c takes 2 * n * r * c FLOPs. Scores and "
        "mixing take 2 * n * n * d_q each.",
        "Divide both by 2 * n. On one side stand the weights of the block's matrices, on the other "
        "2 * n * d_q. So n is weights / (2 * d_q).",
        "weights = 2 * d_model * d_q + 2 * d_model * d_kv + matrices * d_model * d_mlp. The smallest "
        "whole number that is at least the quotient: math.ceil, or -(-a // b).",
    ),
)
def crossover(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    """From which length on a block spends more on comparing tokens than on its weights.

    Count matrix products, in one block, for a text of n tokens. Those with weights grow
    with n. Two have no weights: the scores, queries with keys, and the mixing of the
    values. They grow with the square of n. Count all n x n pairs of tokens.

    d_model: the width of the stream.
    d_q: the numbers of all heads' queries together. W_Q is d_model x d_q, and W_O
        d_q x d_model.
    d_kv: the numbers of all heads' keys together. W_K and W_V are d_model x d_kv. Query
        heads share them, but each query head does its own scores and mixing.
    d_mlp: the width of the feed-forward layer, and matrices: how many of d_model x
        d_mlp it has.
    Returns the smallest n at which the products without weights take at least as many
    FLOPs as those with weights.
    """
    weights = 2 * d_model * d_q + 2 * d_model * d_kv + matrices * d_model * d_mlp
    return -(-weights // (2 * d_q))  # rounded up


@crossover.also_right
def _by_trying(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    n = 1
    while 2 * 2 * n * n * d_q < _with_weights(n, d_model, d_q, d_kv, d_mlp, matrices):
        n += 1
    return n


@crossover.also_right
def _with_fractions(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    weights = d_model * (2 * d_q + 2 * d_kv + matrices * d_mlp)
    return math.ceil(Fraction(weights, 2 * d_q))


@crossover.also_right
def _rounded_up(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    per_query = d_model + d_model * (2 * d_kv + matrices * d_mlp) / (2 * d_q)
    return math.ceil(per_query)


def _with_weights(n: int, d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    """FLOPs of the products with weights."""
    return 2 * n * d_model * (2 * d_q + 2 * d_kv + matrices * d_mlp)


def _ceil(weights: int, pairs: int) -> int:
    """The smallest n with n * pairs >= weights."""
    return math.ceil(Fraction(weights, pairs))


@crossover.wrong(
    "How many products have no weights? Two: scores, and the mixing of the values. This counts the "
    "scores alone."
)
def _mixing_forgotten(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return _ceil(d_model * (2 * d_q + 2 * d_kv + matrices * d_mlp), d_q)


@crossover.wrong(
    "Which weights has a block? Those of the feed-forward layer too. This compares within attention "
    "alone."
)
def _attention_alone(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return _ceil(2 * d_model * (d_q + d_kv), 2 * d_q)


@crossover.wrong(
    "Which weights has a block? Those of attention too. This counts the feed-forward layer alone."
)
def _feed_forward_alone(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return _ceil(matrices * d_model * d_mlp, 2 * d_q)


@crossover.wrong("How many matrices has attention? Four. Here W_O is missing.")
def _output_forgotten(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return _ceil(d_model * (d_q + 2 * d_kv + matrices * d_mlp), 2 * d_q)


@crossover.wrong(
    "Do fewer keys save scores? No: each query head compares for itself, also where heads share "
    "their keys. Take d_q, not d_kv."
)
def _pairs_by_keys(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return _ceil(d_model * (2 * d_q + 2 * d_kv + matrices * d_mlp), 2 * d_kv)


@crossover.wrong("How wide are W_K and W_V? d_kv, which may be less than d_q.")
def _all_as_wide_as_queries(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return _ceil(d_model * (4 * d_q + matrices * d_mlp), 2 * d_q)


@crossover.wrong("How many matrices has the feed-forward layer? As many as `matrices` says.")
def _always_two(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return _ceil(d_model * (2 * d_q + 2 * d_kv + 2 * d_mlp), 2 * d_q)


@crossover.wrong("Is it always six times d_model? For a GPT's sizes it is. Here they are others.")
def _six_times(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return 6 * d_model


@crossover.wrong(
    "Is every pair counted? The task says all n x n. Here those are, that the mask lets through: a "
    "token with itself and with what is before it."
)
def _pairs_under_the_mask(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    # n * (n + 1) / 2 pairs
    weights = d_model * (2 * d_q + 2 * d_kv + matrices * d_mlp)
    return max(1, _ceil(weights - d_q, d_q))


@crossover.wrong(
    "At which n is it reached? At the next whole number up. Here it is rounded down, where the "
    "weights are still ahead."
)
def _rounded_down(d_model: int, d_q: int, d_kv: int, d_mlp: int, matrices: int) -> int:
    return d_model * (2 * d_q + 2 * d_kv + matrices * d_mlp) // (2 * d_q)


@crossover.inputs
def _sizes(rng: torch.Generator) -> Iterator[tuple[int, int, int, int, int]]:
    yield 4, 4, 4, 16, 2
    yield 6, 4, 2, 9, 3
    yield 12_288, 12_288, 12_288, 49_152, 2  # GPT-3
    yield 576, 576, 192, 1536, 3  # SmolLM2
    for _ in range(14):
        d_model, d_mlp, d_head, n_kv_head, group = (
            int(torch.randint(low, high, (1,), generator=rng))
            for low, high in ((5, 90), (5, 200), (2, 9), (1, 5), (1, 6))
        )
        d_kv = d_head * n_kv_head
        matrices = int(torch.randint(2, 7, (1,), generator=rng))
        yield d_model, d_kv * group, d_kv, d_mlp, matrices
