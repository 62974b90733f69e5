"""The loss of one batch as a sum and a count, so that batches of different sizes can be added up
and weigh rightly.

The mean of means is not the mean: a batch with 3 tokens to learn would weigh as much as one with
300. So `train` adds up the sums and the counts of all batches of a step, whichever process they are
in, and divides once.
"""

from collections.abc import Callable, Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from utils.training.batches import Batch
from utils.training.losses import token_losses

Loss = Callable[[nn.Module, Batch], tuple[Tensor, int]]


def next_token_loss(model: nn.Module, batch: Batch) -> tuple[Float[Tensor, ""], int]:
    """The sum of -log P(token) over the tokens to learn, in nats, and how many there are: the
    default of `train`.

    `batch`: "ids", int64 (batch, pos), of which the model reads all but the last, and perhaps
    "learn", bool of the same shape, True for the tokens to learn. The first token has nothing before
    it, and is never learned.
    """
    ids, learn = batch["ids"], batch.get("learn")
    losses = token_losses(model(ids[:, :-1]), ids[:, 1:])  # (batch, pos - 1)
    if learn is None:
        return losses.sum(), losses.numel()
    learn = learn[:, 1:]
    return losses.masked_fill(~learn, 0.0).sum(), int(learn.sum())


def mean_loss(model: nn.Module, batches: Iterable[Batch], loss: Loss = next_token_loss) -> float:
    """The loss over all targets of `batches`, without gradients: for texts that the model was not
    trained on.
    """
    total, count = 0.0, 0
    with torch.no_grad():
        for batch in batches:
            summed, targets = loss(model, on_device_of(model, batch))
            total, count = total + float(summed), count + targets
    if count == 0:
        raise ValueError(
            "these batches have no target, so they have no mean loss: give at least one token to "
            "predict."
        )
    return total / count


def on_device_of(model: nn.Module, batch: Batch) -> Batch:
    """The batch's tensors where the model's parameters are."""
    device = next(model.parameters()).device
    return {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}
