"""Exercise 13.2: a whole small language model of Llama's kind, from ids to logits."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise
from utils.model.config import GPTConfig
from utils.model.gpt import GPT

_Blocks = Sequence[Sequence[Tensor]]


@exercise(
    "13.2",
    minutes=20,
    atol=2e-5,
    hints=(
        "You have all the parts: rms_norm of chapter 05, rotated of 09, attention with a mask of 10 "
        "and swiglu of 12. Copy them above this function. Begin with x = embed[ids], end with "
        "rms_norm(x, final_gain, eps) @ embed.T, and put the blocks between.",
        "A block: read = rms_norm(x, gain_1, eps). q = read @ W_q.T, and k, v likewise. Cut each "
        "into heads: (pos, n_head, d_head) to (n_head, pos, d_head), then turn each head of q and k "
        "by its positions 0, 1, 2 … Values are not turned.",
        "k and v have n_kv_head heads: k.repeat_interleave(n_head // n_kv_head, dim=0) gives each "
        "query head its own. Afterwards the heads side by side: .transpose(0, 1).flatten(1), then "
        "@ W_o.T. Then add, norm, swiglu, add.",
    ),
)
def small_lm(
    ids: torch.Tensor,
    embed: torch.Tensor,
    blocks: list[list[torch.Tensor]],
    final_gain: torch.Tensor,
    n_head: int,
    n_kv_head: int,
    base: float,
    eps: float,
) -> torch.Tensor:
    """A whole small language model of Llama's kind, from ids to logits.

    Take your own functions of chapters 05, 09, 10 and 12, or those of their solutions.

    ids: the tokens of a text, int64, shape (pos,).
    embed: the embedding, shape (vocab, d_model). It is the unembedding as well.
    blocks: for each block a list of nine tensors, in this order: gain_1 (d_model,);
        W_q (n_head * d_head, d_model); W_k and W_v (n_kv_head * d_head, d_model); W_o
        (d_model, n_head * d_head); gain_2 (d_model,); W_gate and W_up (d_mlp, d_model);
        W_down (d_model, d_mlp). Each matrix is used as x @ W.T.
    final_gain: of the norm behind the last block, shape (d_model,).
    n_head, n_kv_head: heads of queries, and of keys and values. Query head h looks with
        key/value head h // (n_head / n_kv_head).
    base: of RoPE, which turns neighbouring pairs of each head of q and k, as in chapter 09.
    eps: of all RMS norms.
    Returns the logits, shape (pos, vocab): row i scores the token after ids[i].
    """
    positions = torch.arange(len(ids))
    d_head = blocks[0][1].shape[0] // n_head
    angles = positions[:, None] * base ** (-torch.arange(0, d_head, 2) / d_head)  # (pos, pair)
    future = torch.ones(len(ids), len(ids), dtype=torch.bool).triu(1)

    def norm(x: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        return gain * x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()

    def heads(x: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
        return (x @ W.T).unflatten(1, (-1, d_head)).transpose(0, 1)  # (head, pos, d_head)

    def turned(x: torch.Tensor) -> torch.Tensor:
        a, b = x[..., 0::2], x[..., 1::2]
        pairs = a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()
        return torch.stack(pairs, dim=-1).flatten(-2)

    x = embed[ids]
    for gain_1, W_q, W_k, W_v, W_o, gain_2, W_gate, W_up, W_down in blocks:
        read = norm(x, gain_1)
        q, k, v = turned(heads(read, W_q)), turned(heads(read, W_k)), heads(read, W_v)
        k, v = (kv.repeat_interleave(n_head // n_kv_head, dim=0) for kv in (k, v))
        scores = (q @ k.transpose(-2, -1) / d_head**0.5).masked_fill(future, float("-inf"))
        x = x + (scores.softmax(dim=-1) @ v).transpose(0, 1).flatten(1) @ W_o.T
        read = norm(x, gain_2)
        gate = read @ W_gate.T
        x = x + (gate * torch.sigmoid(gate) * (read @ W_up.T)) @ W_down.T
    return norm(x, final_gain) @ embed.T


@small_lm.also_right
def _the_engine(
    ids: Tensor,
    embed: Tensor,
    blocks: _Blocks,
    final_gain: Tensor,
    n_head: int,
    n_kv_head: int,
    base: float,
    eps: float,
) -> Tensor:
    """utils' GPT with these weights."""
    vocab, d_model = embed.shape
    config = GPTConfig.llama(
        vocab_size=vocab,
        context_length=len(ids),
        n_layer=len(blocks),
        n_head=n_head,
        n_kv_head=n_kv_head,
        d_head=len(blocks[0][1]) // n_head,
        d_model=d_model,
        d_mlp=len(blocks[0][6]),
        rope_base=base,
        norm_eps=eps,
    )
    with torch.random.fork_rng(devices=[]):
        model = GPT(config)
    attn = ("attn_norm", "attn.query", "attn.key", "attn.value", "attn.output")
    names = (*attn, "mlp_norm", "mlp.gate", "mlp.up", "mlp.down")
    weights = {"embed.weight": embed, "unembed.weight": embed, "final_norm.weight": final_gain}
    for layer, parts in enumerate(blocks):
        weights |= {f"blocks.{layer}.{n}.weight": w for n, w in zip(names, parts, strict=True)}
    model.load_state_dict(weights)
    return model(ids[None])[0]


@small_lm.also_right
def _of_the_library_in_float64(
    ids: Tensor,
    embed: Tensor,
    blocks: _Blocks,
    final_gain: Tensor,
    n_head: int,
    n_kv_head: int,
    base: float,
    eps: float,
) -> Tensor:
    x = F.embedding(ids, embed).double()
    pos, d_model = x.shape
    d_head = len(blocks[0][1]) // n_head
    speeds = base ** (-torch.arange(0, d_head, 2).double() / d_head)
    turn = torch.exp(1j * torch.arange(pos).double()[:, None] * speeds)

    def rope(x: Tensor) -> Tensor:
        pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
        return torch.view_as_real(pairs * turn).flatten(-2)

    for block in blocks:
        gain_1, W_q, W_k, W_v, W_o, gain_2, W_gate, W_up, W_down = (W.double() for W in block)
        read = F.rms_norm(x, (d_model,), gain_1, eps)
        q, k, v = (
            F.linear(read, W).view(pos, -1, d_head).movedim(1, 0)[None] for W in (W_q, W_k, W_v)
        )
        out = F.scaled_dot_product_attention(
            rope(q), rope(k), v, is_causal=True, enable_gqa=n_head != n_kv_head
        )
        x = x + F.linear(out[0].movedim(0, 1).flatten(1), W_o)
        read = F.rms_norm(x, (d_model,), gain_2, eps)
        x = x + F.linear(F.silu(F.linear(read, W_gate)) * F.linear(read, W_up), W_down)
    return F.linear(F.rms_norm(x, (d_model,), final_gain.double(), eps), embed.double())


@dataclass(frozen=True)
class _Parts:
    """The right way, with parts that can be put wrongly."""

    embed: Callable[[Tensor, Tensor], Tensor] = lambda embed, ids: embed[ids]
    norm: Callable[[Tensor, Tensor, float], Tensor] = lambda x, gain, eps: F.rms_norm(
        x, gain.shape, gain, eps
    )
    final: Callable[[Tensor, Tensor, float], Tensor] = lambda x, gain, eps: F.rms_norm(
        x, gain.shape, gain, eps
    )
    turn_values: bool = False
    turn: bool = True
    first_position: int = 0
    halves: bool = False  # pairs i with i + d_head / 2
    sign: float = 1.0
    mask: int = 1  # the first diagonal that is hidden
    scale: Callable[[int, int], float] = lambda d_head, d_model: d_head**-0.5
    share: Callable[[Tensor, int], Tensor] = lambda kv, group: kv.repeat_interleave(group, dim=0)
    act: Callable[[Tensor], Tensor] = F.silu
    residual: bool = True
    mlp_reads_stream: bool = False
    join: Callable[[Tensor], Tensor] = lambda out: out.transpose(0, 1).flatten(1)
    n_blocks: int | None = None


def _run(
    parts: _Parts,
    ids: Tensor,
    embed: Tensor,
    blocks: _Blocks,
    final_gain: Tensor,
    n_head: int,
    n_kv_head: int,
    base: float,
    eps: float,
) -> Tensor:
    x = parts.embed(embed, ids)
    d_head = len(blocks[0][1]) // n_head
    places = torch.arange(len(ids)) + parts.first_position
    speeds = base ** (-torch.arange(0, d_head, 2) / d_head)
    angles = parts.sign * places[:, None] * speeds if parts.turn else torch.zeros(len(ids), 1)
    future = torch.ones(len(ids), len(ids), dtype=torch.bool).triu(parts.mask)
    for gain_1, W_q, W_k, W_v, W_o, gain_2, W_gate, W_up, W_down in blocks[: parts.n_blocks]:
        read = parts.norm(x, gain_1, eps)
        q, k, v = ((read @ W.T).unflatten(1, (-1, d_head)).transpose(0, 1) for W in (W_q, W_k, W_v))
        q, k = _turned(q, angles, parts.halves), _turned(k, angles, parts.halves)
        v = _turned(v, angles, parts.halves) if parts.turn_values else v
        k, v = (parts.share(kv, n_head // n_kv_head) for kv in (k, v))
        scores = q @ k.mT * parts.scale(d_head, x.shape[1])
        pattern = scores.masked_fill(future, -math.inf).softmax(dim=-1)
        added = parts.join(pattern @ v) @ W_o.T
        before, x = x, x + added if parts.residual else added
        read = parts.norm(before if parts.mlp_reads_stream else x, gain_2, eps)
        added = (parts.act(read @ W_gate.T) * (read @ W_up.T)) @ W_down.T
        x = x + added if parts.residual else added
    return parts.final(x, final_gain, eps) @ embed.T


def _turned(x: Tensor, angles: Tensor, halves: bool) -> Tensor:
    half = x.shape[-1] // 2
    a, b = (x[..., :half], x[..., half:]) if halves else (x[..., 0::2], x[..., 1::2])
    new = a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()
    return torch.cat(new, dim=-1) if halves else torch.stack(new, dim=-1).flatten(-2)


_RIGHT = _Parts()


@small_lm.wrong(
    "What is the last thing before the unembedding? The final norm, with final_gain. It is missing."
)
def _no_final_norm(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, final=lambda x, gain, eps: x), *args)


@small_lm.wrong("What do queries and keys know of their position? Nothing here: RoPE is missing.")
def _no_rope(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, turn=False), *args)


@small_lm.wrong("What is turned by its position? Queries and keys. The values stay as they are.")
def _values_turned(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, turn_values=True), *args)


@small_lm.wrong(
    "Which numbers are a pair? Neighbours, 2i and 2i + 1. Here i is paired with i + d_head / 2, as "
    "in Hugging Face's files, whose weights stand in another order."
)
def _halves_for_neighbours(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, halves=True), *args)


@small_lm.wrong("May a token see what comes after it? It does here: the mask is missing.")
def _no_mask(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, mask=10_000), *args)


@small_lm.wrong(
    "By what are the scores divided? By the root of d_head, the size of one head, and not of "
    "d_model."
)
def _scaled_by_d_model(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, scale=lambda d_head, d_model: d_model**-0.5), *args)


@small_lm.wrong("Are the scores divided by the root of d_head? Here they are not divided.")
def _not_scaled(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, scale=lambda d_head, d_model: 1.0), *args)


@small_lm.wrong(
    "Which query heads share a key/value head? Neighbours: heads 0, 1, 2 the first, with three "
    "each. That is repeat_interleave; repeat deals them out in turn."
)
def _repeat_for_interleave(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, share=lambda kv, group: kv.repeat(group, 1, 1)), *args)


@small_lm.wrong("What goes through the gate's curve? silu, z times sigmoid(z). This is relu.")
def _relu_gate(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, act=F.relu), *args)


@small_lm.wrong("What goes through the gate's curve? silu, z times sigmoid(z). This is gelu.")
def _gelu_gate(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, act=F.gelu), *args)


@small_lm.wrong(
    "What happens to what a layer gives? It is added to the stream. Here it replaces it."
)
def _no_residuals(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, residual=False), *args)


@small_lm.wrong(
    "What does the feed-forward layer read? The stream behind attention. Here both layers of a "
    "block read the same stream."
)
def _layers_side_by_side(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, mlp_reads_stream=True), *args)


@small_lm.wrong(
    "What do the layers read? A normalised copy of the stream. Here the norms inside the blocks are "
    "missing."
)
def _no_norms_in_blocks(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, norm=lambda x, gain, eps: x), *args)


@small_lm.wrong("Each norm has a gain. Here the norms divide and do nothing more.")
def _norms_without_gain(*args: Any) -> Tensor:
    bare = replace(
        _RIGHT,
        norm=lambda x, gain, eps: F.rms_norm(x, gain.shape, None, eps),
        final=lambda x, gain, eps: F.rms_norm(x, gain.shape, None, eps),
    )
    return _run(bare, *args)


@small_lm.wrong("Which norm is it? RMS norm, which leaves the mean. This is layer norm.")
def _layer_norms(*args: Any) -> Tensor:
    layer = replace(
        _RIGHT,
        norm=lambda x, gain, eps: F.layer_norm(x, gain.shape, gain, eps=eps),
        final=lambda x, gain, eps: F.layer_norm(x, gain.shape, gain, eps=eps),
    )
    return _run(layer, *args)


@small_lm.wrong(
    "How do the heads come together? Side by side for each token: .transpose(0, 1) before "
    ".flatten(1). Without it, numbers of different tokens are mixed."
)
def _heads_joined_without_transpose(*args: Any) -> Tensor:
    return _run(
        replace(_RIGHT, join=lambda out: out.reshape(out.shape[1], -1)),
        *args,
    )


@small_lm.wrong("How many blocks run? All of them. Here the last one does not.")
def _last_block_missing(*args: Any) -> Tensor:
    return _run(replace(_RIGHT, n_blocks=-1), *args)


@small_lm.wrong(
    "What comes back? A row of scores for every position, since all of them predict at once. Here "
    "it is only the last."
)
def _last_row_only(*args: Any) -> Tensor:
    return _run(_RIGHT, *args)[-1:]


@small_lm.wrong("What are logits? Scores as they are. Here softmax has made probabilities of them.")
def _probabilities(*args: Any) -> Tensor:
    return _run(_RIGHT, *args).softmax(dim=-1)


@small_lm.wrong(
    "Is the embedding made larger first? The paper of 2017 multiplied it by the root of d_model. "
    "Llama takes it as it is."
)
def _embedding_scaled(*args: Any) -> Tensor:
    return _run(
        replace(_RIGHT, embed=lambda embed, ids: embed[ids] * embed.shape[1] ** 0.5),
        *args,
    )


@small_lm.inputs
def _texts_and_weights(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, list[list[Tensor]], Tensor, int, int, float, float]]:
    sizes = (  # pos, vocab, n_layer, n_head, n_kv_head, d_head, d_mlp
        (4, 11, 1, 2, 1, 4, 10),
        (5, 9, 2, 4, 2, 4, 7),
        (3, 13, 3, 6, 2, 2, 9),
        (6, 8, 2, 3, 3, 4, 11),
        (7, 10, 1, 6, 3, 4, 5),
        (2, 7, 2, 4, 2, 6, 8),
        (5, 12, 2, 4, 2, 8, 6),
        (4, 15, 4, 6, 2, 4, 12),
        (8, 6, 3, 4, 2, 2, 9),
        (6, 14, 2, 9, 3, 4, 10),
        (4, 9, 1, 8, 4, 2, 7),
    )
    for place, (pos, vocab, n_layer, n_head, n_kv_head, d_head, d_mlp) in enumerate(sizes):
        d_model = n_head * (d_head + (place % 3 == 1))  # heads need not fill the stream
        ids = torch.randint(vocab, (pos,), generator=rng)
        embed = torch.randn(vocab, d_model, generator=rng) + 0.3
        blocks = [
            _block(rng, d_model, n_head * d_head, n_kv_head * d_head, d_mlp) for _ in range(n_layer)
        ]
        final_gain = 0.5 + torch.rand(d_model, generator=rng)
        yield ids, embed, blocks, final_gain, n_head, n_kv_head, 10.0 ** (2 + place % 4), 0.3 / pos


def _block(rng: torch.Generator, d_model: int, d_q: int, d_kv: int, d_mlp: int) -> list[Tensor]:
    def matrix(rows: int, columns: int) -> Tensor:
        return 1.5 * torch.randn(rows, columns, generator=rng) / columns**0.5

    def gain() -> Tensor:
        return 0.5 + 1.5 * torch.rand(d_model, generator=rng)

    attention = [gain(), matrix(d_q, d_model), matrix(d_kv, d_model), matrix(d_kv, d_model)]
    attention.append(matrix(d_model, d_q))
    return [
        *attention,
        gain(),
        matrix(d_mlp, d_model),
        matrix(d_mlp, d_model),
        matrix(d_model, d_mlp),
    ]
