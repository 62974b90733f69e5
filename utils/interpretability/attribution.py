"""What the loss would be without each attention head, estimated for all of them at once.

A number `a` with the slope `g` changes the loss by about -a * g when it becomes 0. One backward
pass gives the slopes of all that every head has gathered: this is attribution patching (Nanda
2023; Syed et al., arXiv:2310.10348), here with zero ablation. It holds for small changes.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy

from utils.model.gpt import GPT
from utils.model.taps import trace


def loss_changes_estimated(model: GPT, ids: Int64[Tensor, " pos"]) -> Float[Tensor, "layer head"]:
    """About how much the mean loss (nats a token) of a text rises without each of the heads.

    Raises ValueError for a text of fewer than two tokens, in which nothing is predicted.
    """
    if len(ids) < 2:
        raise ValueError(f"the text has {len(ids)} tokens; give two or more, so that one follows.")
    with torch.enable_grad(), trace(model) as t:
        loss = cross_entropy(model(ids[None])[0, :-1].float(), ids[1:])
        layers = range(model.config.n_layer)
        gathered = [t[f"blocks.{layer}.attn.mixed"] for layer in layers]
        slopes = torch.autograd.grad(loss, gathered)  # (batch, head, pos, d_head) each
    changes = [
        -(number * slope).detach().sum(dim=(0, 2, 3))
        for number, slope in zip(gathered, slopes, strict=True)
    ]
    return torch.stack(changes)
