"""The smallest loss on which optimizers differ: a bowl over two weights, steeper along the one than
along the other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim import Optimizer

MakeOptimizer = Callable[[list[Tensor]], Optimizer]


@dataclass(frozen=True)
class Bowl:
    """(along * x^2 + across * y^2) / 2: a valley along x if `across` is the larger curvature."""

    along: float = 1.0
    across: float = 25.0

    def height(
        self, x: Float[Tensor, "*grid"], y: Float[Tensor, "*grid"]
    ) -> Float[Tensor, "*grid"]:
        """The loss, for numbers as for whole grids."""
        return (self.along * x**2 + self.across * y**2) / 2


def walk(
    bowl: Bowl, make: MakeOptimizer, start: tuple[float, float], steps: int
) -> Float[Tensor, "step 2"]:
    """Where an optimizer goes: the start, and the place after each of `steps` updates.

    make: gives the optimizer of the weights, for example
    `lambda weights: torch.optim.SGD(weights, lr=0.1)`.
    """
    # float64: a walk that runs away stays a number for longer than a picture needs
    weights = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([weights])
    places = [weights.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        bowl.height(*weights).backward()
        optimizer.step()
        places.append(weights.detach().clone())
    return torch.stack(places)


def steps_until(bowl: Bowl, places: Float[Tensor, "step 2"], share: float) -> int | None:
    """After how many steps the loss is below `share` of the first one and stays there; None if it
    is not at the end.
    """
    heights = bowl.height(*places.T)
    above = (~(heights <= share * heights[0])).nonzero().flatten()  # NaN counts as above
    first = int(above[-1]) + 1 if len(above) else 0
    return first if first < len(places) else None
