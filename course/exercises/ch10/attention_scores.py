"""Exercise 10.1: the attention scores of one head, before the mask and before the softmax."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.ch10.shared import _scores
from course.judging.exercise import exercise


@exercise(
    "10.1",
    minutes=6,
    atol=1e-5,  # a score near 0 is a sum whose terms cancel: float32 has to pass
    hints=(
        "How is one query compared with one key? By their dot product: one number for each pair of "
        "the two.",
        "All dot products at once are a matrix product. Its rows shall be the queries and its "
        "columns the keys: q @ k.T. Now the size is missing: long vectors make large dot products.",
        "Divide q @ k.T by the square root of d_head. That is q.shape[-1]: how many numbers one "
        "query has, and not how many queries or keys there are.",
    ),
)
def attention_scores(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    """The attention scores of one head, before the mask and before the softmax.

    The score of a query and a key is their dot product, divided by the square root of
    d_head.

    q: the queries, shape (query, d_head).
    k: the keys, shape (key, d_head). There may be more or fewer keys than queries.
    Returns the scores, shape (query, key). Nothing is masked.
    """
    d_head = q.shape[-1]
    return q @ k.T / d_head**0.5


@attention_scores.also_right
def _einsum_of_both(q: Tensor, k: Tensor) -> Tensor:
    return torch.einsum("qd,kd->qk", q, k) / math.sqrt(k.shape[1])


@attention_scores.also_right
def _pair_by_pair_in_float64(q: Tensor, k: Tensor) -> Tensor:
    scores = torch.zeros(len(q), len(k), dtype=torch.float64)
    for (i, query), (j, key) in itertools.product(enumerate(q.tolist()), enumerate(k.tolist())):
        scores[i, j] = sum(a * b for a, b in zip(query, key, strict=True)) / len(query) ** 0.5
    return scores


@attention_scores.also_right
def _both_sides_scaled(q: Tensor, k: Tensor) -> Tensor:
    each = q.shape[-1] ** -0.25  # half of the scale on each side
    return F.linear(q * each, k * each)


@attention_scores.also_right
def _numpy_scores(q: Tensor, k: Tensor) -> Tensor:
    return torch.from_numpy(np.inner(q.numpy(), k.numpy()) / np.sqrt(np.float32(q.shape[1])))


@attention_scores.wrong(
    "How large does a dot product get when d_head grows? Divide by its square root, or the softmax "
    "sees only one key."
)
def _not_divided(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.T


@attention_scores.wrong(
    "By what is it divided? By the square root of d_head; this divides by d_head itself."
)
def _divided_by_d_head(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.T / q.shape[-1]


@attention_scores.wrong(
    "Whose length is d_head? That of one vector, the last axis. This takes the root of the number "
    "of keys."
)
def _divided_by_the_root_of_the_keys(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.T / len(k) ** 0.5


@attention_scores.wrong(
    "Which axis of q has d_head numbers? The last one. This takes the first: the root of the "
    "number of queries."
)
def _divided_by_the_root_of_the_queries(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.T / len(q) ** 0.5


@attention_scores.wrong(
    "Does every model have the same d_head? It is not written anywhere that there are sixty-four: "
    "read it from q."
)
def _root_of_a_fixed_number(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.T / 64**0.5


@attention_scores.wrong(
    "Which way does the scale go? Long vectors make the scores too large: divide, not multiply."
)
def _multiplied_by_the_root(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.T * q.shape[-1] ** 0.5


@attention_scores.wrong(
    "Which are the rows? One for each query, and in it one score for each key: here it is turned."
)
def _rows_are_keys(q: Tensor, k: Tensor) -> Tensor:
    return k @ q.T / q.shape[-1] ** 0.5


@attention_scores.wrong(
    "Does view or reshape turn a matrix? It only cuts the same numbers anew, so that a column "
    "holds pieces of several keys. Transpose: k.T."
)
def _keys_reshaped(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.reshape(k.shape[1], k.shape[0]) / q.shape[-1] ** 0.5


@attention_scores.wrong(
    "Does the length of a vector count? In a dot product it does: a long key gets high scores. "
    "This is the cosine."
)
def _cosine(q: Tensor, k: Tensor) -> Tensor:
    return F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).T


@attention_scores.wrong(
    "Can a score be negative? It can: these are probabilities already. The softmax comes later."
)
def _softmax_applied(q: Tensor, k: Tensor) -> Tensor:
    return _scores(q, k).softmax(dim=-1)


@attention_scores.wrong(
    "Is anything hidden yet? Not here: this masks what comes later. The mask is the next step."
)
def _masked_already(q: Tensor, k: Tensor) -> Tensor:
    return _scores(q, k).masked_fill(
        torch.ones(len(q), len(k), dtype=torch.bool).triu(1), -math.inf
    )


@attention_scores.wrong(
    "Does a score say how far a key is away? No: the dot product says how much it points the same "
    "way. The further it goes along the query, the higher the score."
)
def _distance(q: Tensor, k: Tensor) -> Tensor:
    return -torch.cdist(q.double(), k.double()) / q.shape[-1] ** 0.5


@attention_scores.wrong(
    "Which pairs have a score? Every query with every key; here the queries are added up first."
)
def _all_queries_together(q: Tensor, k: Tensor) -> Tensor:
    return _scores(q.sum(dim=0, keepdim=True), k).expand(len(q), -1)


@attention_scores.wrong(
    "What is compared with the keys? The queries. This compares the keys with each other."
)
def _keys_with_keys(q: Tensor, k: Tensor) -> Tensor:
    return _scores(k, k)


@attention_scores.inputs
def _queries_and_keys(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield (
        torch.tensor([[1.0, 0.0, 2.0, 0.0]]),
        torch.tensor([[3.0, 1.0, 0.0, 1.0], [1.0, 5.0, 2.0, 0.0]]),
    )
    yield torch.tensor([[2.0], [-1.0], [0.5]]), torch.tensor([[3.0], [0.0]])
    for queries, keys, d_head in (
        (1, 4, 2),
        (4, 1, 3),
        (3, 5, 4),
        (5, 3, 2),
        (4, 4, 4),
        (2, 7, 9),
        (6, 6, 3),
        (8, 5, 32),
    ):
        for size_q, size_k in ((1.0, 1.0), (0.01, 0.1), (30.0, 20.0)):
            yield (
                torch.randn(queries, d_head, generator=rng) * size_q,
                torch.randn(keys, d_head, generator=rng) * size_k,
            )
