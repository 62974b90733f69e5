"""Training a classifier on random mini-batches, for comparisons in which the rate is all that is
tuned.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "SGD": torch.optim.SGD,
    "Adam": torch.optim.Adam,
}


def train_classifier(
    model: nn.Module,
    x: Float[Tensor, "example input"],
    labels: Int64[Tensor, " example"],
    *,
    optimizer: str,
    rate: float | int,
    steps: int,
    warmup: int = 0,
    batch: int = 64,
    seed: int = 0,
) -> Iterator[float]:
    """Take `steps` steps down the cross-entropy, and yield the loss of each batch before its step.

    optimizer: "SGD", plain, or "Adam" with torch's defaults. warmup: over so many steps the rate
        rises evenly to `rate`. seed: of the batches, which are drawn with replacement.
    Raises ValueError for another optimizer. A loss that is no longer finite ends the training, for
    nothing comes after it.
    """
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"there is no optimizer {optimizer!r}: take {' or '.join(OPTIMIZERS)}.")
    # fused: all parameters of a deep stack in one call
    stepper = OPTIMIZERS[optimizer](model.parameters(), lr=rate, fused=True)  # type: ignore[call-arg]
    rng = torch.Generator().manual_seed(seed)
    for step in range(steps):
        stepper.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / (warmup + 1))
        rows = torch.randint(len(x), (batch,), generator=rng)
        with torch.enable_grad():
            loss = cross_entropy(model(x[rows]), labels[rows])
        stepper.zero_grad()
        loss.backward()
        stepper.step()
        yield loss.item()
        if not loss.isfinite():
            return


@torch.no_grad()
def accuracy(
    model: nn.Module, x: Float[Tensor, "example input"], labels: Int64[Tensor, " example"]
) -> float:
    """The share of examples whose highest score is that of their label. A score that is no number
    is never right.
    """
    scores = model(x)
    right = (scores.argmax(dim=1) == labels) & scores.isfinite().all(dim=1)
    return float(right.double().mean())
