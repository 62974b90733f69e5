"""One decoder that is GPT-2 or Llama by its configuration.

GPT-2 (Radford et al. 2019): LayerNorm, learned positions, GELU. Llama (Touvron et al. 2023): RMSNorm, rotary positions,
SwiGLU, fewer key/value heads than query heads. Both are the same loop: embed, then attention and feed-forward in turn,
each added to a residual stream, then a norm and the unembedding.

Shapes: batch, pos (query, key inside attention), d_model, head, kv_head, d_head, d_mlp, vocab, layer.
"""

from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.model.cpu_instructions import is_widened, matmul
from utils.model.kv_cache import KVCache
from utils.model.linear import Linear
from utils.model.rms_norm import RMSNorm
from utils.model.rotary import Rotation, rope, rope_rotation
from utils.model.taps import Tapped


@dataclass(frozen=True, kw_only=True)
class GPTConfig:
    """The sizes of a model and the few choices that tell the families apart. The defaults are GPT-2's choices."""

    vocab_size: int
    context_length: int
    n_layer: int
    n_head: int
    d_model: int
    n_kv_head: int = 0  # 0: as many as n_head; fewer is grouped-query attention (Ainslie et al. 2023)
    d_head: int = 0  # 0: d_model / n_head
    d_mlp: int = 0  # 0: 4 * d_model
    norm: Literal["layernorm", "rmsnorm"] = "layernorm"
    norm_eps: float = 1e-5
    position: Literal["learned", "rope"] = "learned"
    rope_base: float = 10_000.0
    activation: Literal["relu", "gelu", "swiglu"] = "gelu"
    attn_bias: bool = True
    mlp_bias: bool = True
    tie_embedding: bool = True

    def __post_init__(self) -> None:
        _check_positive(self, "vocab_size", "context_length", "n_layer", "n_head", "d_model")
        derived = {
            "n_kv_head": self.n_head,
            "d_head": self.d_model // self.n_head,
            "d_mlp": 4 * self.d_model,
        }
        for name, value in derived.items():
            if getattr(self, name) == 0:
                object.__setattr__(self, name, value)  # frozen: only here, before anyone sees the config
        _check_positive(self, "n_kv_head", "d_head", "d_mlp")
        _check_sizes_fit(self)

    @classmethod
    def llama(cls, **sizes: Any) -> "GPTConfig":
        """The same with Llama's choices: RMSNorm, rotary positions, SwiGLU, no biases."""
        choices = {"norm": "rmsnorm", "position": "rope", "activation": "swiglu", "attn_bias": False, "mlp_bias": False}
        return cls(**(choices | sizes))


def _check_positive(config: GPTConfig, *names: str) -> None:
    for name in names:
        if getattr(config, name) < 1:
            raise ValueError(f"{name} is {getattr(config, name)}; it counts something, so give 1 or more.")


def _check_sizes_fit(config: GPTConfig) -> None:
    if config.d_head * config.n_head != config.d_model and config.d_head == config.d_model // config.n_head:
        raise ValueError(
            f"d_model is {config.d_model}, which {config.n_head} heads cannot share evenly: "
            f"choose n_head so that it divides d_model, or give d_head yourself."
        )
    if config.n_head % config.n_kv_head:
        raise ValueError(
            f"{config.n_head} query heads cannot share {config.n_kv_head} key/value heads evenly: "
            f"choose n_kv_head so that it divides n_head."
        )
    if config.position == "rope" and config.d_head % 2:
        raise ValueError(f"d_head is {config.d_head}, but rotary positions turn pairs of numbers: make it even.")


@dataclass(frozen=True)
class Context:
    """What every block of one forward pass shares: who may look at whom, the rotation, and the cache.

    `visible` None: every query sees itself and all keys before it, and the last query belongs to the last key.
    """

    visible: Bool[Tensor, "batch 1 query key"] | None
    rotation: Rotation | None
    cache: KVCache | None


class Attention(Tapped):
    """Causal self-attention (Vaswani et al. 2017, formula 1), with grouped key/value heads and a cache if wanted.

    Activations: q (batch, head, pos, d_head) and k, v (batch, kv_head, pos, d_head) of the positions fed in this call,
    q and k after rotation; scores and pattern (batch, head, query, key), scores with -inf where a query may not look;
    out (batch, pos, d_model), what is added to the residual stream.
    """

    taps = ("q", "k", "v", "scores", "pattern", "out")

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__()
        self.layer, self.d_head = layer, config.d_head
        bias = config.attn_bias
        self.query = Linear(config.d_model, config.n_head * config.d_head, bias=bias)
        self.key = Linear(config.d_model, config.n_kv_head * config.d_head, bias=bias)
        self.value = Linear(config.d_model, config.n_kv_head * config.d_head, bias=bias)
        self.output = Linear(config.n_head * config.d_head, config.d_model, bias=bias)

    def forward(self, x: Float[Tensor, "batch pos d_model"], context: Context) -> Float[Tensor, "batch pos d_model"]:
        """Let each position gather from the positions that it may look at."""
        q, k, v = self.read(x, context.rotation)
        q, k, v = self.tap("q", q), self.tap("k", k), self.tap("v", v)
        if context.cache is not None:
            k, v = context.cache.store(self.layer, k, v)
        # The fused kernel never holds the pattern; whoever traces wants to see it, so then it is written out.
        attend = self._attend_step_by_step if self.observers else _attend_fused
        gathered = attend(q, k, v, context.visible)  # (batch, head, query, d_head)
        return self.tap("out", self.output(gathered.transpose(1, 2).flatten(2)))

    def read(
        self, x: Float[Tensor, "batch pos d_model"], rotation: Rotation | None
    ) -> tuple[
        Float[Tensor, "batch head pos d_head"],
        Float[Tensor, "batch kv_head pos d_head"],
        Float[Tensor, "batch kv_head pos d_head"],
    ]:
        """Queries, keys and values of x; queries and keys are turned by the angles of their positions."""
        q, k, v = (self.split_heads(layer(x)) for layer in (self.query, self.key, self.value))
        return (q, k, v) if rotation is None else (rope(q, rotation), rope(k, rotation), v)

    def split_heads(self, x: Float[Tensor, "batch pos heads_d_head"]) -> Float[Tensor, "batch heads pos d_head"]:
        """Cut the last axis into heads."""
        return x.unflatten(-1, (-1, self.d_head)).transpose(1, 2)

    def _attend_step_by_step(self, q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None) -> Tensor:
        if visible is None:
            visible = _causal(q.shape[2], k.shape[2], q.device)
        group = q.shape[1] // k.shape[1]  # this many query heads share one key/value head
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        scores = matmul(q, k.transpose(-1, -2)) / self.d_head**0.5
        scores = self.tap("scores", scores.masked_fill(~visible, float("-inf")))
        pattern = self.tap("pattern", scores.softmax(dim=-1))
        return matmul(pattern, v)


def _attend_fused(q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None) -> Tensor:
    if is_widened(q):
        return _attend_fused(q.float(), k.float(), v.float(), visible).to(q.dtype)
    if q.shape[2] == 1:  # one new position: the query heads that share a key/value head go to the kernel as its queries
        groups = q.reshape(q.shape[0], k.shape[1], -1, q.shape[-1])  # (batch, kv_head, group, d_head)
        return F.scaled_dot_product_attention(groups, k, v, attn_mask=visible).reshape(q.shape)
    causal, grouped = visible is None, q.shape[1] != k.shape[1]
    return F.scaled_dot_product_attention(q, k, v, attn_mask=visible, is_causal=causal, enable_gqa=grouped)


def _causal(query: int, key: int, device: torch.device) -> Bool[Tensor, "1 1 query key"]:
    """Every query may look at itself and at what is before it; the last query is the last key."""
    return torch.ones(1, 1, query, key, dtype=torch.bool, device=device).tril(key - query)


class MLP(Tapped):
    """The feed-forward layer, the same for every position: d_model -> d_mlp -> d_model.

    ReLU or GELU (Hendrycks & Gimpel 2016, in GPT-2's tanh form): down(act(up(x))). SwiGLU (Shazeer 2020):
    down(silu(gate(x)) * up(x)). Activations: pre, before the non-linearity (the gate's, if there is one); act, what
    `down` reads, both (batch, pos, d_mlp); out (batch, pos, d_model).
    """

    taps = ("pre", "act", "out")

    def __init__(self, config: GPTConfig):
        super().__init__()
        bias, self.activation = config.mlp_bias, config.activation
        if config.activation == "swiglu":
            self.gate = Linear(config.d_model, config.d_mlp, bias=bias)
        self.up = Linear(config.d_model, config.d_mlp, bias=bias)
        self.down = Linear(config.d_mlp, config.d_model, bias=bias)

    def forward(self, x: Float[Tensor, "batch pos d_model"]) -> Float[Tensor, "batch pos d_model"]:
        """Transform each position on its own."""
        if self.activation == "swiglu":
            gate, up = self.gate_and_up(x)
            act = F.silu(self.tap("pre", gate)) * up
        else:
            pre = self.tap("pre", self.up(x))
            act = F.relu(pre) if self.activation == "relu" else F.gelu(pre, approximate="tanh")
        return self.tap("out", self.down(self.tap("act", act)))

    def gate_and_up(
        self, x: Float[Tensor, "batch pos d_model"]
    ) -> tuple[Float[Tensor, "batch pos d_mlp"], Float[Tensor, "batch pos d_mlp"]]:
        """The two products of SwiGLU that read x."""
        return self.gate(x), self.up(x)


class Block(Tapped):
    """Attention, then feed-forward; each reads a normalised copy of the residual stream and adds its result to it."""

    taps = ("resid.pre", "resid.mid", "resid.post")

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__()
        self.attn_norm, self.attn = make_norm(config), Attention(config, layer)
        self.mlp_norm, self.mlp = make_norm(config), MLP(config)

    def forward(self, x: Float[Tensor, "batch pos d_model"], context: Context) -> Float[Tensor, "batch pos d_model"]:
        """One step of the residual stream."""
        x = self.tap("resid.pre", x)
        x = self.tap("resid.mid", x + self.attn(self.attn_norm(x), context))
        return self.tap("resid.post", x + self.mlp(self.mlp_norm(x)))


def make_norm(config: GPTConfig) -> nn.Module:
    """LayerNorm (Ba et al. 2016) or RMSNorm (Zhang & Sennrich 2019) over d_model."""
    norm = nn.LayerNorm if config.norm == "layernorm" else RMSNorm
    return norm(config.d_model, eps=config.norm_eps)


class GPT(Tapped):
    """A decoder-only transformer: token ids in, a score for every token of the vocabulary out, at every position.

    Activations of its own: embed (batch, pos, d_model), what enters the first block; final_norm, what is unembedded.
    """

    taps = ("embed", "final_norm")

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        if config.position == "learned":
            self.position_embed = nn.Embedding(config.context_length, config.d_model)
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.n_layer))
        self.final_norm = make_norm(config)
        self.unembed = Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_embedding:
            self.unembed.weight = self.embed.weight
        self.apply(self._init_weights)

    def forward(
        self,
        ids: Int64[Tensor, "batch pos"],
        mask: Bool[Tensor, "batch pos"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch pos vocab"]:
        """The logits, in float32: row [b, i] scores every candidate for the token after ids[b, i].

        `mask` is True for real tokens and False for padding in front of them; positions count real tokens only, so
        padding changes nothing. With a `cache`, `ids` are the tokens after those already in it. Raises ValueError where
        ids do not fit the vocabulary or the context.
        """
        return self.unembed(self.hidden(ids, mask, cache)).float()

    def hidden(
        self,
        ids: Int64[Tensor, "batch pos"],
        mask: Bool[Tensor, "batch pos"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch pos d_model"]:
        """The residual stream after all blocks and the final norm: what the unembedding reads."""
        self._check_ids(ids, cache)
        positions, visible = _layout(ids, mask, cache)
        x = self.embed(ids)
        if self.config.position == "learned":
            x = x + self.position_embed(positions)
        x = self.run_blocks(self.tap("embed", x), positions, visible, cache)
        if cache is not None:
            cache.advance(ids.shape[1])
        return self.tap("final_norm", self.final_norm(x))

    def run_blocks(
        self,
        x: Float[Tensor, "batch pos d_model"],
        positions: Int64[Tensor, "batch pos"],
        visible: Bool[Tensor, "batch 1 query key"] | None = None,
        cache: KVCache | None = None,
        first: int = 0,
    ) -> Float[Tensor, "batch pos d_model"]:
        """The residual stream after the last block, from what it is before block `first`; see Context for `visible`."""
        rotary = self.config.position == "rope"
        rotation = rope_rotation(positions, self.config.d_head, self.config.rope_base) if rotary else None
        context = Context(visible, rotation, cache)
        for block in islice(self.blocks, first, None):
            x = block(x, context)
        return x

    def _check_ids(self, ids: Tensor, cache: KVCache | None) -> None:
        config, before = self.config, 0 if cache is None else cache.length
        if ids.ndim != 2 or ids.dtype != torch.int64 or ids.numel() == 0:
            raise ValueError(
                f"ids are {ids.dtype} of shape {tuple(ids.shape)}; give int64 ids of shape (batch, pos), at least one."
            )
        if before + ids.shape[1] > config.context_length:
            raise ValueError(
                f"the text is {before + ids.shape[1]} tokens long, but this model's context holds "
                f"{config.context_length}: shorten the text."
            )
        lowest, highest = (int(extreme) for extreme in ids.aminmax())
        if lowest < 0 or highest >= config.vocab_size:
            raise ValueError(
                f"ids run from {lowest} to {highest}, but this model knows 0 to {config.vocab_size - 1}: "
                f"encode the text with the tokenizer that was loaded with the model."
            )

    def _init_weights(self, module: nn.Module) -> None:
        """GPT-2's start: normal(0, 0.02), and the two writers to the residual stream scaled down with the depth."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if isinstance(module, Block):
            for writer in (module.attn.output, module.mlp.down):
                nn.init.normal_(writer.weight, std=0.02 / (2 * self.config.n_layer) ** 0.5)


def _layout(
    ids: Int64[Tensor, "batch pos"], mask: Bool[Tensor, "batch pos"] | None, cache: KVCache | None
) -> tuple[Int64[Tensor, "batch pos"], Bool[Tensor, "batch 1 pos key"] | None]:
    """The position number of each new token, and which keys it may look at: itself and the real ones before it."""
    batch, new = ids.shape
    before = 0 if cache is None else cache.length
    real = mask if cache is None else cache.reserve(batch, new, mask)  # (batch, key), earlier tokens included
    if real is None:  # no padding anywhere
        positions = torch.arange(before, before + new, device=ids.device).expand(batch, new)
        plain = before == 0 or new == 1  # see Context
        return positions, None if plain else _causal(new, before + new, ids.device).expand(batch, -1, -1, -1)
    key = torch.arange(real.shape[1], device=real.device)
    query = key[-new:, None]
    # A padding token may look at itself only: a row of -inf alone would turn into NaN.
    visible = ((key < query) & real[:, None, None, :]) | (key == query)
    positions = (real.cumsum(dim=1) - 1).clamp(min=0)[:, -new:]
    return positions, visible
