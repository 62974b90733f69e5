"""Exercise 10.4: attention with several heads: split, attend, join, mix."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.ch10.shared import _future, _hidden, _scores
from course.judging.exercise import exercise


@exercise(
    "10.4",
    minutes=20,
    atol=1e-5,
    hints=(
        "Follow the shapes. x @ W_q.T is (pos, d_model): the queries of all heads, side by side. "
        "Each head needs its own block of columns, d_head = d_model // n_head of them.",
        "To split: .view(pos, n_head, d_head) cuts each row into blocks, and .transpose(0, 1) "
        "brings the heads to the front. Then it is causal attention as in 10.2, with the scale of "
        "d_head.",
        "To join, do the same backward: out.transpose(0, 1) is (pos, n_head, d_head) again, and "
        ".reshape(pos, d_model) puts the blocks side by side. Last, @ W_o.T.",
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
    "gets whole rows of other tokens. First .view(pos, n_head, d_head), then .transpose(0, 1)."
)
def _split_without_transpose(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, split=_cut_anew)


@multi_head.wrong(
    "Do the heads lie side by side when you join them? Out of attention they come as (head, pos, "
    "d_head): bring pos to the front with .transpose(0, 1) before you reshape."
)
def _joined_without_transpose(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out.reshape(x.shape))


@multi_head.wrong(
    "Is a head's block a block of columns? Splitting and joining are both done without a transpose "
    "here. The shapes fit, but each head has a few tokens whole instead of a part of every token."
)
def _never_transposed(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(
        x, (W_q, W_k, W_v, W_o), n_head, split=_cut_anew, join=lambda out: out.reshape(x.shape)
    )


@multi_head.wrong(
    "Which columns belong to head 0? The first d_head of them, next to each other; here it has "
    "every n_head-th one. The order is .view(pos, n_head, d_head)."
)
def _columns_dealt_out(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, split=_deal_columns)


@multi_head.wrong(
    "In which order do the columns lie before W_o? All of head 0, then all of head 1. Here they "
    "alternate: first column of each head, second of each head, and so on."
)
def _heads_alternate(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(
        x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out.permute(1, 2, 0).flatten(1)
    )


@multi_head.wrong(
    "Which columns are a head's, before and after? A block of neighbours. Here head h has every "
    "n_head-th column, both where you split and where you join."
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
    "after head, and the last one is left."
)
def _last_head_repeated(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), n_head, join=lambda out: out[-1].repeat(1, n_head))


@multi_head.wrong(
    "Where does n_head come in? This is one large head, with one pattern for all columns. Several "
    "heads can look at several places."
)
def _one_large_head(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, n_head: int
) -> Tensor:
    return _multi_head(x, (W_q, W_k, W_v, W_o), 1)


@multi_head.wrong(
    "How much of x does a head read? All d_model numbers. What is split is x @ W.T; here x is, and "
    "each head sees only its own part of it."
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
