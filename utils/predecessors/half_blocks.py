"""GPTs whose blocks have one of the two layers alone: attention without feed-forward, or feed-forward
without attention. To see in training what each is needed for (Elhage et al. 2021 study the first
kind).
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from utils.model.attention import SharedInputs
from utils.model.config import GPTConfig
from utils.model.gpt import GPT, Block

Part = Literal["attn", "mlp"]


class AttentionBlock(Block):
    """A block that has attention and its norm, and nothing else."""

    taps = ("resid.pre", "resid.post")  # one fewer than a Block

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__(config, layer)
        del self.mlp_norm, self.mlp

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], shared: SharedInputs
    ) -> Float[Tensor, "batch pos d_model"]:
        """One step of the residual stream."""
        x = self.tap("resid.pre", x)
        return self.tap("resid.post", x + self.attn(self.attn_norm(x), shared))


class FeedForwardBlock(Block):
    """A block that has the feed-forward layer and its norm, and nothing else."""

    taps = ("resid.pre", "resid.post")  # one fewer than a Block

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__(config, layer)
        del self.attn_norm, self.attn

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], shared: SharedInputs
    ) -> Float[Tensor, "batch pos d_model"]:
        """One step of the residual stream."""
        x = self.tap("resid.pre", x)
        return self.tap("resid.post", x + self.mlp(self.mlp_norm(x)))


_BLOCKS: dict[Part, type[Block]] = {"attn": AttentionBlock, "mlp": FeedForwardBlock}


class HalfGPT(GPT):
    """The same model as GPT, but its blocks have attention alone ("attn"), or feed-forward layers
    alone ("mlp").
    """

    def __init__(self, config: GPTConfig, part: Part):
        super().__init__(config)
        block = _BLOCKS[part]
        self.blocks = nn.ModuleList(block(config, layer) for layer in range(config.n_layer))
        self.blocks.apply(self._init_linear)

    @torch.no_grad()
    def _init_linear(self, module: nn.Module) -> None:
        """GPT-2's start, with one writer to the stream in each block and not two."""
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        if isinstance(module, Block):
            writer = module.attn.output if hasattr(module, "attn") else module.mlp.down
            nn.init.normal_(writer.weight, std=0.02 / self.config.n_layer**0.5)
