"""Exercises of chapter 10: attention scores, causal attention, many heads, and what a
pattern tells.
"""

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

# 10.1


@exercise(
    "10.1",
    minutes=6,
    atol=1e-5,  # a score near 0 is a sum whose terms cancel: float32 has to pass
    hints=(
        "How is one query compared with one key? By their dot product: one number for each pair "
        "of the two.",
        "All dot products at once are a matrix product. Its rows shall be the queries and its "
        "columns the keys: "
        "q @ k.T. Now the size is missing: long vectors make large dot products.",
        "Divide q @ k.T by the square root of d_head. That is q.shape[-1]: how many numbers one "
        "query has, and not how "
        "many queries or keys there are.",
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


def _scores(q: Tensor, k: Tensor) -> Tensor:
    """The right scores, with any axes in front: (..., query, key)."""
    return q @ k.mT / q.shape[-1] ** 0.5


@attention_scores.wrong(
    "How large does a dot product get when d_head grows? Divide by its square root, or the "
    "softmax sees only one key."
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
    "holds pieces of several "
    "keys. Transpose: k.T."
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
    "way. The further it "
    "goes along the query, the higher the score."
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


# 10.2


@exercise(
    "10.2",
    minutes=15,
    atol=1e-5,
    hints=(
        "Four steps: the scores, the mask, the softmax, the mean of the values. The first one you "
        "have from 10.1; only "
        "the heads stand in front now, and k.transpose(-2, -1) or k.mT turns the last two axes.",
        "The mask has to act before the softmax. torch.ones(pos, pos, dtype=torch.bool).triu(1) "
        "is True where the key "
        "comes after the query. Which score gets a probability of exactly 0?",
        "scores.masked_fill(future, float('-inf')), then .softmax(dim=-1) along the keys, then @ "
        "v. All three work on "
        "all heads at once.",
    ),
)
def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Causal attention: each token takes a weighted mean of the values up to its own.

    The weights are the softmax, over the keys, of the scores q k^T / sqrt(d_head). A
    token may look at itself and at the tokens before it, and never at a later one.

    q, k, v: queries, keys and values of the same text, each of shape (head, pos,
    d_head). Returns the output of each head, shape (head, pos, d_head). The scores may
    be anything from -20000 to 20000.
    """
    pos, d_head = q.shape[1:]
    scores = q @ k.transpose(-2, -1) / d_head**0.5  # (head, query, key)
    # the key comes after the query
    future = torch.ones(pos, pos, dtype=torch.bool).triu(1)
    pattern = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
    return pattern @ v


@attention.also_right
def _library_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@attention.also_right
def _query_by_query_in_float64(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    result = torch.zeros_like(v, dtype=torch.float64)
    for head, query in itertools.product(*map(range, q.shape[:2])):
        past = slice(query + 1)  # up to and with itself: nothing is left to mask
        scores = k[head, past].double() @ q[head, query].double() / math.sqrt(q.shape[2])
        result[head, query] = scores.softmax(dim=0) @ v[head, past].double()
    return result


@attention.also_right
def _einsum_and_an_added_mask(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    mask = torch.full((q.shape[1], q.shape[1]), -math.inf).triu(1)
    pattern = (torch.einsum("hqd,hkd->hqk", q, k) / q.shape[2] ** 0.5 + mask).softmax(dim=2)
    return torch.einsum("hqk,hkd->hqd", pattern, v)


@attention.also_right
def _numpy_softmax_by_hand(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    scores = np.matmul(q.numpy(), k.numpy().swapaxes(1, 2)).astype(np.float64) / np.sqrt(q.shape[2])
    scores = np.where(np.tri(q.shape[1], dtype=bool), scores, -1e30)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return torch.from_numpy(powers / powers.sum(axis=-1, keepdims=True) @ v.numpy())


def _future(pos: int, first: int = 1) -> Tensor:
    """True where the key comes `first` or more tokens after the query, (query, key)."""
    return torch.ones(pos, pos, dtype=torch.bool).triu(first)


def _hidden(scores: Tensor, fill: float = -math.inf) -> Tensor:
    """Scores with what comes later masked."""
    return scores.masked_fill(_future(scores.shape[-1]), fill)


@attention.wrong(
    "Which side does your mask close? tril() is True where a token may look. Fill the others with "
    "-inf: "
    "masked_fill(~mask, -inf)."
)
def _open_and_closed_swapped(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    closed = torch.ones(scores.shape[-2:]).tril().bool()
    return scores.masked_fill(closed, -math.inf).softmax(dim=-1) @ v


@attention.wrong(
    "Does a token know what comes after it? There is no mask: every token looks at the whole text."
)
def _no_mask(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _scores(q, k).softmax(dim=-1) @ v


@attention.wrong(
    "Which half is hidden? Rows are queries: what comes later lies above the diagonal, to its "
    "right. This hides the "
    "past and shows the future."
)
def _past_hidden(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _scores(q, k).masked_fill(_future(q.shape[1]).T, -math.inf).softmax(dim=-1) @ v


@attention.wrong(
    "May a token look at itself? It may. If it may not, the first token has nothing to look at, "
    "and 0 / 0 is NaN: "
    "triu(1) leaves the diagonal alone."
)
def _not_itself(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _scores(q, k).masked_fill(_future(q.shape[1], 0), -math.inf).softmax(dim=-1) @ v


@attention.wrong(
    "Why did the first token give NaN? Because the diagonal is masked, and nothing is left for "
    "it. Replacing the NaN "
    "by 0 hides that: let each token look at itself."
)
def _not_itself_and_nan_replaced(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _not_itself(q, k, v).nan_to_num()


@attention.wrong(
    "How far may a token look? Up to itself. This lets it see the next token: triu(1), not triu(2)."
)
def _one_token_ahead(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _scores(q, k).masked_fill(_future(q.shape[1], 2), -math.inf).softmax(dim=-1) @ v


@attention.wrong(
    "What does the softmax make of a score of 0? A probability that is not 0 at all. A hidden "
    "score has to be -inf."
)
def _zero_for_hidden(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k), 0.0).softmax(dim=-1) @ v


@attention.wrong(
    "Is -10000 low enough? Here a text has scores below that, and then the hidden ones win. Only "
    "-inf is always lower."
)
def _mask_not_low_enough(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k), -1e4).softmax(dim=-1) @ v


@attention.wrong(
    "Does taking 10000 away hide a score? Not if it was higher than the others by more than that. "
    "Only -inf is always "
    "lower: put it there, or add it."
)
def _too_little_taken_away(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return (_scores(q, k) - 1e4 * _future(q.shape[1]).float()).softmax(dim=-1) @ v


@attention.wrong(
    "Do the weights of a row still add up to 1? If you mask after the softmax, the part of the "
    "later tokens is lost. "
    "Mask the scores, before it."
)
def _masked_after_the_softmax(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k).softmax(dim=-1), 0.0) @ v


@attention.wrong(
    "What is left if a hidden score is higher than all others by hundreds? The softmax rounds the "
    "rest to 0, and "
    "dividing by their sum gives NaN. Mask before the softmax."
)
def _masked_after_and_divided_again(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    weights = _hidden(_scores(q, k).softmax(dim=-1), 0.0)
    return weights / weights.sum(dim=-1, keepdim=True) @ v


@attention.wrong(
    "What does each query share out among the keys? Its weights: they add up to 1 along the keys, "
    "dim=-1."
)
def _softmax_over_queries(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k)).softmax(dim=-2) @ v


@attention.wrong(
    "Do the heads share one attention? Each has its own: the softmax runs along the keys, not "
    "dim=0."
)
def _softmax_over_heads(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k)).softmax(dim=0) @ v


@attention.wrong(
    "Where is the scale? The scores are divided by the square root of d_head before the softmax."
)
def _no_scale(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(q @ k.mT).softmax(dim=-1) @ v


@attention.wrong(
    "How often are the scores scaled? Once, by the root of d_head; here they are divided by d_head."
)
def _scaled_twice(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(q @ k.mT / q.shape[-1]).softmax(dim=-1) @ v


@attention.wrong(
    "Which length is d_head? The last axis. This takes the root of the number of tokens."
)
def _scaled_by_the_length_of_the_text(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(q @ k.mT / q.shape[1] ** 0.5).softmax(dim=-1) @ v


@attention.wrong(
    "When is it scaled? Before the softmax, where it makes the weights milder; after it, "
    "everything only shrinks."
)
def _scaled_after_the_softmax(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _no_scale(q, k, v) / q.shape[-1] ** 0.5


@attention.wrong(
    "Who asks whom? Row i of the scores is query i against all keys, q @ k.mT; here k and q are "
    "swapped."
)
def _keys_ask(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(k, q)).softmax(dim=-1) @ v


@attention.wrong(
    "Which way do the values flow? To query i, from the keys in its row of the pattern: pattern @ "
    "v, without transpose."
)
def _pattern_transposed(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k)).softmax(dim=-1).mT @ v


@attention.wrong(
    "What comes out of a head? The values, mixed by the pattern. This is the pattern alone: @ v "
    "is missing."
)
def _pattern_only(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k)).softmax(dim=-1)


@attention.wrong(
    "What is mixed? The values. This mixes the keys; they only say how much each token counts."
)
def _keys_mixed(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return attention.reference(q, k, k)


@attention.wrong(
    "What is exp of a score in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "row's largest first, "
    "or use softmax."
)
def _unstable_powers(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    powers = _hidden(_scores(q, k)).exp()
    return powers / powers.sum(dim=-1, keepdim=True) @ v


@attention.wrong(
    "Whose largest score do you subtract before exp? A row far below the others vanishes: take "
    "each row's own."
)
def _one_maximum_for_all(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    scores = _hidden(_scores(q, k))
    powers = (scores - scores.max()).exp()
    return powers / powers.sum(dim=-1, keepdim=True) @ v


def _far_from_zero(rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Scores in the ten thousands: all very low in heads 0 and 1, and in head 2 low
    ones before high ones.
    """
    q, k = torch.zeros(3, 4, 4), torch.zeros(3, 4, 4)
    q[..., 0] = 200.0
    k[0, :, 0] = torch.tensor([-110.0, -130.0, -150.0, -170.0])
    k[1, :, 0] = torch.tensor([-190.0, -170.0, -140.0, -120.0])
    k[2, :, 0] = torch.tensor([-190.0, -150.0, 150.0, 190.0])
    return q, k, torch.randn(3, 4, 4, generator=rng)


@attention.inputs
def _heads(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield (
        torch.tensor([[[1.0], [2.0]]]),
        torch.tensor([[[0.0], [1.0]]]),
        torch.tensor([[[1.0], [3.0]]]),
    )
    # all alike
    yield (
        torch.zeros(1, 3, 2),
        torch.ones(1, 3, 2),
        torch.tensor([[[1.0, 0.0], [0.0, 4.0], [2.0, 2.0]]]),
    )
    for shape in (
        (1, 3, 4),
        (2, 3, 5),
        (3, 5, 2),
        (4, 4, 4),
        (5, 1, 3),
        (3, 2, 6),
        (2, 7, 3),
        (2, 12, 8),
    ):
        for size, of_values in ((1.0, 1.0), (2.0, 50.0), (0.1, 0.01)):
            q, k, v = (torch.randn(shape, generator=rng) for _ in range(3))
            yield q * size, k * size, v * of_values
    # scores in the thousands; whole numbers, so that they are exact
    for shape in ((2, 5, 4), (3, 4, 16)):
        q, k = (torch.randint(-60, 61, shape, generator=rng).float() for _ in range(2))
        yield q, k, torch.randn(shape, generator=rng)
    yield _far_from_zero(rng)


# 10.3


@exercise(
    "10.3",
    minutes=8,
    atol=5e-5,  # whoever keeps log away from 0 with a really tiny number is right, too
    hints=(
        "Entropy is a mean surprise: -log p, weighted with p, and added up. Over which axis does "
        "a row of the pattern "
        "add up to 1?",
        "-(pattern * pattern.log()).sum(dim=-1), but for one thing: log 0 is -inf, and 0 times "
        "-inf is NaN. A token "
        "that gets no attention adds nothing to the entropy.",
        "Put 0 where the pattern is 0: torch.where(pattern > 0, pattern * pattern.log(), 0.0). "
        "Then sum over the keys, "
        "and the minus in front.",
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
    "Where did the NaN come from? From single keys. Replaced after the sum, it takes its whole "
    "row along: replace it "
    "before you add up."
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
    "Sum or mean? The weights p make a mean of it already: add up, and do not divide by the "
    "number of keys."
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
    "of 1. With 0.001 "
    "that shows; treat p = 0 by itself instead."
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
    "Is the entropy compared with the largest that is possible? Not here: do not divide by the "
    "log of the key count."
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
    "flat and gives weight "
    "to masked keys."
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


# 10.4


@exercise(
    "10.4",
    minutes=20,
    atol=1e-5,
    hints=(
        "Follow the shapes. x @ W_q.T is (pos, d_model): the queries of all heads, side by side. "
        "Each head needs its "
        "own block of columns, d_head = d_model // n_head of them.",
        "To split: .view(pos, n_head, d_head) cuts each row into blocks, and .transpose(0, 1) "
        "brings the heads to the "
        "front. Then it is causal attention as in 10.2, with the scale of d_head.",
        "To join, do the same backward: out.transpose(0, 1) is (pos, n_head, d_head) again, and "
        ".reshape(pos, d_model) "
        "puts the blocks side by side. Last, @ W_o.T.",
    ),
)
def multi_head(
    x: torch.Tensor,
    W_q: torch.Tensor,
    W_k: torch.Tensor,
    W_v: torch.Tensor,
    W_o: torch.Tensor,
    n_head: int,
) -> torch.Tensor:
    """Attention with several heads: split, attend, join, mix.

    x: the residual stream, shape (pos, d_model).
    W_q, W_k, W_v: the matrices of queries, keys and values, each (d_model, d_model),
    used as x @ W.T. Head h has the h-th block of d_head = d_model / n_head columns of
    the result.
    W_o: the output matrix, (d_model, d_model). The outputs of the heads, side by side
        in their
    order, go through it in the same way: joined @ W_o.T.
    n_head: the number of heads. It divides d_model.
    Each head does causal attention, scaled by the square root of d_head.
    Returns what attention adds to the residual stream, shape (pos, d_model).
    """
    pos, d_model = x.shape
    d_head = d_model // n_head
    q, k, v = ((x @ W.T).view(pos, n_head, d_head).transpose(0, 1) for W in (W_q, W_k, W_v))
    scores = q @ k.transpose(-2, -1) / d_head**0.5  # (head, query, key)
    future = torch.ones(pos, pos, dtype=torch.bool).triu(1)
    pattern = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
    # the heads side by side
    joined = (pattern @ v).transpose(0, 1).reshape(pos, d_model)
    return joined @ W_o.T


@multi_head.also_right
def _library_module(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    module = torch.nn.MultiheadAttention(x.shape[1], n_head, bias=False)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.cat([W_q, W_k, W_v]))
        module.out_proj.weight.copy_(W_o)
    return module(x, x, x, attn_mask=_future(len(x)), need_weights=False)[0]


@multi_head.also_right
def _head_by_head_in_float64(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    x, d_head, added = x.double(), x.shape[1] // n_head, torch.zeros_like(x, dtype=torch.float64)
    for first in range(0, x.shape[1], d_head):
        block = slice(first, first + d_head)  # rows of W are columns of x @ W.T
        q, k, v = (x @ W[block].double().T for W in (W_q, W_k, W_v))
        added += _hidden(_scores(q, k)).softmax(dim=-1) @ v @ W_o[:, block].double().T
    return added


@multi_head.also_right
def _einsum_with_split_matrices(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    q, k, v = (
        torch.einsum("pm,hdm->hpd", x, W.unflatten(0, (n_head, -1))) for W in (W_q, W_k, W_v)
    )
    out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return torch.einsum("hpd,mhd->pm", out, W_o.unflatten(1, (n_head, -1)))


@multi_head.also_right
def _chunks(x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int) -> Tensor:
    heads = zip(*(F.linear(x, W).chunk(n_head, dim=1) for W in (W_q, W_k, W_v)), strict=True)
    return F.linear(
        torch.cat([_hidden(_scores(q, k)).softmax(dim=1) @ v for q, k, v in heads], dim=1), W_o
    )


Split = Callable[[Tensor, int], Tensor]


def _split(projected: Tensor, n_head: int) -> Tensor:
    """(pos, d_model) to (head, pos, d_head)."""
    return projected.unflatten(1, (n_head, -1)).transpose(0, 1)


def _join(out: Tensor) -> Tensor:
    """(head, pos, d_head) to (pos, d_model)."""
    return out.transpose(0, 1).flatten(1)


def _multi_head(
    x: Tensor,
    weights: tuple[Tensor, Tensor, Tensor, Tensor],
    n_head: int,
    *,
    split: Split = _split,
    scores: Callable[[Tensor, Tensor], Tensor] = lambda q, k: _hidden(_scores(q, k)),
    join: Callable[[Tensor], Tensor] = _join,
) -> Tensor:
    """The right way, with parts that can be put wrongly: splitting, masked scores,
    joining.
    """
    q, k, v = (split(x @ W.T, n_head) for W in weights[:3])
    return join(scores(q, k).softmax(dim=-1) @ v) @ weights[3].T


def _deal_columns(projected: Tensor, n_head: int) -> Tensor:
    return projected.unflatten(1, (-1, n_head)).permute(2, 0, 1)


def _cut_anew(projected: Tensor, n_head: int) -> Tensor:
    return projected.reshape(n_head, len(projected), -1)


@multi_head.wrong(
    "Does .view(n_head, pos, d_head) split the columns? It cuts the same numbers anew, and a head "
    "gets whole rows of "
    "other tokens. First .view(pos, n_head, d_head), then .transpose(0, 1)."
)
def _split_without_transpose(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, split=_cut_anew)


@multi_head.wrong(
    "Do the heads lie side by side when you join them? Out of attention they come as (head, pos, "
    "d_head): bring pos to "
    "the front with .transpose(0, 1) before you reshape."
)
def _joined_without_transpose(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out.reshape(x.shape))


@multi_head.wrong(
    "Is a head's block a block of columns? Splitting and joining are both done without a "
    "transpose here. The shapes "
    "fit, but each head has a few tokens whole instead of a part of every token."
)
def _never_transposed(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(
        x, (W_q, W_k, W_v, W_o), n_head, split=_cut_anew, join=lambda out: out.reshape(x.shape)
    )


@multi_head.wrong(
    "Which columns belong to head 0? The first d_head of them, next to each other; here it has "
    "every n_head-th one. "
    "The order is .view(pos, n_head, d_head)."
)
def _columns_dealt_out(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, split=_deal_columns)


@multi_head.wrong(
    "In which order do the columns lie before W_o? All of head 0, then all of head 1. Here they "
    "alternate: first "
    "column of each head, second of each head, and so on."
)
def _heads_alternate(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(
        x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out.permute(1, 2, 0).flatten(1)
    )


@multi_head.wrong(
    "Which columns are a head's, before and after? A block of neighbours. Here head h has every "
    "n_head-th column, both "
    "where you split and where you join."
)
def _dealt_out_and_alternating(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(
        x,
        (W_q, W_k, W_v, W_o),
        n_head,
        split=_deal_columns,
        join=lambda out: out.permute(1, 2, 0).flatten(1),
    )


@multi_head.wrong(
    "Which head comes first? They are joined in their order, head 0 on the left; here they are "
    "reversed."
)
def _joined_in_reverse(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: _join(out.flip(0)))


@multi_head.wrong(
    "Whose dot product is scaled? That of one head, which has d_head numbers. This takes the root "
    "of d_model."
)
def _scaled_by_d_model(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(
        x, (W_q, W_k, W_v, W_o), n_head, scores=lambda q, k: _hidden(q @ k.mT / x.shape[1] ** 0.5)
    )


@multi_head.wrong("Where is the scale? Each head divides its scores by the square root of d_head.")
def _heads_without_scale(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, scores=lambda q, k: _hidden(q @ k.mT))


@multi_head.wrong(
    "Does a token know what comes after it? The causal mask is missing, in every head."
)
def _heads_without_mask(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, scores=_scores)


@multi_head.wrong(
    "What mixes the heads at the end? W_o does: the joined outputs go through it, too."
)
def _no_output_matrix(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, torch.eye(x.shape[1])), n_head)


@multi_head.wrong("Which way round is W_o used? As joined @ W_o.T; its transpose is missing.")
def _output_matrix_not_transposed(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o.T), n_head)


@multi_head.wrong(
    "How are the matrices used? As x @ W.T, one row of W for each output; the transpose is missing."
)
def _not_transposed(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q.T, W_k.T, W_v.T, W_o.T), n_head)


@multi_head.wrong(
    "Are q, k and v used as x @ W.T as well? The transpose is there for W_o, but missing in the "
    "other three."
)
def _first_three_not_transposed(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q.T, W_k.T, W_v.T, W_o), n_head)


@multi_head.wrong(
    "What happens to the outputs of the heads? They are laid side by side, not averaged into one."
)
def _heads_averaged(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(
        x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out.mean(dim=0).repeat(1, n_head)
    )


@multi_head.wrong(
    "Where are the other heads? This is the first one over and over: each has a block of its own."
)
def _first_head_repeated(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out[0].repeat(1, n_head))


@multi_head.wrong(
    "Do the other outputs belong to this head? It has its own block only; this overwrites head "
    "after head, and the "
    "last one is left."
)
def _last_head_repeated(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out[-1].repeat(1, n_head))


@multi_head.wrong(
    "Where does n_head come in? This is one large head, with one pattern for all columns. Several "
    "heads can look at "
    "several places."
)
def _one_large_head(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), 1)


@multi_head.wrong(
    "How much of x does a head read? All d_model numbers. What is split is x @ W.T; here x is, "
    "and each head sees only "
    "its own part of it."
)
def _split_before_the_matrices(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    seen = torch.block_diag(*[torch.ones(x.shape[1] // n_head, x.shape[1] // n_head)] * n_head)
    return _multi_head(x, (W_q * seen, W_k * seen, W_v * seen, W_o), n_head)


@multi_head.wrong(
    "Who asks? The queries come from W_q and the keys from W_k; here the two have changed places."
)
def _queries_and_keys_swapped(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_k, W_q, W_v, W_o), n_head)


@multi_head.wrong(
    "What do the heads mix? The values x @ W_v.T. This mixes x itself, and W_v has no part in it."
)
def _x_for_values(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, torch.eye(x.shape[1]), W_o), n_head)


@multi_head.wrong(
    "Is x in the result? What is asked for is only what attention adds; the block adds it to x "
    "later."
)
def _x_added(x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int) -> Tensor:
    return x + _multi_head(x, (W_q, W_k, W_v, W_o), n_head)


@multi_head.inputs
def _streams_and_matrices(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, Tensor, int]]:
    x = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    # one head, and matrices that change nothing
    yield x, torch.eye(2), torch.eye(2), torch.eye(2), torch.eye(2), 1
    yield (
        x + 1,
        torch.eye(2),
        2 * torch.eye(2),
        torch.tensor([[1.0, 0.0], [3.0, 1.0]]),
        3 * torch.eye(2),
        2,
    )
    for pos, d_head, n_head in (
        (3, 2, 2), (2, 3, 2), (4, 2, 3), (5, 4, 2), (3, 1, 4), (4, 4, 4), (6, 3, 5), (1, 5, 2), (7, 8, 3), (9, 6, 1)
    ):  # fmt: skip
        d_model = n_head * d_head
        for size, weight in ((1.0, 1.5), (3.0, 0.7), (0.02, 4.0)):
            x = torch.randn(pos, d_model, generator=rng) * size
            W_q, W_k, W_v, W_o = (
                torch.randn(d_model, d_model, generator=rng) * weight for _ in range(4)
            )
            yield (
                x,
                W_q / d_model**0.5,
                W_k / d_model**0.5,
                W_v / d_model**0.5,
                W_o / d_model**0.5,
                n_head,
            )


# 10.5


@exercise(
    "10.5",
    minutes=6,
    atol=1e-5,
    hints=(
        "Where in the table does a token look at the one just before? Query 1 at key 0, query 2 "
        "at key 1, and so on.",
        "These places are the diagonal just below the main one: pattern.diagonal(offset=-1, "
        "dim1=-2, dim2=-1). The two "
        "dims say that the table is made of the last two axes.",
        "The diagonal has the shape (head, pos - 1): the first query, which has no token before "
        "it, is not in it. "
        "Take the mean over its last axis.",
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
    "next one, and there a "
    "causal pattern has only zeros."
)
def _next_token(pattern: Tensor) -> Tensor:
    return _back(pattern, 1).mean(dim=-1)


@looks_one_back.wrong(
    "How far back is the token just before? One step; offset=-2 goes two steps back."
)
def _two_before(pattern: Tensor) -> Tensor:
    return _back(pattern, -2).mean(dim=-1)


@looks_one_back.wrong(
    "Is it the first token of the text, or the one just before? Column 0 is the first: the key "
    "has to move along."
)
def _first_token(pattern: Tensor) -> Tensor:
    return pattern[:, 1:, 0].mean(dim=-1)


@looks_one_back.wrong(
    "Which key is just before? It moves with the query. This is the column of the first token, "
    "and the first query "
    "counts besides."
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
    "What does the first query look at? At itself, for it must. That is no look at a token "
    "before: leave it out."
)
def _first_query_counted_as_one(pattern: Tensor) -> Tensor:
    return (_back(pattern).sum(dim=-1) + pattern[:, 0, 0]) / pattern.shape[-1]


@looks_one_back.wrong(
    "Which queries count? All but the first. This leaves out the second one, too: the diagonal "
    "below the main one has "
    "no place for the first query, so nothing has to be cut off."
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
    "token before. Take "
    "the weights themselves."
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
    "Of which two axes is it the diagonal? Without dim1 and dim2, torch takes the first two: "
    "heads and queries."
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
    "all places of the "
    "table."
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


@looks_one_back.inputs
def _square_patterns(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[[1.0, 0.0], [0.75, 0.25]]]),)
    yield (torch.tensor([[[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.125, 0.625, 0.25]]]),)
    for heads, pos in ((2, 3), (3, 2), (1, 5), (4, 4), (5, 3), (3, 7), (2, 12), (9, 20)):
        for size, liking in ((1.0, 0.0), (1.0, 6.0), (2.0, -12.0)):
            yield (_looks_back(heads, pos, size, liking, rng),)
