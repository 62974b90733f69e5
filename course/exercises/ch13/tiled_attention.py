"""Exercise 13.6: attention in tiles, with a running maximum: the idea of FlashAttention."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "13.6",
    minutes=12,
    atol=1e-5,
    hints=(
        "Three things go along for each query: the largest score so far, the sum of exp(score - "
        "largest), and the same sum with the values. Begin with -inf, 0 and zeros.",
        "A new tile: scores = q @ k_tile.T / sqrt(d_head); new = torch.maximum(largest, "
        "scores.amax(dim=1)). Both sums are too large or too small now, by exp(largest - new): "
        "multiply them by it, and only then add the tile.",
        "weights = (scores - new[:, None]).exp(); total = total * shrink + weights.sum(dim=1); mixed "
        "= mixed * shrink[:, None] + weights @ v_tile. At the end mixed / total[:, None], and "
        "new + total.log().",
    ),
)
def tiled_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, tile: int
) -> list[torch.Tensor]:
    """Attention in tiles, with a running maximum: the idea of FlashAttention.

    No mask: each query looks at all keys, scaled by the root of d_head. Never hold more
    than `tile` scores of a query at a time: take the first `tile` keys and values, then
    the next, and so on; the last tile may be smaller.

    q: queries, shape (query, d_head).
    k: keys, shape (key, d_head).
    v: values, shape (key, d_value).
    tile: how many keys are looked at together, at least 1.
    Returns a list of two: the output, shape (query, d_value), and for each query the
    logarithm of the sum of exp(score) over all keys, shape (query,). Scores may be in
    the hundreds.
    """
    largest = torch.full((len(q),), -math.inf)
    total, mixed = torch.zeros(len(q)), torch.zeros(len(q), v.shape[1])
    for k_tile, v_tile in zip(k.split(tile), v.split(tile), strict=True):
        scores = q @ k_tile.T / q.shape[1] ** 0.5  # (query, key of this tile)
        new = torch.maximum(largest, scores.amax(dim=1))
        shrink = (largest - new).exp()  # 0 for the first tile
        weights = (scores - new[:, None]).exp()
        total = total * shrink + weights.sum(dim=1)
        mixed = mixed * shrink[:, None] + weights @ v_tile
        largest = new
    return [mixed / total[:, None], largest + total.log()]


@tiled_attention.also_right
def _all_at_once(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    """The same result; that it keeps all scores cannot be seen in it."""
    scores = _scores(q, k)
    return [scores.softmax(dim=-1) @ v, scores.logsumexp(dim=-1)]


@tiled_attention.also_right
def _two_sums_of_tiles(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    """Each tile's own attention, joined by the weight that its log-sum-exp gives it."""
    out, lse = torch.zeros(len(q), v.shape[1]), torch.full((len(q),), -math.inf)
    for start in range(0, len(k), tile):
        here = slice(start, start + tile)
        scores = _scores(q, k[here])
        own = scores.logsumexp(dim=-1)
        joined = torch.logaddexp(lse, own)
        out = (lse - joined).exp()[:, None] * out
        out = out + (own - joined).exp()[:, None] * (scores.softmax(dim=-1) @ v[here])
        lse = joined
    return [out, lse]


@tiled_attention.also_right
def _query_by_query_in_float64(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    rows, sums = [], []
    for query in q.double():
        largest, total, mixed = -math.inf, 0.0, torch.zeros(v.shape[1], dtype=torch.float64)
        for key, value in zip(k.double(), v.double(), strict=True):
            score = float(query @ key) / math.sqrt(len(query))
            new = max(largest, score)
            total = total * math.exp(largest - new) + math.exp(score - new)
            mixed = mixed * math.exp(largest - new) + value * math.exp(score - new)
            largest = new
        rows.append(mixed / total)
        sums.append(largest + math.log(total))
    return [torch.stack(rows), torch.tensor(sums, dtype=torch.float64)]


def _scores(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.mT / q.shape[1] ** 0.5


@tiled_attention.wrong(
    "What happens to the old sums when a larger score comes? They were made with the old maximum: "
    "multiply both by exp(old - new). Here neither is."
)
def _nothing_rescaled(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    largest = torch.full((len(q),), -math.inf)
    total, mixed = torch.zeros(len(q)), torch.zeros(len(q), v.shape[1])
    for k_tile, v_tile in zip(k.split(tile), v.split(tile), strict=True):
        scores = _scores(q, k_tile)
        largest = torch.maximum(largest, scores.amax(dim=1))
        weights = (scores - largest[:, None]).exp()
        total, mixed = total + weights.sum(dim=1), mixed + weights @ v_tile
    return [mixed / total[:, None], largest + total.log()]


def _rescaled_in_part(
    q: Tensor, k: Tensor, v: Tensor, tile: int, total_too: bool, mixed_too: bool
) -> list[Tensor]:
    largest = torch.full((len(q),), -math.inf)
    total, mixed = torch.zeros(len(q)), torch.zeros(len(q), v.shape[1])
    for k_tile, v_tile in zip(k.split(tile), v.split(tile), strict=True):
        scores = _scores(q, k_tile)
        new = torch.maximum(largest, scores.amax(dim=1))
        shrink = (largest - new).exp()
        weights = (scores - new[:, None]).exp()
        total = total * (shrink if total_too else 1) + weights.sum(dim=1)
        mixed = mixed * (shrink[:, None] if mixed_too else 1) + weights @ v_tile
        largest = new
    return [mixed / total[:, None], largest + total.log()]


@tiled_attention.wrong(
    "Which sums were made with the old maximum? Both. Here the sum with the values is not "
    "multiplied by exp(old - new)."
)
def _values_not_rescaled(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    return _rescaled_in_part(q, k, v, tile, total_too=True, mixed_too=False)


@tiled_attention.wrong(
    "Which sums were made with the old maximum? Both. Here the sum of the weights is not multiplied "
    "by exp(old - new)."
)
def _total_not_rescaled(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    return _rescaled_in_part(q, k, v, tile, total_too=False, mixed_too=True)


@tiled_attention.wrong(
    "Is a tile's softmax the softmax? Not yet: tiles with large scores must weigh more. Here each "
    "tile counts the same."
)
def _mean_of_the_tiles(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    pairs = list(zip(k.split(tile), v.split(tile), strict=True))
    outs = [_scores(q, keys).softmax(dim=-1) @ values for keys, values in pairs]
    return [sum(outs, torch.zeros_like(outs[0])) / len(outs), _scores(q, k).logsumexp(dim=-1)]


@tiled_attention.wrong(
    "Which maximum is taken off? That of all tiles so far. Here each tile takes off its own, and "
    "then they cannot be added."
)
def _maximum_of_the_tile_alone(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    total, mixed = torch.zeros(len(q)), torch.zeros(len(q), v.shape[1])
    for k_tile, v_tile in zip(k.split(tile), v.split(tile), strict=True):
        scores = _scores(q, k_tile)
        largest = scores.amax(dim=1)
        weights = (scores - largest[:, None]).exp()
        total, mixed = total + weights.sum(dim=1), mixed + weights @ v_tile
    return [mixed / total[:, None], largest + total.log()]


@tiled_attention.wrong(
    "What if a score is in the hundreds? exp of it is infinite. Take off the largest so far first."
)
def _no_maximum(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    weights = _scores(q, k).exp()
    total = weights.sum(dim=1)
    return [weights @ v / total[:, None], total.log()]


@tiled_attention.wrong("What is done at the end? Divide by the sum of the weights. It is missing.")
def _not_divided(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    scores = _scores(q, k)
    largest = scores.amax(dim=1, keepdim=True)
    return [(scores - largest).exp() @ v, scores.logsumexp(dim=-1)]


@tiled_attention.wrong(
    "What is the second result? The largest score plus the logarithm of the sum. Here the largest "
    "score is missing."
)
def _logarithm_of_the_sum_alone(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    out, lse = tiled_attention.reference(q, k, v, tile)
    return [out, lse - _scores(q, k).amax(dim=1)]


@tiled_attention.wrong(
    "What is the second result? A logarithm, largest + total.log(). This is the sum itself."
)
def _sum_and_no_logarithm(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    scores = _scores(q, k)
    shifted = scores - scores.amax(dim=1, keepdim=True)
    return [scores.softmax(dim=-1) @ v, shifted.exp().sum(dim=1)]


@tiled_attention.wrong("By what are scores divided? By the root of d_head. Here they are not.")
def _not_scaled(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    return tiled_attention.reference(q * q.shape[1] ** 0.5, k, v, tile)


@tiled_attention.wrong("Is the last tile looked at too, where it is smaller? Here it is left out.")
def _last_tile_left_out(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    whole = max(tile, len(k) // tile * tile)
    return tiled_attention.reference(q, k[:whole], v[:whole], tile)


@tiled_attention.wrong(
    "How many tiles are there? All keys are looked at. Here only the first tile."
)
def _first_tile_alone(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    return tiled_attention.reference(q, k[:tile], v[:tile], tile)


@tiled_attention.wrong("Is there a mask? Not here: every query looks at all keys, also later ones.")
def _causal(q: Tensor, k: Tensor, v: Tensor, tile: int) -> list[Tensor]:
    scores = _scores(q, k)
    future = torch.ones_like(scores, dtype=torch.bool).triu(1)
    scores = scores.masked_fill(future, -math.inf)
    return [scores.softmax(dim=-1) @ v, scores.logsumexp(dim=-1)]


@tiled_attention.inputs
def _queries_and_keys(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, int]]:
    yield torch.ones(1, 1), torch.tensor([[1.0], [2.0], [0.5]]), torch.eye(3), 2
    sizes = ((3, 7, 2, 5), (2, 9, 3, 4), (5, 8, 4, 3), (4, 11, 5, 2), (1, 6, 4, 7), (6, 13, 2, 3))
    for place, (query, key, d_head, d_value) in enumerate(sizes):
        for size, tile in ((1.0, 1 + place), (12.0, 2 + place % 3)):
            q, k = (size**0.5 * torch.randn(n, d_head, generator=rng) * 1.5 for n in (query, key))
            # the largest scores come last, so that every tile moves the maximum
            k = k[k[:, 0].argsort()] if place % 2 else k
            yield q, k, torch.randn(key, d_value, generator=rng) + 0.5, tile
    q, k = 40 * torch.randn(3, 4, generator=rng), 6 * torch.randn(10, 4, generator=rng)
    yield q, k, torch.randn(10, 2, generator=rng), 3  # scores in the hundreds
