"""BERT's task: some symbols of a text are hidden, and to be guessed from both sides (Devlin et al.,
arXiv:1810.04805, section 3.1).

    batches = MaskedWindows(text.train, length=64, batch_size=16, mask=mask_id)
    train(encoder, batches, config, loss=masked_loss)
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.training.batches import Batch, RandomWindows
from utils.training.losses import token_losses

RATE = 0.15  # BERT's


def hide(
    ids: Int64[Tensor, "batch pos"], mask: int, rng: torch.Generator, rate: float = RATE
) -> tuple[Int64[Tensor, "batch pos"], Bool[Tensor, "batch pos"]]:
    """A copy in which each symbol is hidden with the chance `rate`, and which ones are.

    Always by `mask`. (BERT hides 8 of 10 so, puts a random symbol for another, and leaves one as it
    is, for the tasks that come after, which have no masks.)
    """
    hidden = torch.rand(ids.shape, generator=rng) < rate
    return ids.masked_fill(hidden, mask), hidden


class MaskedWindows:
    """Numbered batches of random windows with hidden symbols: "ids", "targets" and "learn"."""

    def __init__(
        self,
        tokens: Sequence[int] | Tensor | np.ndarray,
        length: int,
        batch_size: int,
        mask: int,
        rate: float = RATE,
        seed: int = 0,
    ):
        self.windows = RandomWindows(tokens, length - 1, batch_size, seed)
        self.mask, self.rate, self.seed = mask, rate, seed

    def __getitem__(self, number: int) -> Batch:
        targets = self.windows[number]["ids"]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        ids, hidden = hide(targets, self.mask, rng, self.rate)
        return {"ids": ids, "targets": targets, "learn": hidden}


def masked_loss(model: nn.Module, batch: Batch) -> tuple[Float[Tensor, ""], int]:
    """The sum of -log P(symbol) over the hidden symbols, in nats, and how many there are."""
    learn = batch["learn"]
    losses = token_losses(model(batch["ids"]), batch["targets"])
    return losses.masked_fill(~learn, 0.0).sum(), int(learn.sum())
