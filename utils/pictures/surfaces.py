"""Three surfaces over a plane, to walk down on: a bowl, two valleys, and a saddle."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class Surface(NamedTuple):
    """A cost of two parameters.

    `height` takes the two and gives the cost, for numbers as for whole grids. `gradient` takes a
    point, (2,), and gives how fast the height grows along each of the two, (2,).
    """

    height: Callable[[Tensor, Tensor], Tensor]
    gradient: Callable[[Tensor], Tensor]


def _bowl(x: Float[Tensor, "*grid"], y: Float[Tensor, "*grid"]) -> Float[Tensor, "*grid"]:
    return 0.3 * x**2 + y**2


def _up_the_bowl(point: Float[Tensor, " 2"]) -> Float[Tensor, " 2"]:
    x, y = point
    return torch.stack([0.6 * x, 2 * y])


def _two_valleys(x: Float[Tensor, "*grid"], y: Float[Tensor, "*grid"]) -> Float[Tensor, "*grid"]:
    return 0.25 * (x**2 - 1) ** 2 + 0.2 * x + 0.5 * y**2


def _out_of_the_valleys(point: Float[Tensor, " 2"]) -> Float[Tensor, " 2"]:
    x, y = point
    return torch.stack([x * (x**2 - 1) + 0.2, y])


def _saddle(x: Float[Tensor, "*grid"], y: Float[Tensor, "*grid"]) -> Float[Tensor, "*grid"]:
    return 0.3 * (x**2 - y**2) + 0.05 * y**4


def _up_the_saddle(point: Float[Tensor, " 2"]) -> Float[Tensor, " 2"]:
    x, y = point
    return torch.stack([0.6 * x, -0.6 * y + 0.2 * y**3])


SURFACES = {
    "bowl": Surface(_bowl, _up_the_bowl),
    "two valleys": Surface(_two_valleys, _out_of_the_valleys),
    "saddle": Surface(_saddle, _up_the_saddle),
}
