"""What attention heads do: their patterns on a text, and scores that recognise the best known kinds
of heads.

A pattern is (query, key): row `query` says how a token shares its attention among itself and the
tokens before it, and sums to 1. Each score takes patterns with any axes in front (layer, head) and
gives one number between 0 and 1 for each: the attention to one kind of key, as a mean over the
queries that have such a key and a choice. The first token has none, it can only look at itself.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.model.gpt import GPT
from utils.model.taps import trace

Patterns = Float[Tensor, "*heads query key"]
Scores = Float[Tensor, "*heads"]


@torch.no_grad()
def patterns(model: GPT, ids: Int64[Tensor, " pos"]) -> Float[Tensor, "layer head query key"]:
    """Every head's attention pattern on one text."""
    with trace(model) as t:
        model.hidden(ids[None])
    return torch.stack(
        [t[f"blocks.{layer}.attn.pattern"][0] for layer in range(model.config.n_layer)]
    )


def previous_token_score(pattern: Patterns) -> Scores:
    """The attention to the token just before, as a mean over all queries but the first."""
    return _attention_back(pattern, 1, first_query=1)


def own_token_score(pattern: Patterns) -> Scores:
    """The attention of a token to itself, as a mean over all queries but the first."""
    return _attention_back(pattern, 0, first_query=1)


def first_token_score(pattern: Patterns) -> Scores:
    """The attention to the text's first token, as a mean over all queries but the first.

    A head that has nothing to do rests there: an attention sink (Xiao et al. 2023,
    arXiv:2309.17453).
    """
    _check_queries(pattern, 2)
    return pattern[..., 1:, 0].mean(dim=-1)


def same_token_score(pattern: Patterns, period: int) -> Scores:
    """The attention to the earlier copy of the token itself, on a text that repeats itself after
    `period` tokens.

    Wang et al. 2022 (arXiv:2211.00593) call such a head a duplicate-token head.
    """
    return _attention_back(pattern, period, first_query=period)


def induction_score(pattern: Patterns, period: int) -> Scores:
    """The attention to the token that came after the earlier copy, on a text that repeats itself
    after `period` tokens.

    A head that looks there can predict the next token of anything it has seen before, even of
    random tokens: the prefix matching score of Olsson et al. 2022 (arXiv:2209.11895).
    """
    return _attention_back(pattern, period - 1, first_query=period)


def _attention_back(pattern: Patterns, distance: int, first_query: int) -> Scores:
    """The attention to the key `distance` before the query, as a mean over the queries from
    `first_query` on.
    """
    _check_queries(pattern, first_query + 1)
    back = pattern.diagonal(offset=-distance, dim1=-2, dim2=-1)  # entry i: the query i + distance
    return back[..., first_query - distance :].mean(dim=-1)


def _check_queries(pattern: Tensor, fewest: int) -> None:
    if pattern.shape[-2] < fewest:
        raise ValueError(
            f"the pattern has {pattern.shape[-2]} tokens, and this score needs {fewest} or more."
        )


def entropy(pattern: Patterns) -> Scores:
    """How widely attention is spread, in nats: -sum p log p of each row, as a mean over all
    queries.

    0 if each token looks at one token only; `uniform_entropy` if at all that it may look at alike.
    """
    terms: Tensor = torch.special.entr(pattern)
    return terms.sum(dim=-1).mean(dim=-1)


def uniform_entropy(n_tokens: int) -> float:
    """The largest `entropy` that causal attention over `n_tokens` can have: log(n!) / n, in nats.

    Token i (from 1) shares its attention evenly among i tokens, which is log i; the mean of these
    is log(n!) / n.
    """
    if n_tokens < 1:
        raise ValueError(f"a text of {n_tokens} tokens has no attention: give 1 or more.")
    return math.lgamma(n_tokens + 1) / n_tokens


def repeated_random_ids(vocab_size: int, period: int, seed: int = 0) -> Int64[Tensor, " pos"]:
    """`period` different random tokens, twice: a text that nothing but its own first half can
    predict.
    """
    if not 2 <= period <= vocab_size:
        raise ValueError(
            f"period is {period}; give at least 2 tokens, and no more than the vocabulary's "
            f"{vocab_size}."
        )
    half = torch.randperm(vocab_size, generator=torch.Generator().manual_seed(seed))[:period]
    return half.repeat(2)


def head_scores(
    model: GPT, ids: Int64[Tensor, " pos"], *, period: int = 25, texts: int = 4, seed: int = 0
) -> dict[str, Float[Tensor, "layer head"]]:
    """The score card of all heads: from the name of a score to a number for each head.

    previous, own, first and entropy (in nats) are measured on the text `ids`; induction and same on
    `texts` random texts of 2 x `period` tokens.
    """
    on_text = patterns(model, ids)
    sizes = (model.config.vocab_size, period)
    on_random = [
        patterns(model, repeated_random_ids(*sizes, seed + i).to(ids.device)) for i in range(texts)
    ]
    return {
        "previous": previous_token_score(on_text),
        "first": first_token_score(on_text),
        "own": own_token_score(on_text),
        "same": torch.stack([same_token_score(pattern, period) for pattern in on_random]).mean(
            dim=0
        ),
        "induction": torch.stack([induction_score(pattern, period) for pattern in on_random]).mean(
            dim=0
        ),
        "entropy": entropy(on_text),
    }


def mean_head_scores(
    model: GPT, texts: Sequence[Int64[Tensor, " _"]], *, period: int = 25
) -> dict[str, Float[Tensor, "layer head"]]:
    """`head_scores` as a mean over several texts, each with a random text of its own.

    Raises ValueError for no text.
    """
    if not texts:
        raise ValueError("no text was given: a score card needs one at least.")
    cards = [
        head_scores(model, ids, period=period, texts=1, seed=seed) for seed, ids in enumerate(texts)
    ]
    return {name: torch.stack([card[name] for card in cards]).mean(dim=0) for name in cards[0]}


def likest_other(pattern: Float[Tensor, "layer head query key"]) -> Float[Tensor, "layer head"]:
    """For each head the correlation of its pattern with that of the head that is most like it.

    The first token, in which most heads are alike, is left out, and so is what the mask hides.
    """
    _check_queries(pattern, 4)
    beyond_first = pattern[..., 1:, 1:].flatten(0, 1)
    may_look = torch.ones(beyond_first.shape[1:], dtype=torch.bool).tril()
    between = torch.corrcoef(beyond_first[:, may_look]).fill_diagonal_(-1)
    return between.amax(dim=1).view(pattern.shape[:2])
