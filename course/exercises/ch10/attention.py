"""Exercise 10.2: causal attention: each token takes a weighted mean of the values up to its own."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.ch10.shared import _future, _hidden, _scores
from course.judging.exercise import exercise


@exercise(
    "10.2",
    minutes=15,
    graded=False,
    atol=1e-5,
    hints=(
        "Four steps: the scores, the mask, the softmax, the mean of the values. The first one you "
        "have from 10.1; only the heads stand in front now, and k.transpose(-2, -1) or k.mT turns "
        "the last two axes.",
        "The mask has to act before the softmax. torch.ones(pos, pos, dtype=torch.bool).triu(1) is "
        "True where the key comes after the query. Which score gets a probability of exactly 0?",
        "scores.masked_fill(future, float('-inf')), then .softmax(dim=-1) along the keys, then @ "
        "v. All three work on all heads at once.",
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


@attention.wrong(
    "Which side does your mask close? tril() is True where a token may look. Fill the others with "
    "-inf: masked_fill(~mask, -inf)."
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
    "right. This hides the past and shows the future."
)
def _past_hidden(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _scores(q, k).masked_fill(_future(q.shape[1]).T, -math.inf).softmax(dim=-1) @ v


@attention.wrong(
    "May a token look at itself? It may. If it may not, the first token has nothing to look at, "
    "and 0 / 0 is NaN: triu(1) leaves the diagonal alone."
)
def _not_itself(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _scores(q, k).masked_fill(_future(q.shape[1], 0), -math.inf).softmax(dim=-1) @ v


@attention.wrong(
    "Why did the first token give NaN? Because the diagonal is masked, and nothing is left for it. "
    "Replacing the NaN by 0 hides that: let each token look at itself."
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
    "Only -inf is always lower: put it there, or add it."
)
def _too_little_taken_away(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return (_scores(q, k) - 1e4 * _future(q.shape[1]).float()).softmax(dim=-1) @ v


@attention.wrong(
    "Do the weights of a row still add up to 1? If you mask after the softmax, the part of the "
    "later tokens is lost. Mask the scores, before it."
)
def _masked_after_the_softmax(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _hidden(_scores(q, k).softmax(dim=-1), 0.0) @ v


@attention.wrong(
    "What is left if a hidden score is higher than all others by hundreds? The softmax rounds the "
    "rest to 0, and dividing by their sum gives NaN. Mask before the softmax."
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
    "What comes out of a head? The values, mixed by the pattern. This is the pattern alone: @ v is "
    "missing."
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
    "row's largest first, or use softmax."
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
