"""The order of 2017: the norm comes after the addition.

"Attention is all you need" normalises the sum: x = norm(x + sublayer(x)). GPT-2 and all that came
after it normalise what a sublayer reads, x = x + sublayer(norm(x)), and leave the residual stream
alone. Xiong et al. (2020) showed what the difference does to the gradients at the start.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from utils.model.attention import SharedInputs
from utils.model.config import GPTConfig
from utils.model.gpt import GPT, Block


class PostNormBlock(Block):
    """The same parts as Block, each norm behind its addition."""

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], shared: SharedInputs
    ) -> Float[Tensor, "batch pos d_model"]:
        """One step of the residual stream, which is normalised twice."""
        x = self.tap("resid.pre", x)
        x = self.tap("resid.mid", self.attn_norm(x + self.attn(x, shared)))
        return self.tap("resid.post", self.mlp_norm(x + self.mlp(x)))


def post_norm_gpt(config: GPTConfig) -> GPT:
    """A GPT of post-norm blocks. It needs no norm at its end: its last block has one."""
    model = GPT(config)
    model.blocks = nn.ModuleList(PostNormBlock(config, layer) for layer in range(config.n_layer))
    model.add_module("final_norm", nn.Identity())
    model.apply(model._init_weights)
    return model


@torch.no_grad()
def xavier_start(model: nn.Module) -> None:
    """Draw the weights of all linear layers anew, as 2017's models did (Glorot & Bengio 2010): not
    smaller with the depth, as GPT-2's are.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
