"""Exercise 11.3: how much a head looks at what came after the earlier copy of a token."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "11.3",
    minutes=6,
    atol=1e-5,
    hints=(
        "Number the tokens of a b c a b c from 0. The second a, at 3, should look at the first b, "
        "at 1. The second b, at 4, at the first c, at 2. How far back is that each time?",
        "It is period - 1 back. The diagonal with offset=-(period - 1) has an entry for each query "
        "from period - 1 on. The first query that has an earlier copy is `period`: one later.",
        "back = pattern.diagonal(offset=1 - period, dim1=-2, dim2=-1); its entry i is the query "
        "i + period - 1. So back[:, 1:].mean(dim=-1).",
    ),
)
def induction(pattern: torch.Tensor, period: int) -> torch.Tensor:
    """How much attention each head gives to the token after the earlier copy.

    The text repeats itself after `period` tokens: token i + period is token i again.
    A token of the second half looks for the place where it stood before, and at the
    token that came next there.

    pattern: causal attention patterns of such a text, shape (head, query, key), with
        2 * period tokens.
    period: 2 or more.
    Returns for each head the attention to that token, as a mean over all queries of the
    second half, shape (head,).
    """
    queries = torch.arange(period, pattern.shape[-1])
    return pattern[:, queries, queries - period + 1].mean(dim=-1)


@induction.also_right
def _diagonal(pattern: Tensor, period: int) -> Tensor:
    back = pattern.diagonal(offset=1 - period, dim1=-2, dim2=-1)
    return back[:, 1:].mean(dim=-1)


@induction.also_right
def _loop_in_float64(pattern: Tensor, period: int) -> Tensor:
    total = torch.zeros(len(pattern), dtype=torch.float64)
    for key in range(1, period + 1):
        total += pattern[:, key + period - 1, key]
    return total / period


@induction.also_right
def _block_of_the_second_half(pattern: Tensor, period: int) -> Tensor:
    second = pattern[:, period:, 1 : period + 1]  # (head, query, key after the first one)
    return torch.einsum("hqq->h", second) / period


def _back(pattern: Tensor, distance: int, first: int) -> Tensor:
    """The mean attention to the key `distance` before each query from `first` on."""
    queries = torch.arange(max(first, distance), pattern.shape[-1])
    return pattern[:, queries, queries - distance].mean(dim=-1)


@induction.wrong(
    "Which token is `period` back? The earlier copy of the token itself. Look at the one after it: "
    "period - 1 back."
)
def _the_copy_itself(pattern: Tensor, period: int) -> Tensor:
    return _back(pattern, period, period)


@induction.wrong(
    "What came *after* the copy, or before it? period + 1 back stands the token before the copy."
)
def _before_the_copy(pattern: Tensor, period: int) -> Tensor:
    queries = torch.arange(period + 1, 2 * period)
    return pattern[:, queries, queries - period - 1].mean(dim=-1)


@induction.wrong(
    "Which queries have an earlier copy? Those from `period` on. The last token of the first half is "
    "no copy of anything, and looks at token 0 here."
)
def _one_query_too_many(pattern: Tensor, period: int) -> Tensor:
    return _back(pattern, period - 1, period - 1)


@induction.wrong(
    "Which queries count? All of the second half; this leaves out its first token, at `period`, "
    "which looks at token 1."
)
def _one_query_too_few(pattern: Tensor, period: int) -> Tensor:
    return _back(pattern, period - 1, period + 1)


@induction.wrong(
    "What is the mean taken over? Over the queries of the second half: divide by period, not by all "
    "tokens."
)
def _divided_by_all_tokens(pattern: Tensor, period: int) -> Tensor:
    return _back(pattern, period - 1, period) / 2


@induction.wrong("Sum or mean? A score must not grow with the length of the text: take the mean.")
def _sum_of_the_queries(pattern: Tensor, period: int) -> Tensor:
    return _back(pattern, period - 1, period) * period


@induction.wrong(
    "Is it about the token just before? Induction looks far back, at the earlier copy's neighbour."
)
def _previous_token(pattern: Tensor, period: int) -> Tensor:
    return _back(pattern, 1, period)


@induction.wrong(
    "One score, or one for each head? The mean runs over the queries; the heads stay apart."
)
def _mean_of_all_heads(pattern: Tensor, period: int) -> Tensor:
    return _back(pattern, period - 1, period).mean()


@induction.wrong(
    "How much, or how often the most? This counts the queries whose first choice is that token. Take "
    "the weights themselves."
)
def _first_choices(pattern: Tensor, period: int) -> Tensor:
    queries = torch.arange(period, 2 * period)
    chosen = pattern[:, queries].argmax(dim=-1) == queries - period + 1
    return chosen.float().mean(dim=-1)


@induction.wrong(
    "Which axis looks? Rows are queries, columns keys. This asks the pattern the other way round, "
    "where the mask has left only zeros."
)
def _queries_and_keys_swapped(pattern: Tensor, period: int) -> Tensor:
    queries = torch.arange(period, 2 * period)
    return pattern[:, queries - period + 1, queries].mean(dim=-1)


@induction.inputs
def _patterns(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    for heads, period in ((1, 2), (2, 3), (3, 5), (4, 4), (2, 8), (9, 12)):
        for liking in (0.0, 3.0, 6.0):
            pos = 2 * period
            scores = torch.randn(heads, pos, pos, generator=rng)
            there = torch.diag(torch.ones(pos - period + 1), 1 - period)
            scores += liking * torch.linspace(0.3, 1.0, heads)[:, None, None] * there
            future = torch.ones(pos, pos, dtype=torch.bool).triu(1)
            yield scores.masked_fill(future, -torch.inf).softmax(dim=-1), period
