"""Low-rank adaptation (LoRA; Hu et al. 2021, arXiv:2106.09685): a matrix stays as it is, and a
product of two thin ones is added to it and trained in its place.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization, remove_parametrizations

from utils.model.gpt import GPT
from utils.seeding import seeded


class LowRank(nn.Module):
    """W becomes W + up down. `up` begins as 0, so that nothing changes before the first step."""

    def __init__(self, d_out: int, d_in: int, rank: int):
        super().__init__()
        self.down = nn.Parameter(torch.randn(rank, d_in) / d_in**0.5)
        self.up = nn.Parameter(torch.zeros(d_out, rank))

    def forward(self, weight: Float[Tensor, "d_out d_in"]) -> Float[Tensor, "d_out d_in"]:
        """The weight that the layer multiplies by."""
        return weight + self.up @ self.down


def add_low_rank(model: GPT, rank: int, seed: int) -> int:
    """Freeze all weights, and add a LowRank of this rank to every matrix of the blocks: attention
    and feed-forward. How many numbers are then trained.

    `seed` draws the first values of `down`; the caller's random numbers stay as they were. Raises
    ValueError for a rank below 1.
    """
    if rank < 1:
        raise ValueError(f"the rank is {rank}; give a whole number from 1 up.")
    model.requires_grad_(False)
    with seeded(seed):
        for layer in _matrices(model):
            d_out, d_in = layer.weight.shape
            register_parametrization(layer, "weight", LowRank(d_out, d_in, rank).to(model.device))
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def merge_low_rank(model: GPT) -> None:
    """Put every product into its matrix: the same model, with the layers that it had before."""
    for layer in _matrices(model):
        remove_parametrizations(layer, "weight", leave_parametrized=True)
    model.requires_grad_(True)


def _matrices(model: GPT) -> list[nn.Linear]:
    return [module for module in model.blocks.modules() if isinstance(module, nn.Linear)]
