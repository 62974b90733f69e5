"""Exercise 11.2: the scores of grouped heads: several query heads share one key head."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "11.2",
    minutes=6,
    atol=1e-5,
    hints=(
        "Split as your multi_head did: Q.view(pos, n_head, d_head).transpose(0, 1), where d_head is "
        "Q.shape[1] // n_head. K has the same d_head, and fewer heads.",
        "With 4 query heads and 2 key heads, query heads 0 and 1 use key head 0, and 2 and 3 use "
        "key head 1. So each key head is needed n_head // n_kv_head times in a row.",
        "k.repeat_interleave(n_head // n_kv_head, dim=0) gives 0 0 1 1. (k.repeat gives 0 1 0 1.) "
        "Then q @ k.transpose(-2, -1), divided by the root of d_head.",
    ),
)
def grouped_scores(Q: torch.Tensor, K: torch.Tensor, n_head: int, n_kv_head: int) -> torch.Tensor:
    """The scores of grouped-query attention, before any mask.

    Query heads lie side by side in the columns of Q, head 0 first, and key heads in
    those of K. Neighbouring query heads share a key head: of 6 query heads and 2 key
    heads, the first three use the first, the others the second.

    Q: the queries, shape (pos, n_head * d_head).
    K: the keys, shape (pos, n_kv_head * d_head).
    n_head, n_kv_head: how many heads each has; n_kv_head divides n_head.
    Returns the scores, divided by the square root of d_head, shape (n_head, query, key).
    """
    pos = len(Q)
    d_head = Q.shape[1] // n_head
    q = Q.view(pos, n_head, d_head).transpose(0, 1)
    k = K.view(pos, n_kv_head, d_head).transpose(0, 1)
    k = k.repeat_interleave(n_head // n_kv_head, dim=0)
    return q @ k.transpose(-2, -1) / d_head**0.5


@grouped_scores.also_right
def _head_by_head_in_float64(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    d = Q.shape[1] // n_head
    found = []
    for h in range(n_head):
        g = h * n_kv_head // n_head
        q, k = Q[:, h * d : (h + 1) * d].double(), K[:, g * d : (g + 1) * d].double()
        found.append(q @ k.T / d**0.5)
    return torch.stack(found)


@grouped_scores.also_right
def _groups_by_einsum(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    d_head = Q.shape[1] // n_head
    q = Q.view(len(Q), n_kv_head, -1, d_head)  # (query, group, head of the group, d_head)
    k = K.view(len(K), n_kv_head, d_head)
    return torch.einsum("qghd,kgd->ghqk", q, k).flatten(0, 1) / d_head**0.5


@grouped_scores.also_right
def _expanded(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    q = Q.unflatten(1, (n_head, -1)).permute(1, 0, 2)
    k = K.unflatten(1, (n_kv_head, -1)).permute(1, 0, 2)
    shared = k[:, None].expand(-1, n_head // n_kv_head, -1, -1).flatten(0, 1)
    return q.matmul(shared.mT).div(q.shape[-1] ** 0.5)


def _split(projected: Tensor, heads: int) -> Tensor:
    return projected.unflatten(1, (heads, -1)).transpose(0, 1)


def _scores(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.mT / q.shape[-1] ** 0.5


def _shared(K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return _split(K, n_kv_head).repeat_interleave(n_head // n_kv_head, dim=0)


@grouped_scores.wrong(
    "Who shares with whom? Neighbours do: 0 0 1 1. `repeat` gives 0 1 0 1, and every second head "
    "asks the wrong keys."
)
def _repeat_for_interleave(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return _scores(_split(Q, n_head), _split(K, n_kv_head).repeat(n_head // n_kv_head, 1, 1))


@grouped_scores.wrong(
    "Is there one key head for all? There are n_kv_head of them. Here every query head asks the "
    "first."
)
def _first_keys_for_all(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return _scores(_split(Q, n_head), _split(K, n_kv_head)[:1])


@grouped_scores.wrong(
    "Are the keys of a group averaged, or all key heads? Neither: each group asks the keys of its own "
    "head."
)
def _mean_of_the_key_heads(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return _scores(_split(Q, n_head), _split(K, n_kv_head).mean(dim=0, keepdim=True))


@grouped_scores.wrong(
    "Do the shared keys replace the heads' own questions? Each query head keeps its own queries; "
    "here those of a group were averaged."
)
def _queries_averaged(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    group = n_head // n_kv_head
    q = _split(Q, n_head).unflatten(0, (n_kv_head, group)).mean(dim=1)
    return _scores(q, _split(K, n_kv_head)).repeat_interleave(group, dim=0)


@grouped_scores.wrong(
    "Does .view(n_head, pos, d_head) split the columns? It cuts the same numbers anew. First "
    ".view(pos, n_head, d_head), then .transpose(0, 1)."
)
def _split_without_transpose(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    q = Q.reshape(n_head, len(Q), -1)
    k = K.reshape(n_kv_head, len(K), -1).repeat_interleave(n_head // n_kv_head, dim=0)
    return _scores(q, k)


@grouped_scores.wrong(
    "Which columns are a head's? A block of neighbours. Here head h has every n_head-th column."
)
def _columns_dealt_out(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    q = Q.unflatten(1, (-1, n_head)).permute(2, 0, 1)
    k = K.unflatten(1, (-1, n_kv_head)).permute(2, 0, 1)
    return _scores(q, k.repeat_interleave(n_head // n_kv_head, dim=0))


@grouped_scores.wrong(
    "What is divided by? The root of d_head, the length of one head's query. Here the root of all "
    "columns of Q is taken."
)
def _scaled_by_all_columns(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return _split(Q, n_head) @ _shared(K, n_head, n_kv_head).mT / Q.shape[1] ** 0.5


@grouped_scores.wrong("Where is the scale? The scores are divided by the square root of d_head.")
def _no_scale(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return _split(Q, n_head) @ _shared(K, n_head, n_kv_head).mT


@grouped_scores.wrong(
    "Scores or pattern? This has been through a softmax; the scores come before it."
)
def _softmax(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return grouped_scores.reference(Q, K, n_head, n_kv_head).softmax(dim=-1)


@grouped_scores.wrong(
    "Is a query a row or a column of the scores? A row: q @ k.T, and not k @ q.T."
)
def _keys_ask(Q: Tensor, K: Tensor, n_head: int, n_kv_head: int) -> Tensor:
    return grouped_scores.reference(Q, K, n_head, n_kv_head).mT


@grouped_scores.inputs
def _queries_and_keys(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, int, int]]:
    yield torch.tensor([[1.0, 2.0, 3.0, 4.0]]), torch.tensor([[10.0, 100.0]]), 4, 2
    for pos, d_head, n_head, n_kv_head in (
        (3, 2, 4, 2), (2, 3, 6, 2), (5, 4, 6, 3), (4, 3, 4, 1), (3, 5, 3, 3), (7, 8, 9, 3), (2, 2, 8, 4)
    ):  # fmt: skip
        for size in (1.0, 10.0):
            Q = size * torch.randn(pos, n_head * d_head, generator=rng)
            yield Q, torch.randn(pos, n_kv_head * d_head, generator=rng), n_head, n_kv_head
