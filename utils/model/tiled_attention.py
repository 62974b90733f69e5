"""Causal attention in tiles, exact, without ever holding a whole row of scores: the idea of
FlashAttention (Dao et al. 2022, arXiv:2205.14135), written to be read and not to be fast.

For each query it carries three things from tile to tile of the keys: the largest score so far, the
sum of exp(score - largest), and the same sum with the values. Where a larger score comes, both sums
are multiplied by exp(old largest - new largest).
"""

import torch
from jaxtyping import Float
from torch import Tensor

Queries = Float[Tensor, "head query d_head"]
Keys = Float[Tensor, "head key d_head"]


def attention_in_tiles(
    q: Queries, k: Keys, v: Keys, tile: int
) -> tuple[Queries, Float[Tensor, "head query"]]:
    """The output, and for each query the logarithm of the sum of exp(score) over the keys that it
    sees: all the backward pass needs of the pattern.

    As many queries as keys; each sees itself and what is before it. `tile`: so many queries and keys
    are looked at together. Raises ValueError for a tile below 1.
    """
    if tile < 1:
        raise ValueError(f"tile is {tile}; give how many keys are looked at together, 1 or more.")
    outputs, sums = [], []
    for start in range(0, q.shape[1], tile):
        out, log_sum = _queries_of_a_tile(q[:, start : start + tile], k, v, start, tile)
        outputs.append(out)
        sums.append(log_sum)
    return torch.cat(outputs, dim=1), torch.cat(sums, dim=1)


def _queries_of_a_tile(
    q: Tensor, k: Tensor, v: Tensor, first: int, tile: int
) -> tuple[Tensor, Tensor]:
    """The queries at the positions from `first` on, with all keys that they see."""
    largest = torch.full(q.shape[:2], -torch.inf, dtype=q.dtype, device=q.device)
    total, mixed = torch.zeros_like(largest), torch.zeros_like(q)
    for start in range(0, first + q.shape[1], tile):
        keys = k[:, start : start + tile]
        scores = _scores(q, keys, first - start)  # (head, query, key of this tile)
        new = torch.maximum(largest, scores.amax(dim=-1))
        shrink = (largest - new).exp()
        weights = (scores - new[..., None]).exp()
        total = total * shrink + weights.sum(dim=-1)
        mixed = mixed * shrink[..., None] + weights @ v[:, start : start + tile]
        largest = new
    return mixed / total[..., None], largest + total.log()


def _scores(q: Tensor, keys: Tensor, ahead: int) -> Tensor:
    """Scaled scores; query i stands `ahead` + i behind the first of these keys."""
    scores = q @ keys.mT / q.shape[-1] ** 0.5
    visible = torch.ones_like(scores[0], dtype=torch.bool).tril(ahead)
    hidden: Tensor = scores.masked_fill(~visible, -torch.inf)
    return hidden


def tiled_gradients(
    q: Queries,
    k: Keys,
    v: Keys,
    out: Queries,
    log_sum: Float[Tensor, "head query"],
    grad: Queries,
    tile: int,
) -> tuple[Queries, Keys, Keys]:
    """The gradients for q, k and v, from `grad`, that of the output: each tile of the pattern is
    made once more, as exp(score - log_sum), and thrown away again.

    `out` and `log_sum` are what `attention_in_tiles` gave.
    """
    d_q, d_k, d_v = torch.zeros_like(q), torch.zeros_like(k), torch.zeros_like(v)
    scale = q.shape[-1] ** -0.5
    along = (grad * out).sum(dim=-1, keepdim=True)  # softmax's own part, for each query
    for first in range(0, q.shape[1], tile):
        rows = slice(first, first + tile)
        for start in range(0, min(first + tile, k.shape[1]), tile):
            columns = slice(start, start + tile)
            scores = _scores(q[:, rows], k[:, columns], first - start)
            pattern = (scores - log_sum[:, rows, None]).exp()
            d_v[:, columns] += pattern.mT @ grad[:, rows]
            d_scores = pattern * (grad[:, rows] @ v[:, columns].mT - along[:, rows])
            d_q[:, rows] += d_scores @ k[:, columns] * scale
            d_k[:, columns] += d_scores.mT @ q[:, rows] * scale
    return d_q, d_k, d_v
