"""Exercise 10.5: how much attention each head gives to the token just before."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.exercises.ch10.shared import _hidden
from course.judging.exercise import exercise


@exercise(
    "10.5",
    minutes=6,
    atol=1e-5,
    hints=(
        "Where in the table does a token look at the one just before? Query 1 at key 0, query 2 at "
        "key 1, and so on.",
        "These places are the diagonal just below the main one: pattern.diagonal(offset=-1, "
        "dim1=-2, dim2=-1). The two dims say that the table is made of the last two axes.",
        "The diagonal has the shape (head, pos - 1): the first query, which has no token before "
        "it, is not in it. Take the mean over its last axis.",
    ),
)
def looks_one_back(pattern: torch.Tensor) -> torch.Tensor:
    """How much attention each head gives to the token just before, as a mean over the
    text.

    The first query has no token before it, and does not count.

    pattern: causal attention patterns of a text with two tokens or more, shape (head,
    query, key) with as many queries as keys. Each row adds up to 1.
    Returns one score for each head, between 0 and 1, shape (head,).
    """
    back = pattern.diagonal(offset=-1, dim1=-2, dim2=-1)  # (head, pos - 1)
    return back.mean(dim=-1)


@looks_one_back.also_right
def _query_after_query_in_float64(pattern: Tensor) -> Tensor:
    total = torch.zeros(len(pattern), dtype=torch.float64)
    for query in range(1, pattern.shape[1]):
        total += pattern[:, query, query - 1]
    return total / (pattern.shape[1] - 1)


@looks_one_back.also_right
def _two_lists_of_places(pattern: Tensor) -> Tensor:
    queries = torch.arange(1, pattern.shape[-1])
    return pattern[:, queries, queries - 1].mean(dim=1)


@looks_one_back.also_right
def _product_with_a_shifted_identity(pattern: Tensor) -> Tensor:
    pos = pattern.shape[-1]
    before = torch.diag(torch.ones(pos - 1), -1)
    return torch.einsum("hqk,qk->h", pattern, before) / before.sum()


@looks_one_back.also_right
def _traces_of_cut_tables(pattern: Tensor) -> Tensor:
    return torch.from_numpy(
        np.array([np.trace(head[1:, :-1]) / (len(head) - 1) for head in pattern.numpy()])
    )


def _back(pattern: Tensor, offset: int = -1) -> Tensor:
    return pattern.diagonal(offset, -2, -1)


@looks_one_back.wrong(
    "Which token is at query i and key i? The token itself. The one before it is at key i - 1: "
    "offset=-1."
)
def _itself(pattern: Tensor) -> Tensor:
    return _back(pattern, 0).mean(dim=-1)


@looks_one_back.wrong(
    "Which side of the diagonal is the past? Below it: offset=-1. With +1 a token looks at the "
    "next one, and there a causal pattern has only zeros."
)
def _next_token(pattern: Tensor) -> Tensor:
    return _back(pattern, 1).mean(dim=-1)


@looks_one_back.wrong(
    "How far back is the token just before? One step; offset=-2 goes two steps back."
)
def _two_before(pattern: Tensor) -> Tensor:
    return _back(pattern, -2).mean(dim=-1)


@looks_one_back.wrong(
    "Is it the first token of the text, or the one just before? Column 0 is the first: the key has "
    "to move along."
)
def _first_token(pattern: Tensor) -> Tensor:
    return pattern[:, 1:, 0].mean(dim=-1)


@looks_one_back.wrong(
    "Which key is just before? It moves with the query. This is the column of the first token, and "
    "the first query counts besides."
)
def _first_token_for_all_queries(pattern: Tensor) -> Tensor:
    return pattern[:, :, 0].mean(dim=-1)


@looks_one_back.wrong(
    "How many queries have a token before them? One less than there are tokens: do not divide by "
    "pos."
)
def _divided_by_pos(pattern: Tensor) -> Tensor:
    return _back(pattern).sum(dim=-1) / pattern.shape[-1]


@looks_one_back.wrong(
    "What does the first query look at? At itself, for it must. That is no look at a token before: "
    "leave it out."
)
def _first_query_counted_as_one(pattern: Tensor) -> Tensor:
    return (_back(pattern).sum(dim=-1) + pattern[:, 0, 0]) / pattern.shape[-1]


@looks_one_back.wrong(
    "Which queries count? All but the first. This leaves out the second one, too: the diagonal "
    "below the main one has no place for the first query, so nothing has to be cut off."
)
def _second_query_left_out(pattern: Tensor) -> Tensor:
    return _back(pattern)[:, 1:].mean(dim=-1)


@looks_one_back.wrong(
    "Sum or mean? A score must not grow with the length of the text: take the mean."
)
def _sum_over_the_queries(pattern: Tensor) -> Tensor:
    return _back(pattern).sum(dim=-1)


@looks_one_back.wrong(
    "Is one strong look enough? The score is the mean over the queries, not the largest."
)
def _largest(pattern: Tensor) -> Tensor:
    return _back(pattern).amax(dim=-1)


@looks_one_back.wrong(
    "How much attention, or how often the most? This counts the queries whose first choice is the "
    "token before. Take the weights themselves."
)
def _first_choices_counted(pattern: Tensor) -> Tensor:
    before = torch.arange(pattern.shape[-1] - 1)
    return (pattern[:, 1:].argmax(dim=-1) == before).double().mean(dim=-1)


@looks_one_back.wrong(
    "One score, or one for each head? The heads differ: take the mean over the queries only."
)
def _mean_of_all_heads(pattern: Tensor) -> Tensor:
    return _back(pattern).mean()


@looks_one_back.wrong(
    "One score for each query, or one for each head? The mean over the queries is missing."
)
def _no_mean(pattern: Tensor) -> Tensor:
    return _back(pattern)


@looks_one_back.wrong(
    "Of which two axes is it the diagonal? Without dim1 and dim2, torch takes the first two: heads "
    "and queries."
)
def _default_axes(pattern: Tensor) -> Tensor:
    return pattern.diagonal(offset=-1).mean(dim=-1)


@looks_one_back.wrong(
    "Which tokens are before? Many are, but one is just before. This counts the attention to all "
    "of the past."
)
def _all_of_the_past(pattern: Tensor) -> Tensor:
    return pattern.tril(-1).sum(dim=-1)[:, 1:].mean(dim=-1)


@looks_one_back.wrong(
    "Over what is the mean taken? Over the queries that have a token before them; this divides by "
    "all places of the table."
)
def _mean_of_the_whole_table(pattern: Tensor) -> Tensor:
    return pattern.tril(-1).triu(-1).mean(dim=(-2, -1))


def _looks_back(heads: int, pos: int, size: float, liking: float, rng: torch.Generator) -> Tensor:
    """A causal pattern with a liking for the token just before, stronger from head to
    head.
    """
    scores = torch.randn(heads, pos, pos, generator=rng) * size
    scores += (
        liking
        * torch.linspace(0.3, 1.0, heads)[:, None, None]
        * torch.diag(torch.ones(pos - 1), -1)
    )
    return _hidden(scores).softmax(dim=-1)


@looks_one_back.wrong(
    "Which keys are looked at? The diagonal from (1, 1) on is each query's own token. One back is one "
    "place to the left: query i, key i - 1."
)
def _own_token_without_the_first_query(pattern: Tensor) -> Tensor:
    own = torch.arange(1, pattern.shape[-1])
    return pattern[:, own, own].mean(dim=-1)


@looks_one_back.wrong(
    "Which mean is it? The sum divided by the count. The mean of the logarithms, turned back, is the "
    "geometric mean: one small share pulls it down."
)
def _geometric_mean(pattern: Tensor) -> Tensor:
    back = torch.arange(1, pattern.shape[-1])
    return pattern[:, back, back - 1].log().mean(dim=-1).exp()


@looks_one_back.inputs
def _square_patterns(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[[1.0, 0.0], [0.75, 0.25]]]),)
    yield (torch.tensor([[[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.125, 0.625, 0.25]]]),)
    for heads, pos in ((2, 3), (3, 2), (1, 5), (4, 4), (5, 3), (3, 7), (2, 12), (9, 20)):
        for size, liking in ((1.0, 0.0), (1.0, 6.0), (2.0, -12.0)):
            yield (_looks_back(heads, pos, size, liking, rng),)
