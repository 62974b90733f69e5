"""One decoder that is GPT-2 or Llama by its configuration.

GPT-2 (Radford et al. 2019): LayerNorm, learned positions, GELU. Llama (Touvron et al. 2023):
RMSNorm, rotary positions, SwiGLU, fewer key/value heads than query heads. Both are the same loop:
embed, then attention and feed-forward in turn, each added to a residual stream, then a norm and the
unembedding.

Shapes: batch, pos (query, key inside attention), d_model, head, kv_head, d_head, d_mlp, vocab,
    layer.
"""

from itertools import islice
from typing import ClassVar, Protocol

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.model.attention import Attention, Memory, SharedInputs
from utils.model.config import GPTConfig
from utils.model.feed_forward import MLP
from utils.model.kv_cache import KVCache
from utils.model.linear import Linear
from utils.model.masks import causal_mask
from utils.model.rms_norm import RMSNorm
from utils.model.rotary import Rotation, rope_rotation
from utils.model.sinusoids import sinusoids
from utils.model.taps import Tapped


class Block(Tapped):
    """Attention, then feed-forward; each reads a normalised copy of the residual stream and adds
    its result to it.
    """

    taps: ClassVar[tuple[str, ...]] = ("resid.pre", "resid.mid", "resid.post")

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__()
        self.attn_norm, self.attn = make_norm(config), Attention(config, layer)
        self.mlp_norm, self.mlp = make_norm(config), MLP(config)

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], shared: SharedInputs
    ) -> Float[Tensor, "batch pos d_model"]:
        """One step of the residual stream."""
        x = self.tap("resid.pre", x)
        x = self.tap("resid.mid", x + self.attn(self.attn_norm(x), shared))
        return self.tap("resid.post", x + self.mlp(self.mlp_norm(x)))


def make_norm(config: GPTConfig) -> nn.LayerNorm | RMSNorm:
    """LayerNorm (Ba et al. 2016) or RMSNorm (Zhang & Sennrich 2019) over d_model."""
    norm = nn.LayerNorm if config.norm == "layernorm" else RMSNorm
    return norm(config.d_model, eps=config.norm_eps)


class Unembedding(Protocol):
    """The last layer: (..., d_model) -> (..., vocab). Its weight may be that of the embedding."""

    weight: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """The logits."""
        ...


class GPT(Tapped):
    """A decoder-only transformer: token ids in, a score for every token of the vocabulary out, at
    every position.

    Activations of its own: embed (batch, pos, d_model), what enters the first block; final_norm,
    what is unembedded.
    """

    taps = ("embed", "final_norm")
    unembed: Unembedding

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

    def block(self, layer: int) -> Block:
        """The block of a layer; IndexError where there is none."""
        block = self.blocks[layer]
        if not isinstance(block, Block):
            raise TypeError(f"layer {layer} of this model is a {type(block).__name__}, no Block.")
        return block

    def forward(
        self,
        ids: Int64[Tensor, "batch pos"],
        real: Bool[Tensor, "batch pos"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch pos vocab"]:
        """The logits, in float32: row [b, i] scores every candidate for the token after ids[b, i].

        `real` is True for real tokens and False for padding in front of them; positions count real
        tokens only, so padding changes nothing. With a `cache`, `ids` are the tokens after those
        already in it. Raises ValueError where ids do not fit the vocabulary or the context.
        """
        return self.unembed(self.hidden(ids, real, cache)).float()

    def next_logits(
        self,
        ids: Int64[Tensor, "batch pos"],
        real: Bool[Tensor, "batch pos"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch vocab"]:
        """The logits after the last token of each row, in float32: `forward(...)[:, -1]`.

        Quicker than that, as no other position is unembedded.
        """
        last = self.hidden(ids, real, cache)[:, -1:]
        return self.unembed(last)[:, 0].float()

    def hidden(
        self,
        ids: Int64[Tensor, "batch pos"],
        real: Bool[Tensor, "batch pos"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch pos d_model"]:
        """The residual stream after all blocks and the final norm: what the unembedding reads."""
        self._check_ids(ids, cache)
        positions, visible = self.layout(ids, real, cache)
        x = self.run_blocks(self.embed_at(ids, positions), positions, visible, cache)
        if cache is not None:
            cache.advance(ids.shape[1])
        return self.tap("final_norm", self.final_norm(x))

    def layout(
        self,
        ids: Int64[Tensor, "batch pos"],
        real: Bool[Tensor, "batch pos"] | None,
        cache: KVCache | None,
    ) -> tuple[Int64[Tensor, "batch pos"], Bool[Tensor, "batch 1 pos key"] | None]:
        """The position number of each new token, and which keys it may look at: itself and the real
        ones before it.
        """
        return _causal_layout(ids, real, cache)

    def embed_at(
        self, ids: Int64[Tensor, "batch pos"], positions: Int64[Tensor, "batch pos"]
    ) -> Float[Tensor, "batch pos d_model"]:
        """What enters the first block: the tokens' vectors, with their positions if those are
        added.
        """
        x = self.embed(ids)
        if self.config.position == "learned":
            x = x + self.position_embed(positions)
        if self.config.position == "sinusoid":
            # the paper makes the embedding larger, so that the sinusoids do not drown it
            x = x * self.config.d_model**0.5 + sinusoids(positions, self.config.d_model).to(x.dtype)
        return self.tap("embed", x)

    def run_blocks(
        self,
        x: Float[Tensor, "batch pos d_model"],
        positions: Int64[Tensor, "batch pos"],
        visible: Bool[Tensor, "batch 1 query key"] | None = None,
        cache: KVCache | None = None,
        first: int = 0,
        memory: Memory | None = None,
    ) -> Float[Tensor, "batch pos d_model"]:
        """The residual stream after the last block, from what it is before block `first`; see
        SharedInputs for `visible` and `memory`.
        """
        shared = SharedInputs(visible, self._rotation(positions), cache, memory)
        for block in islice(self.blocks, first, None):
            x = block(x, shared)
        return x

    def _rotation(self, positions: Int64[Tensor, "batch pos"]) -> Rotation | None:
        config = self.config
        if config.position != "rope":
            return None
        return rope_rotation(positions, config.d_head, config.rope_base, config.rope_stretch)

    @property
    def device(self) -> torch.device:
        """Where the model is, and where its ids belong."""
        return self.embed.weight.device

    def new_cache(self, batch: int, max_pos: int) -> KVCache:
        """An empty cache for `batch` sequences of at most `max_pos` tokens, on the model's device
        and in its dtype.

        Raises ValueError if `max_pos` is not from 1 to the model's context length.
        """
        config = self.config
        if not 1 <= max_pos <= config.context_length:
            raise ValueError(
                f"a cache for {max_pos} positions was asked for; this model's context holds "
                f"{config.context_length}, "
                f"so choose max_pos from 1 to {config.context_length}."
            )
        weight = self.final_norm.weight  # in the type of the activations, always
        shape = (config.n_layer, batch, config.n_kv_head, max_pos, config.d_head)
        keys = torch.empty(shape, dtype=weight.dtype, device=self.device)
        return KVCache(keys, torch.empty_like(keys))

    def _check_ids(self, ids: Tensor, cache: KVCache | None) -> None:
        config, before = self.config, 0 if cache is None else cache.length
        if ids.ndim != 2 or ids.dtype != torch.int64 or ids.numel() == 0:
            raise ValueError(
                f"ids are {ids.dtype} of shape {tuple(ids.shape)}; give int64 ids of shape "
                "(batch, pos), at least one."
            )
        if before + ids.shape[1] > config.context_length:
            raise ValueError(
                f"the text is {before + ids.shape[1]} tokens long, but this model's context holds "
                f"{config.context_length}: shorten the text."
            )
        lowest, highest = (int(extreme) for extreme in ids.aminmax())
        if lowest < 0 or highest >= config.vocab_size:
            raise ValueError(
                f"ids run from {lowest} to {highest}, but this model knows 0 to "
                f"{config.vocab_size - 1}: "
                f"encode the text with the tokenizer that was loaded with the model."
            )

    def _init_weights(self, module: nn.Module) -> None:
        """GPT-2's start: normal(0, 0.02), and the two writers to the residual stream scaled down
        with the depth.
        """
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if isinstance(module, Block):
            for writer in (module.attn.output, module.mlp.down):
                nn.init.normal_(writer.weight, std=0.02 / (2 * self.config.n_layer) ** 0.5)


def _causal_layout(
    ids: Int64[Tensor, "batch pos"], real: Bool[Tensor, "batch pos"] | None, cache: KVCache | None
) -> tuple[Int64[Tensor, "batch pos"], Bool[Tensor, "batch 1 pos key"] | None]:
    batch, new = ids.shape
    before = 0 if cache is None else cache.length
    if cache is not None:
        real = cache.reserve(batch, new, real)  # (batch, key), earlier tokens included
    if real is None:  # no padding anywhere
        positions = torch.arange(before, before + new, device=ids.device).expand(batch, new)
        plain = before == 0 or new == 1  # see SharedInputs
        return positions, None if plain else causal_mask(new, before + new, ids.device).expand(
            batch, -1, -1, -1
        )
    key = torch.arange(real.shape[1], device=real.device)
    query = key[-new:, None]
    # A padding token may look at itself only: a row of -inf alone would turn into NaN.
    visible = ((key < query) & real[:, None, None, :]) | (key == query)
    positions = (real.cumsum(dim=1) - 1).clamp(min=0)[:, -new:]
    return positions, visible
