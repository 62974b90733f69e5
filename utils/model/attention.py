"""Self-attention and cross-attention, in the two ways to compute them: fused, and step by step for
whoever looks.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.cpu_instructions import is_widened, matmul
from utils.model.kv_cache import KVCache
from utils.model.linear import Linear, LinearLayer
from utils.model.masks import causal_mask
from utils.model.rotary import Rotation, rope
from utils.model.taps import Tapped

Projected = tuple[
    Float[Tensor, "batch head pos d_head"],  # queries
    Float[Tensor, "batch kv_head pos d_head"],  # keys
    Float[Tensor, "batch kv_head pos d_head"],  # values
]


@dataclass(frozen=True)
class Memory:
    """What an encoder has read: its last states, and which of them a decoder may look at."""

    states: Float[Tensor, "batch source d_model"]
    visible: Bool[Tensor, "batch 1 1 source"]


@dataclass(frozen=True)
class SharedInputs:
    """What every block of one forward pass shares: who may look at whom, the rotation, the cache,
    and the memory, if there is an encoder.

    `visible` None: every query sees itself and all keys before it, and the last query belongs to
    the last key.
    """

    visible: Bool[Tensor, "batch 1 query key"] | None
    rotation: Rotation | None
    cache: KVCache | None
    memory: Memory | None = None


class AttentionHeads(Tapped):
    """What self-attention and cross-attention share: the four matrices, and the look-up (Vaswani et
    al. 2017, formula 1), with grouped key/value heads if wanted.

    Activations: q (batch, head, pos, d_head) and k, v (batch, kv_head, pos, d_head) of the
    positions fed in this call, q and k after rotation; scores and pattern (batch, head, query,
    key), scores with -inf where a query may not look; mixed (batch, head, pos, d_head), the values
    that each head gathered; out (batch, pos, d_model), what is added to the residual stream.
    """

    taps = ("q", "k", "v", "scores", "pattern", "mixed", "out")
    output: LinearLayer

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__()
        self.layer, self.d_head = layer, config.d_head
        self.add_layers(config)

    def add_layers(self, config: GPTConfig) -> None:
        """What `project` multiplies by, and `output`, which brings the heads together again."""
        bias = config.attn_bias
        self.query = Linear(config.d_model, config.n_head * config.d_head, bias=bias)
        self.key = Linear(config.d_model, config.n_kv_head * config.d_head, bias=bias)
        self.value = Linear(config.d_model, config.n_kv_head * config.d_head, bias=bias)
        self.output = Linear(config.n_head * config.d_head, config.d_model, bias=bias)

    def look_up(
        self, q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None
    ) -> Float[Tensor, "batch pos d_model"]:
        """What the queries gather from the values, brought together from all heads."""
        # The fused kernel never holds the pattern; whoever traces wants to see it, so then it is
        # written out.
        attend = self._attend_step_by_step if self.observers else _attend_fused
        mixed = self.tap("mixed", attend(q, k, v, visible))  # (batch, head, query, d_head)
        return self.tap("out", self.output(mixed.transpose(1, 2).flatten(2)))

    def split_heads(
        self, x: Float[Tensor, "batch pos heads_d_head"]
    ) -> Float[Tensor, "batch heads pos d_head"]:
        """Cut the last axis into heads."""
        heads: Tensor = x.unflatten(-1, (-1, self.d_head))  # (batch, pos, heads, d_head)
        return heads.transpose(1, 2)

    def _attend_step_by_step(
        self, q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None
    ) -> Tensor:
        if visible is None:
            visible = causal_mask(q.shape[2], k.shape[2], q.device)
        group = q.shape[1] // k.shape[1]  # this many query heads share one key/value head
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        scores = matmul(q, k.transpose(-1, -2)) / self.d_head**0.5
        scores = self.tap("scores", scores.masked_fill(~visible, float("-inf")))
        pattern = self.tap("pattern", scores.softmax(dim=-1))
        return matmul(pattern, v)


class Attention(AttentionHeads):
    """Causal self-attention, with a cache if wanted: queries, keys and values are made of the same
    text.
    """

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], shared: SharedInputs
    ) -> Float[Tensor, "batch pos d_model"]:
        """Let each position gather from the positions that it may look at."""
        q, k, v = self.project(x)
        if shared.rotation is not None:
            q, k = rope(q, shared.rotation), rope(k, shared.rotation)
        q, k, v = self.tap("q", q), self.tap("k", k), self.tap("v", v)
        if shared.cache is not None:
            k, v = shared.cache.store(self.layer, k, v)
        return self.look_up(q, k, v, shared.visible)

    def project(self, x: Float[Tensor, "batch pos d_model"]) -> Projected:
        """Queries, keys and values of x, not yet rotated."""
        q, k, v = (self.split_heads(layer(x)) for layer in (self.query, self.key, self.value))
        return q, k, v


class CrossAttention(AttentionHeads):
    """A decoder looks at what an encoder has read: queries are made of the one text, keys and values
    of the other.
    """

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], memory: Memory
    ) -> Float[Tensor, "batch pos d_model"]:
        """Let each position of the decoder gather from the encoder's positions."""
        q = self.tap("q", self.split_heads(self.query(x)))
        k = self.tap("k", self.split_heads(self.key(memory.states)))
        v = self.tap("v", self.split_heads(self.value(memory.states)))
        return self.look_up(q, k, v, memory.visible.expand(-1, -1, q.shape[2], -1))


def _attend_fused(q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None) -> Tensor:
    if is_widened(q):
        return _attend_fused(q.float(), k.float(), v.float(), visible).to(q.dtype)
    # one new position: the query heads that share a key/value head go to the kernel as its queries
    if q.shape[2] == 1:
        # (batch, kv_head, group, d_head)
        groups = q.reshape(q.shape[0], k.shape[1], -1, q.shape[-1])
        return F.scaled_dot_product_attention(groups, k, v, attn_mask=visible).reshape(q.shape)
    causal, grouped = visible is None, q.shape[1] != k.shape[1]
    return F.scaled_dot_product_attention(
        q, k, v, attn_mask=visible, is_causal=causal, enable_gqa=grouped
    )
