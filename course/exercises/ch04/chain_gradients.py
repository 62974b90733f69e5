"""Exercise 04.1: the gradients of one neuron, by the chain rule."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.1",
    minutes=10,
    hints=(
        "Go backward, link by link: C depends on a, a depends on z, and z depends on w, b and "
        "a_prev.",
        "dC/da = 2 (a - y), and da/dz = sigma'(z), which is a (1 - a). Their product is dC/dz, and "
        "all three answers begin with it.",
        "z = w * a_prev + b, so dz/dw is a_prev, dz/db is 1 and dz/da_prev is w. Multiply dC/dz by "
        "each of them.",
    ),
)
def neuron_gradients(w: float, b: float, a_prev: float, y: float) -> list[float]:
    """The gradients of one neuron, by the chain rule.

    The neuron computes z = w * a_prev + b and a = sigma(z), with the sigmoid sigma.
    Its cost is C = (a - y)**2.

    w, b: its weight and its bias.
    a_prev: the activation that comes in.
    y: what a should have been.
    Returns [dC/dw, dC/db, dC/da_prev], three numbers.
    """
    a = 1 / (1 + math.exp(-(w * a_prev + b)))
    dC_dz = 2 * (a - y) * a * (1 - a)  # dC/da times da/dz
    return [dC_dz * a_prev, dC_dz, dC_dz * w]


@neuron_gradients.also_right
def _torch_autograd(w: float, b: float, a_prev: float, y: float) -> list[Tensor | None]:
    with torch.enable_grad():
        leaves = [torch.tensor(value, requires_grad=True) for value in (w, b, a_prev)]
        a = torch.sigmoid(leaves[0] * leaves[2] + leaves[1])
        ((a - y) ** 2).backward()
    return [leaf.grad for leaf in leaves]


@neuron_gradients.also_right
def _central_differences(w: float, b: float, a_prev: float, y: float) -> tuple[float, ...]:
    def cost(w: float, b: float, a_prev: float) -> float:
        return (1 / (1 + math.exp(-w * a_prev - b)) - y) ** 2

    h, at = 1e-5, np.array([w, b, a_prev])
    return tuple((cost(*(at + h * way)) - cost(*(at - h * way))) / (2 * h) for way in np.eye(3))


@neuron_gradients.also_right
def _forward_in_small_steps(w: float, b: float, a_prev: float, y: float) -> tuple[np.floating, ...]:
    power = np.exp(-(np.float64(w) * a_prev + b))
    a = 1 / (1 + power)
    slope_of_sigma = power / (1 + power) ** 2  # another form of a (1 - a)
    d_bias = (2 * a - 2 * y) * slope_of_sigma
    return a_prev * d_bias, d_bias, w * d_bias


def _sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _neuron(
    w: float,
    b: float,
    a_prev: float,
    y: float,
    *,
    z: Callable[[float, float, float], float] = lambda w, b, a_prev: w * a_prev + b,
    of_cost: Callable[[float, float], float] = lambda a, y: 2 * (a - y),
    of_sigma: Callable[[float], float] = lambda a: a * (1 - a),
) -> list[float]:
    """The right chain, with links that can be put wrongly."""
    a = _sigma(z(w, b, a_prev))
    through = of_cost(a, y) * of_sigma(a)
    return [through * a_prev, through, through * w]


@neuron_gradients.wrong(
    "Where is the slope of sigma taken? At z. In terms of a, it is a (1 - a); a is no z that still "
    "has to be squeezed."
)
def _slope_of_sigma_at_a(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: _sigma(a) * (1 - _sigma(a)))


@neuron_gradients.wrong(
    "What is the slope of sigma? It is a (1 - a), with what comes out. z (1 - z) has no meaning."
)
def _slope_of_sigma_from_z(w: float, b: float, a_prev: float, y: float) -> list[float]:
    z = w * a_prev + b
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: z * (1 - z))


@neuron_gradients.wrong("What is the derivative of a square? The 2 comes down in front.")
def _two_forgotten(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: a - y)


@neuron_gradients.wrong(
    "Which is subtracted from which? If a is too large, a larger a costs more: a - y."
)
def _sign(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: 2 * (y - a))


@neuron_gradients.wrong(
    "Is a link of the chain missing? Between a and z stands sigma, and its slope is a (1 - a)."
)
def _no_slope_of_sigma(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: 1.0)


@neuron_gradients.wrong(
    "Does the cost play a part? These are the slopes of a. The first link, dC/da, is missing."
)
def _no_slope_of_the_cost(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: 1.0)


@neuron_gradients.wrong(
    "Which is the first link? The slope of the cost, 2 (a - y), and not the cost itself."
)
def _the_cost_itself(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: (a - y) ** 2)


@neuron_gradients.wrong("Can sigma get steeper and steeper? Its slope is a (1 - a), with a minus.")
def _plus_in_the_slope(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: a * (1 + a))


@neuron_gradients.wrong("Whose slope is 1 - a²? That of tanh. The sigmoid's is a (1 - a).")
def _slope_of_tanh(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: 1 - a * a)


@neuron_gradients.wrong(
    "What is in z? The bias is missing in the forward pass, so a is not the neuron's activation."
)
def _bias_not_in_z(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, z=lambda w, b, a_prev: w * a_prev)


@neuron_gradients.wrong(
    "How does z change when w moves a little? By a_prev times as much: w and a_prev have changed "
    "places."
)
def _factors_swapped(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, of_b, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_a_prev, of_b, of_w]


@neuron_gradients.wrong(
    "How does z change when b moves a little? By just as much: dz/db is 1, and not a_prev."
)
def _bias_with_a_prev(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, _, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_w, of_w, of_a_prev]


@neuron_gradients.wrong(
    "Does the size of b matter for dz/db? z grows by as much as b does, so that slope is 1, not b."
)
def _bias_with_itself(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, of_b, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_w, of_b * b, of_a_prev]


@neuron_gradients.wrong(
    "Which chain leads to b? The same as to w: through the cost and through sigma. Only the last "
    "link, dz/db, is 1."
)
def _bias_alone_is_one(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, _, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_w, 1.0, of_a_prev]


@neuron_gradients.wrong(
    "What is asked for? The gradients; these are w, b and a_prev after a step downhill."
)
def _a_step_downhill(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return [
        value - slope for value, slope in zip((w, b, a_prev), _neuron(w, b, a_prev, y), strict=True)
    ]


@neuron_gradients.inputs
def _neurons(rng: torch.Generator) -> Iterator[tuple[float, float, float, float]]:
    yield 1.0, 0.0, 1.0, 0.0
    yield 2.0, -1.0, 0.5, 1.0  # z is 0
    yield -1.5, 0.5, 0.0, 1.0  # nothing comes in
    for size in (0.01, 0.5, 1.0, 2.0):
        for target in (0.0, 1.0, 0.3):
            w, b = (torch.randn(2, generator=rng, dtype=torch.float64) * size).clamp(-3, 3).tolist()
            yield w, b, 0.05 + 0.9 * float(torch.rand(1, generator=rng)), target
    yield 60.0, -1.0, 0.03, -2.0
    yield 0.02, 1.0, -70.0, 5.0  # the activation of a neuron without a sigmoid
