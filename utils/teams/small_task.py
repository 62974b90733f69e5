"""A small training that every process of a team can do: a network of three layers and somewhat more
than a million weights, so that it is quickly sent, and five steps on 32 rows.
"""

from collections.abc import Callable, Iterable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import AdamW, Optimizer

from utils.seeding import seeded
from utils.teams.membership import Member

INPUTS, WIDTH, ANSWERS, ROWS, STEPS = 256, 1024, 10, 32, 5
EPS = 1e-4


def network(me: Member) -> nn.Sequential:
    """The same weights in every process. Layers 0, 2 and 4 are linear; 1 and 3 are ReLU."""
    with seeded(0):
        first, second = nn.Linear(INPUTS, WIDTH), nn.Linear(WIDTH, WIDTH)
        third = nn.Linear(WIDTH, ANSWERS)
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third).to(me.device)


def examples() -> tuple[Float[Tensor, "row input"], Int[Tensor, "row"]]:
    """32 rows of 256 numbers, and which of ten answers is right for each."""
    dice = torch.Generator().manual_seed(3)
    rows = torch.randn(ROWS, INPUTS, generator=dice)
    return rows, torch.randint(ANSWERS, (ROWS,), generator=dice)


def adam(weights: Iterable[Tensor]) -> AdamW:
    """The optimizer of all ways to share.

    With torch's eps of 1e-8 Adam takes the same steps for gradients of any scale, so a sum of
    gradients in place of their mean would go unnoticed. With EPS it makes 0.05 nats.
    """
    return AdamW(weights, lr=1e-3, eps=EPS)


def five_steps(
    net: Callable[[Tensor], Tensor],
    optimizer: Optimizer,
    x: Float[Tensor, "row input"],
    y: Int[Tensor, "row"],
    exchange: Callable[[], None] | None = None,
) -> list[float]:
    """Train, and give the loss of each step, in nats.

    `exchange` is called when the gradients are there, before they are used.
    """
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = cross_entropy(net(x), y)
        loss.backward()
        if exchange is not None:
            exchange()
        optimizer.step()
        losses.append(loss.item())
    return losses
