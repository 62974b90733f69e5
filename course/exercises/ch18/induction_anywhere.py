"""Exercise 18.2: the induction score of heads on any text, whatever it repeats."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "18.2",
    minutes=8,
    atol=1e-5,
    hints=(
        "For one query: where is the latest earlier copy of its token? The place behind it is the "
        "key that counts. A query without an earlier copy is left out.",
        "One key needs care: if the copy stands just before the query, the place behind it is the "
        "query itself. Leave such queries out, too: nothing has to be looked for.",
        "Collect pattern[:, query, copy + 1] for each query that is left, then "
        "torch.stack(collected).mean(dim=0).",
    ),
)
def induction_anywhere(pattern: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """How much attention heads give to the token behind the latest earlier copy.

    In chapter 11 the text was one segment, twice. Here it is any text: each query looks
    for the latest earlier copy of its own token. A query counts if there is one, and if
    it does not stand just before the query.

    pattern: causal attention patterns of the text, shape (head, query, key).
    ids: the text's tokens, as many as there are queries. At least one query counts.
    Returns for each head its attention to the token behind the copy, as a mean over the
    queries that count, shape (head,).
    """
    found = []
    for query, token in enumerate(ids):
        copies = [place for place in range(query) if ids[place] == token]
        if copies and copies[-1] + 1 < query:
            found.append(pattern[:, query, copies[-1] + 1])
    return torch.stack(found).mean(dim=0)


@induction_anywhere.also_right
def _latest_by_a_table(pattern: Tensor, ids: list[int]) -> Tensor:
    latest: dict[int, int] = {}
    total, count = torch.zeros(len(pattern), dtype=torch.float64), 0
    for query, token in enumerate(ids):
        if token in latest and query - latest[token] > 1:
            total += pattern[:, query, latest[token] + 1]
            count += 1
        latest[token] = query
    return total / count


@induction_anywhere.also_right
def _whole_tensors(pattern: Tensor, ids: list[int]) -> Tensor:
    tokens = torch.tensor(ids)
    same = (tokens[:, None] == tokens[None, :]).tril(-1)  # (query, copy)
    places = torch.arange(len(ids))
    latest = torch.where(same, places, -1).amax(dim=1)
    counts = (latest >= 0) & (latest + 1 < places)
    return pattern[:, places[counts], latest[counts] + 1].mean(dim=1)


def _mean(
    pattern: Tensor,
    ids: list[int],
    key: Callable[[int, list[int]], int],
    counts: Callable[[int, list[int]], bool] = lambda query, copies: copies[-1] + 1 < query,
) -> Tensor:
    """The mean attention to the key of each query that counts, from its place and its copies."""
    found = []
    for query, token in enumerate(ids):
        copies = [place for place in range(query) if ids[place] == token]
        if copies and counts(query, copies):
            found.append(pattern[:, query, key(query, copies)])
    return torch.stack(found).mean(dim=0)


@induction_anywhere.wrong(
    "Which key? The one *behind* the copy. The copy itself is what a duplicate-token head looks at."
)
def _the_copy_itself(pattern: Tensor, ids: list[int]) -> Tensor:
    return _mean(pattern, ids, lambda query, copies: copies[-1])


@induction_anywhere.wrong("Which copy, if there are several? The latest; this takes the first.")
def _first_copy(pattern: Tensor, ids: list[int]) -> Tensor:
    return _mean(pattern, ids, lambda query, copies: copies[0] + 1)


@induction_anywhere.wrong(
    "Behind the copy, or before it? This looks one place back, where the token before the copy "
    "stands."
)
def _before_the_copy(pattern: Tensor, ids: list[int]) -> Tensor:
    return _mean(pattern, ids, lambda query, copies: max(copies[-1] - 1, 0))


@induction_anywhere.wrong(
    "Divide by what? By the queries that count. This divides by all tokens, also by those that have "
    "no earlier copy."
)
def _divided_by_all(pattern: Tensor, ids: list[int]) -> Tensor:
    found = []
    for query, token in enumerate(ids):
        copies = [place for place in range(query) if ids[place] == token]
        if copies and copies[-1] + 1 < query:
            found.append(pattern[:, query, copies[-1] + 1])
    return torch.stack(found).sum(dim=0) / len(ids)


@induction_anywhere.wrong(
    "What if the copy stands just before the query? Then the place behind it is the query itself: "
    "such a query does not count."
)
def _itself_counts(pattern: Tensor, ids: list[int]) -> Tensor:
    return _mean(
        pattern, ids, lambda query, copies: copies[-1] + 1, counts=lambda query, copies: True
    )


@induction_anywhere.wrong(
    "One score, or one for each head? The mean runs over the queries; the heads stay apart."
)
def _mean_of_all_heads(pattern: Tensor, ids: list[int]) -> Tensor:
    return _mean(pattern, ids, lambda query, copies: copies[-1] + 1).mean()


@induction_anywhere.wrong("Sum or mean? A score must not grow with the number of copies.")
def _sum(pattern: Tensor, ids: list[int]) -> Tensor:
    found = []
    for query, token in enumerate(ids):
        copies = [place for place in range(query) if ids[place] == token]
        if copies and copies[-1] + 1 < query:
            found.append(pattern[:, query, copies[-1] + 1])
    return torch.stack(found).sum(dim=0)


@induction_anywhere.wrong(
    "Which axis looks? Rows are queries, columns keys. This reads the pattern the other way round, "
    "where the mask has left only zeros."
)
def _queries_and_keys_swapped(pattern: Tensor, ids: list[int]) -> Tensor:
    return _mean(pattern.mT, ids, lambda query, copies: copies[-1] + 1)


@induction_anywhere.inputs
def _patterns(rng: torch.Generator) -> Iterator[tuple[Tensor, list[int]]]:
    texts = [
        [3, 8, 5, 3, 8],
        [4, 1, 9, 2, 9, 9, 6, 9],
        [1, 2, 1, 2, 1, 1, 3],
    ]
    for size, most in ((7, 3), (10, 4), (15, 6), (24, 9), (31, 12), (12, 5), (18, 3)):
        drawn = torch.randint(most, (size,), generator=rng).tolist()
        texts.append([0, most, 0, *drawn, 0])  # at least one query counts
    for number, ids in enumerate(texts):
        heads, pos = 1 + number % 4, len(ids)
        scores = (1 + number % 3) * torch.randn(heads, pos, pos, generator=rng)
        future = torch.ones(pos, pos, dtype=torch.bool).triu(1)
        yield scores.masked_fill(future, -torch.inf).softmax(dim=-1), ids
