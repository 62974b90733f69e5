"""A GPT with the norms where the first transformer had them (Vaswani et al., arXiv:1706.03762):
after each addition, on the residual stream itself.

GPT-2 moved them into the branches (pre-norm), and nearly all language models since have them there;
Xiong et al., arXiv:2002.04745, say why.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from utils.model.attention import SharedInputs
from utils.model.config import GPTConfig
from utils.model.gpt import GPT, Block


class PostNormBlock(Block):
    """Attention, then feed-forward; each adds its result to the residual stream, and the stream is
    normalised after each addition.
    """

    def forward(
        self, x: Float[Tensor, "batch pos d_model"], shared: SharedInputs
    ) -> Float[Tensor, "batch pos d_model"]:
        """One step of the residual stream."""
        x = self.tap("resid.pre", x)
        x = self.tap("resid.mid", self.attn_norm(x + self.attn(x, shared)))
        return self.tap("resid.post", self.mlp_norm(x + self.mlp(x)))


class PostNormGPT(GPT):
    """The same model as GPT but for the places of the norms.

    Its last block ends in a norm, so that there is no other one before the unembedding.
    """

    def __init__(self, config: GPTConfig):
        super().__init__(config)
        self.blocks = nn.ModuleList(PostNormBlock(config, n) for n in range(config.n_layer))
        self.final_norm = nn.Identity()  # type: ignore[assignment]
        self.blocks.apply(self._init_weights)


@torch.no_grad()
def xavier_start(model: nn.Module) -> None:
    """Draw the weights of all linear layers anew, as 2017's models did (Glorot & Bengio 2010): not
    smaller with the depth, as GPT-2's are.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
