"""The transformer of 2017: an encoder that reads, and a decoder that writes and looks at what was
read (Vaswani et al., arXiv:1706.03762).

The norms stand inside the branches, as in most models since 2019; in 2017 they stood after each
addition.
"""

from dataclasses import replace

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.model.attention import CrossAttention, Memory, SharedInputs
from utils.model.config import GPTConfig
from utils.model.encoder import Encoder
from utils.model.gpt import GPT, Block, make_norm
from utils.model.taps import Tapped


class DecoderBlock(Block):
    """Causal self-attention, then cross-attention to the memory, then feed-forward."""

    taps = ("resid.pre", "resid.mid", "resid.cross", "resid.post")

    def __init__(self, config: GPTConfig, layer: int, cross_heads: int):
        super().__init__(config, layer)
        one_size = replace(
            config,
            n_head=cross_heads,
            n_kv_head=cross_heads,
            d_head=config.d_model // cross_heads,
        )
        self.cross_norm, self.cross = make_norm(config), CrossAttention(one_size, layer)

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], shared: SharedInputs
    ) -> Float[Tensor, "batch pos d_model"]:
        """One step of the residual stream. ValueError if there is no memory."""
        if shared.memory is None:
            raise ValueError(
                "a decoder with cross-attention was given no memory: give what an encoder has read."
            )
        x = self.tap("resid.pre", x)
        x = self.tap("resid.mid", x + self.attn(self.attn_norm(x), shared))
        x = self.tap("resid.cross", x + self.cross(self.cross_norm(x), shared.memory))
        return self.tap("resid.post", x + self.mlp(self.mlp_norm(x)))


class EncoderDecoder(Tapped):
    """Both, over one vocabulary. The towers read one table of vectors; the unembedding has its own. (In
    2017 all three were one.)

    config: of either, n_layer blocks each. cross_heads: heads of each cross-attention; with one,
    its pattern is the whole of what is looked up.
    """

    def __init__(self, config: GPTConfig, cross_heads: int = 1):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = GPT(config)
        self.decoder.blocks = nn.ModuleList(
            DecoderBlock(config, layer, cross_heads) for layer in range(config.n_layer)
        )
        self.decoder.apply(self.decoder._init_weights)
        self.decoder.embed.weight = self.encoder.embed.weight  # one table for both

    def forward(
        self,
        source: Int64[Tensor, "batch source"],
        real: Bool[Tensor, "batch source"],
        target: Int64[Tensor, "batch pos"],
    ) -> Float[Tensor, "batch pos vocab"]:
        """The logits of the symbol after each of `target`."""
        memory = Memory(self.encoder.hidden(source, real), real[:, None, None, :])
        positions = torch.arange(target.shape[1], device=target.device).expand_as(target)
        x = self.decoder.embed_at(target, positions)
        x = self.decoder.run_blocks(x, positions, memory=memory)
        logits: Tensor = self.decoder.unembed(self.decoder.final_norm(x))
        return logits
