"""Activation checkpointing: keep what enters each block, and compute the rest again when the
gradient needs it.

Training keeps every intermediate value for the backward pass. With this only one block's are in
memory at a time, for about a third more work (Chen et al. 2016, "Training deep nets with sublinear
memory cost"). The gradients are the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint

from utils.model.gpt import Block


@contextmanager
def recomputed_blocks(model: nn.Module) -> Iterator[None]:
    """Checkpoint every block of `model`, for as long as the `with` block lasts.

    The backward pass belongs inside. Raises ValueError if the model has no blocks.
    """
    blocks = [module for module in model.modules() if isinstance(module, Block)]
    if not blocks:
        raise ValueError(
            f"{type(model).__name__} has no Block in it whose activations could be recomputed."
        )
    for block in blocks:
        # on the instance, in front of the class's own
        vars(block)["forward"] = partial(checkpoint, block.forward, use_reentrant=False)
    try:
        yield
    finally:
        for block in blocks:
            del vars(block)["forward"]  # the class's own comes back
