"""A very small GPT for tests of alignment, and its end token."""

import torch

from utils.model.config import GPTConfig
from utils.model.gpt import GPT

END = 4


def small_gpt(seed=0, position="learned"):
    torch.manual_seed(seed)
    model = GPT(
        GPTConfig(
            vocab_size=7, context_length=12, n_layer=2, n_head=2, d_model=8, position=position
        )
    )
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return model
