"""The forward pass for one new token: what utils.model.gpt does, as loops over rows and heads.

Every thread runs all of it, and does its share of each step. Where a step reads what another thread
has made, they meet first.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int16, Int64

from utils.compiled.compiling import compiled
from utils.compiled.layers import Norm, activate, attend, normalize, turn
from utils.compiled.meeting import meet, none_taken, take
from utils.compiled.products import KIND, NOTHING, Matrix, Vector, multiply
from utils.compiled.whole_numbers import Rounded, round_vector

# The matrices of a block, in the order of the table.
Matrices = Int64[np.ndarray, "matrix field"]
MATRICES = QUERY, KEY, VALUE, OUTPUT, GATE, UP, DOWN = range(7)
_PIECE = 512  # rows of the unembedding that a thread takes at a time


class Weights(NamedTuple):
    """Where a model's numbers are, and its choices."""

    matrices: Int64[np.ndarray, "layer matrix field"]  # see products.py
    norms: Int64[np.ndarray, "layer 2 field"]  # see layers.py
    unembed: Matrix
    final_norm: Norm
    eps: float
    activation: int
    in_four_bits: bool  # some matrix is, so vectors are needed in whole numbers


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
    codes: Int16[np.ndarray, "thread longest"]  # these five: see Rounded
    steps: Float32[np.ndarray, "thread group"]
    sums: Float32[np.ndarray, "thread group"]
    lanes: Float32[np.ndarray, "thread lane"]
    ends: Float32[np.ndarray, "thread 32"]
    scores: Float32[np.ndarray, "thread max_pos"]


@compiled
def share(count: int, me: int, crowd: int) -> tuple[int, int]:
    """The first of `count` things that are a thread's, and the one after its last."""
    return count * me // crowd, count * (me + 1) // crowd


@compiled
def in_whole_numbers(vector: Vector, weights: Weights, desk: Desk, me: int) -> Rounded:
    """A thread's own rounding of a vector, for all its rows; nothing where no matrix needs it."""
    rounded = Rounded(desk.codes[me], desk.steps[me], desk.sums[me], desk.lanes[me], desk.ends[me])
    if weights.in_four_bits:
        round_vector(vector, rounded)
    return rounded


@compiled
def project(
    me: int, crowd: int, weights: Weights, seen: Seen, layer: int, position: int, desk: Desk
) -> None:
    """Queries, keys and values: a head is one thread's work, from its rows to its place in the
    cache.
    """
    matrices, x = weights.matrices[layer], desk.normal[me]
    rounded = in_whole_numbers(x, weights, desk, me)
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
        multiply(matrices[which], x, rounded, rows.start, rows.stop, out)
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
def add_product(
    me: int, crowd: int, weights: Weights, matrix: Matrix, vector: Vector, desk: Desk
) -> None:
    """Add a matrix times a vector to the residual stream."""
    first, last = share(desk.x.shape[0], me, crowd)
    rounded = in_whole_numbers(vector, weights, desk, me)
    multiply(matrix, vector, rounded, first, last, desk.product)
    for i in range(first, last):
        desk.x[i] += desk.product[i]


@compiled
def feed_forward(me: int, crowd: int, weights: Weights, matrices: Matrices, desk: Desk) -> None:
    """Up and, if there is one, gate: rows of both are one thread's work, so that it can go on with
    them.
    """
    first, last = share(desk.up.shape[0], me, crowd)
    x = desk.normal[me]
    rounded = in_whole_numbers(x, weights, desk, me)
    multiply(matrices[UP], x, rounded, first, last, desk.up)
    if matrices[GATE, KIND] != NOTHING:
        multiply(matrices[GATE], x, rounded, first, last, desk.gate)
    activate(weights.activation, desk.gate, desk.up, first, last)


@compiled
def unembed(me: int, place: int, weights: Weights, desk: Desk) -> None:
    """The logits: a quarter of all the reading, so it is shared out in pieces."""
    x, vocab = desk.normal[me], desk.logits.shape[0]
    rounded = in_whole_numbers(x, weights, desk, me)
    first = take(place, _PIECE)
    while first < vocab:
        last = min(first + _PIECE, vocab)
        multiply(weights.unembed, x, rounded, first, last, desk.logits)
        first = take(place, _PIECE)


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
        project(me, crowd, weights, seen, layer, position, desk)
        meet(place, crowd)
        look_up(me, crowd, seen, layer, position, desk)
        meet(place, crowd)
        add_product(me, crowd, weights, matrices[OUTPUT], desk.mixed, desk)
        meet(place, crowd)
        normalize(norms[1], weights.eps, desk.x, desk.normal[me])
        feed_forward(me, crowd, weights, matrices, desk)
        meet(place, crowd)
        add_product(me, crowd, weights, matrices[DOWN], desk.up, desk)
        meet(place, crowd)
    normalize(weights.final_norm, weights.eps, desk.x, desk.normal[me])
    unembed(me, place, weights, desk)
    meet(place, crowd)
    if me == 0:
        none_taken(place)
