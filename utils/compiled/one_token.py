"""The forward pass for one new token: what utils.model.gpt does, as loops over rows and heads.

Every thread runs all of it, and does its share of each step. Where a step reads what another thread
has made, they meet first.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int16, Int64

from utils.compiled.compiling import compiled
from utils.compiled.layers import Norm, activate, attend, normalize, turn
from utils.compiled.meeting import meet
from utils.compiled.products import KIND, NOTHING, Matrix, Vector, multiply
from utils.compiled.whole_numbers import Rounded

# The matrices of a block, in the order of the table.
Matrices = Int64[np.ndarray, "matrix field"]
MATRICES = QUERY, KEY, VALUE, OUTPUT, GATE, UP, DOWN = range(7)


class Weights(NamedTuple):
    """Where a model's numbers are, and its choices."""

    matrices: Int64[np.ndarray, "layer matrix field"]  # see products.py
    norms: Int64[np.ndarray, "layer 2 field"]  # see layers.py
    unembed: Matrix
    final_norm: Norm
    eps: float
    activation: int


class Seen(NamedTuple):
    """The KV cache, and the rotations of its positions."""

    keys: Float32[np.ndarray, "layer kv_head max_pos d_head"]
    values: Float32[np.ndarray, "layer kv_head max_pos d_head"]
    turns: Float32[np.ndarray, "max_pos pair 2"]  # cosine and sine


class Desk(NamedTuple):
    """Room to work, float32. What is shared is written by one thread, and read after a meeting."""

    x: Float32[np.ndarray, " d_model"]  # the residual stream
    queries: Float32[np.ndarray, " head_d_head"]
    keys: Float32[np.ndarray, " kv_head_d_head"]
    values: Float32[np.ndarray, " kv_head_d_head"]
    mixed: Float32[np.ndarray, " head_d_head"]  # what the heads gathered
    gate: Float32[np.ndarray, " d_mlp"]
    up: Float32[np.ndarray, " d_mlp"]
    product: Float32[np.ndarray, " d_model"]  # what is added to x
    logits: Float32[np.ndarray, " vocab"]
    # each thread's own
    normal: Float32[np.ndarray, "thread d_model"]
    codes: Int16[np.ndarray, "thread longest"]  # these four: see Rounded
    steps: Float32[np.ndarray, "thread group"]
    sums: Float32[np.ndarray, "thread group"]
    lanes: Float32[np.ndarray, "thread lane"]
    scores: Float32[np.ndarray, "thread max_pos"]


@compiled
def share(count: int, me: int, crowd: int) -> tuple[int, int]:
    """The first of `count` things that are a thread's, and the one after its last."""
    return count * me // crowd, count * (me + 1) // crowd


@compiled
def own_room(desk: Desk, me: int) -> Rounded:
    """Where a thread rounds a vector, if a matrix asks for it."""
    return Rounded(desk.codes[me], desk.steps[me], desk.sums[me], desk.lanes[me])


@compiled
def project(
    me: int, crowd: int, matrices: Matrices, seen: Seen, layer: int, position: int, desk: Desk
) -> None:
    """Queries, keys and values: a head is one thread's work, from its rows to its place in the
    cache.
    """
    d_head, kv_heads = seen.keys.shape[3], seen.keys.shape[1]
    heads = desk.queries.shape[0] // d_head
    first, last = share(heads + 2 * kv_heads, me, crowd)
    for head in range(first, last):
        if head < heads:
            rows = slice(head * d_head, (head + 1) * d_head)
            which, out = QUERY, desk.queries
        elif head < heads + kv_heads:
            rows = slice((head - heads) * d_head, (head - heads + 1) * d_head)
            which, out = KEY, desk.keys
        else:
            kv_head = head - heads - kv_heads
            rows = slice(kv_head * d_head, (kv_head + 1) * d_head)
            which, out = VALUE, desk.values
        multiply(matrices[which], desk.normal[me], rows.start, rows.stop, out, own_room(desk, me))
        if which != VALUE:
            turn(out[rows], seen.turns[position])
        if which == KEY:
            seen.keys[layer, head - heads, position] = out[rows]
        if which == VALUE:
            seen.values[layer, head - heads - kv_heads, position] = out[rows]


@compiled
def look_up(me: int, crowd: int, seen: Seen, layer: int, position: int, desk: Desk) -> None:
    """Each head gathers from the positions so far."""
    d_head, kv_heads = seen.keys.shape[3], seen.keys.shape[1]
    heads = desk.queries.shape[0] // d_head
    first, last = share(heads, me, crowd)
    for head in range(first, last):
        kv_head, rows = head * kv_heads // heads, slice(head * d_head, (head + 1) * d_head)
        attend(
            desk.queries[rows],
            seen.keys[layer, kv_head, : position + 1],
            seen.values[layer, kv_head, : position + 1],
            desk.scores[me],
            desk.mixed[rows],
        )


@compiled
def add_product(me: int, crowd: int, matrix: Matrix, vector: Vector, desk: Desk) -> None:
    """Add a matrix times a vector to the residual stream."""
    first, last = share(desk.x.shape[0], me, crowd)
    multiply(matrix, vector, first, last, desk.product, own_room(desk, me))
    for i in range(first, last):
        desk.x[i] += desk.product[i]


@compiled
def feed_forward(me: int, crowd: int, matrices: Matrices, activation: int, desk: Desk) -> None:
    """Up and, if there is one, gate: rows of both are one thread's work, so that it can go on with
    them.
    """
    first, last = share(desk.up.shape[0], me, crowd)
    multiply(matrices[UP], desk.normal[me], first, last, desk.up, own_room(desk, me))
    if matrices[GATE, KIND] != NOTHING:
        multiply(matrices[GATE], desk.normal[me], first, last, desk.gate, own_room(desk, me))
    activate(activation, desk.gate, desk.up, first, last)


@compiled
def one_token(
    me: int, crowd: int, place: int, position: int, weights: Weights, seen: Seen, desk: Desk
) -> None:
    """The share of thread `me` of `crowd` in the pass: desk.x comes in as the token's vector, keys
    and values go to the cache at `position`, and desk.logits are what comes out.
    """
    for layer in range(weights.matrices.shape[0]):
        matrices, norms = weights.matrices[layer], weights.norms[layer]
        # The norm is done by every thread for itself: it is short, and needs no meeting.
        normalize(norms[0], weights.eps, desk.x, desk.normal[me])
        project(me, crowd, matrices, seen, layer, position, desk)
        meet(place, crowd)
        look_up(me, crowd, seen, layer, position, desk)
        meet(place, crowd)
        add_product(me, crowd, matrices[OUTPUT], desk.mixed, desk)
        meet(place, crowd)
        normalize(norms[1], weights.eps, desk.x, desk.normal[me])
        feed_forward(me, crowd, matrices, weights.activation, desk)
        meet(place, crowd)
        add_product(me, crowd, matrices[DOWN], desk.up, desk)
        meet(place, crowd)
    normalize(weights.final_norm, weights.eps, desk.x, desk.normal[me])
    first, last = share(desk.logits.shape[0], me, crowd)
    multiply(weights.unembed, desk.normal[me], first, last, desk.logits, own_room(desk, me))
    meet(place, crowd)
