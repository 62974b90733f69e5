"""Exercise 05.1: by which factor a gradient changes from layer to layer."""

import itertools
import math
import statistics
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "05.1",
    minutes=8,
    hints=(
        "On the way back one starts at the last layer and ends at the first. How many steps lie "
        "between them, if there are n layers?",
        "n - 1 equal steps multiply by r ** (n - 1) in all. What is that number, from norms[0] and "
        "norms[-1]?",
        "(norms[0] / norms[-1]) ** (1 / (n - 1)), with n = len(norms). Take .item() of the result.",
    ),
)
def factor_per_layer(norms: torch.Tensor) -> float:
    """By which factor does a gradient change with each layer that it goes back?

    If it were the same factor r for each layer, n - 1 such steps would lead from the
    last layer to the first. Below 1: it vanishes on the way back. Above 1: it
    explodes.

    norms: the length of the gradient of each layer, the first layer first, shape (layer,).
    There are 2 layers or more, and no length is 0.
    Returns r, a float.
    """
    steps = len(norms) - 1
    return ((norms[0] / norms[-1]) ** (1 / steps)).item()


@factor_per_layer.also_right
def _mean_of_the_logarithms(norms: Tensor) -> float:
    logs = norms.log()
    return float((logs[:-1] - logs[1:]).mean().exp())


@factor_per_layer.also_right
def _geometric_mean_of_the_steps(norms: Tensor) -> float:
    numbers = norms.tolist()
    return statistics.geometric_mean(a / b for a, b in itertools.pairwise(numbers))


@factor_per_layer.also_right
def _numpy_slope_of_a_line(norms: Tensor) -> float:
    ends = np.log10(norms.numpy()[[0, -1]])
    return float(10 ** ((ends[0] - ends[1]) / (len(norms) - 1)))


@factor_per_layer.wrong(
    "How many steps are there between n layers? One less than layers: there is no step behind the "
    "last. Here the root is one too high."
)
def _as_many_steps_as_layers(norms: Tensor) -> float:
    return ((norms[0] / norms[-1]) ** (1 / len(norms))).item()


@factor_per_layer.wrong(
    "Is this the factor of one layer? It is that of all steps together: first over last. Take the "
    "root that undoes n - 1 multiplications."
)
def _whole_ratio(norms: Tensor) -> float:
    return (norms[0] / norms[-1]).item()


@factor_per_layer.wrong(
    "In which direction does a gradient travel? From the last layer to the first. This is the "
    "factor for going forwards: turn the fraction over."
)
def _forwards(norms: Tensor) -> float:
    return ((norms[-1] / norms[0]) ** (1 / (len(norms) - 1))).item()


@factor_per_layer.wrong(
    "Are the steps added, or multiplied? Dividing the ratio by the number of steps would be for "
    "adding. Factors ask for a root."
)
def _ratio_shared_out(norms: Tensor) -> float:
    return (norms[0] / norms[-1]).item() / (len(norms) - 1)


@factor_per_layer.wrong(
    "Which mean do factors have? Half and then double is no change; their ordinary mean says 1.25. "
    "Average the logarithms, or take the root of the product."
)
def _ordinary_mean_of_the_factors(norms: Tensor) -> float:
    return (norms[:-1] / norms[1:]).mean().item()


@factor_per_layer.wrong(
    "Is one step enough? This looks at the last two layers alone. Use the whole way from the last "
    "to the first."
)
def _last_step_alone(norms: Tensor) -> float:
    return (norms[-2] / norms[-1]).item()


@factor_per_layer.wrong(
    "Is one step enough? This looks at the first two layers alone. Use the whole way from the last "
    "to the first."
)
def _first_step_alone(norms: Tensor) -> float:
    return (norms[0] / norms[1]).item()


@factor_per_layer.wrong(
    "Is this the factor, or its logarithm? The mean of the logarithms still has to go through exp."
)
def _logarithm_left(norms: Tensor) -> float:
    return ((norms[0] / norms[-1]).log() / (len(norms) - 1)).item()


@factor_per_layer.wrong(
    "Is it a difference? Gradients that go from 1 to 1e-7 lose nearly all in the first step, by "
    "that measure. It is a factor: divide, do not subtract."
)
def _difference_per_layer(norms: Tensor) -> float:
    return (norms[0] - norms[-1]).item() / (len(norms) - 1)


@factor_per_layer.wrong(
    "Do all stacks have 80 layers? The number of steps comes from len(norms). Here it is always 79."
)
def _always_79_steps(norms: Tensor) -> float:
    return ((norms[0] / norms[-1]) ** (1 / 79)).item()


@factor_per_layer.wrong(
    "Base 10, or base e? log10 was used on the way in, and exp on the way out. Use one base for both."
)
def _two_bases(norms: Tensor) -> float:
    return math.exp(math.log10((norms[0] / norms[-1]).item()) / (len(norms) - 1))


@factor_per_layer.inputs
def _stacks(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([0.125, 0.25, 0.5], dtype=torch.float64),)
    yield (torch.tensor([3.0, 1.0], dtype=torch.float64),)
    for layers, factor in ((5, 0.4), (9, 0.9), (12, 1.5), (20, 0.02), (31, 3.0), (7, 1.0)):
        for size in (1e-3, 4.0):
            steps = factor * torch.randn(layers - 1, generator=rng, dtype=torch.float64).exp()
            back = torch.cat([torch.ones(1, dtype=torch.float64), steps]).cumprod(dim=0)
            yield (size * back.flip(0),)
