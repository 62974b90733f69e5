"""Exercise 04.1: the gradients of two neurons in a row, by the chain rule."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.1",
    minutes=12,
    hints=(
        "Go backward, link by link: C depends on a2, a2 on z2, and z2 on w2, b2 and a1. Then a1 "
        "depends on z1, and z1 on w1 and b1.",
        "dC/dz2 = 2 (a2 - y) a2 (1 - a2). Multiplied by a1 it is dC/dw2, and by 1 dC/db2. What "
        "is dC/da1? The same, multiplied by the slope of z2 when a1 moves.",
        "dC/da1 = dC/dz2 * w2. From there it goes on as in a single neuron: dC/dz1 = dC/da1 * "
        "a1 (1 - a1), then dC/dw1 = dC/dz1 * a0 and dC/db1 = dC/dz1.",
    ),
)
def chain_gradients(w1: float, b1: float, w2: float, b2: float, a0: float, y: float) -> list[float]:
    """The gradients of two neurons in a row, by the chain rule.

    The first neuron reads a0: z1 = w1 * a0 + b1, and a1 = sigma(z1), with the sigmoid
    sigma. The second one reads the first: z2 = w2 * a1 + b2, and a2 = sigma(z2). The
    cost is C = (a2 - y)**2.

    w1, b1: the weight and the bias of the first neuron.
    w2, b2: those of the second one.
    a0: the activation that comes in.
    y: what a2 should have been.
    Returns [dC/dw1, dC/db1, dC/dw2, dC/db2], four numbers.
    """
    a1 = 1 / (1 + math.exp(-(w1 * a0 + b1)))
    a2 = 1 / (1 + math.exp(-(w2 * a1 + b2)))
    dC_dz2 = 2 * (a2 - y) * a2 * (1 - a2)
    dC_da1 = dC_dz2 * w2  # where the chain of the first neuron begins
    dC_dz1 = dC_da1 * a1 * (1 - a1)
    return [dC_dz1 * a0, dC_dz1, dC_dz2 * a1, dC_dz2]


@chain_gradients.also_right
def _torch_autograd(
    w1: float, b1: float, w2: float, b2: float, a0: float, y: float
) -> list[Tensor | None]:
    with torch.enable_grad():
        leaves = [torch.tensor(value, requires_grad=True) for value in (w1, b1, w2, b2)]
        a1 = torch.sigmoid(leaves[0] * a0 + leaves[1])
        ((torch.sigmoid(leaves[2] * a1 + leaves[3]) - y) ** 2).backward()
    return [leaf.grad for leaf in leaves]


@chain_gradients.also_right
def _central_differences(
    w1: float, b1: float, w2: float, b2: float, a0: float, y: float
) -> tuple[float, ...]:
    def cost(w1: float, b1: float, w2: float, b2: float) -> float:
        return (_sigma(w2 * _sigma(w1 * a0 + b1) + b2) - y) ** 2

    h, at = 1e-5, np.array([w1, b1, w2, b2])
    return tuple((cost(*(at + h * way)) - cost(*(at - h * way))) / (2 * h) for way in np.eye(4))


@chain_gradients.also_right
def _slopes_carried_forwards(
    w1: float, b1: float, w2: float, b2: float, a0: float, y: float
) -> list[float]:
    a1 = _sigma(w1 * a0 + b1)
    a2 = _sigma(w2 * a1 + b2)
    found = []
    for into_first, into_second in ((a0, 0.0), (1.0, 0.0), (0.0, a1), (0.0, 1.0)):
        of_a1 = a1 * (1 - a1) * into_first
        of_a2 = a2 * (1 - a2) * (w2 * of_a1 + into_second)
        found.append(2 * (a2 - y) * of_a2)
    return found


def _sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _slope(a: float) -> float:
    return a * (1 - a)


def _chain(
    w1: float,
    b1: float,
    w2: float,
    b2: float,
    a0: float,
    y: float,
    *,
    of_cost: Callable[[float, float], float] = lambda a, y: 2 * (a - y),
    of_sigma: Callable[[float], float] = _slope,
    back: Callable[[float, float, float], float] = lambda w2, a1, through: (
        through * w2 * _slope(a1)
    ),
    bias: float | int = 1,
) -> list[float]:
    """The right chain, with links that can be put wrongly. `back` leads from z2 to z1, and of a
    bias only this share is added on the way forward.
    """
    a1 = _sigma(w1 * a0 + bias * b1)
    a2 = _sigma(w2 * a1 + bias * b2)
    through = of_cost(a2, y) * of_sigma(a2)
    earlier = back(w2, a1, through)
    return [earlier * a0, earlier, through * a1, through]


@chain_gradients.wrong(
    "How does z2 change when a1 moves a little? By w2 times as much: on the way to the first "
    "neuron this link is missing."
)
def _no_w2(*args: float) -> list[float]:
    return _chain(*args, back=lambda w2, a1, through: through * _slope(a1))


@chain_gradients.wrong(
    "Is a link missing in the first neuron? Between a1 and z1 stands sigma, too: a1 (1 - a1)."
)
def _no_slope_of_the_first(*args: float) -> list[float]:
    return _chain(*args, back=lambda w2, a1, through: through * w2)


@chain_gradients.wrong(
    "Where is the slope of the first sigma taken? At its own output, a1; that of the second one "
    "is taken at a2. Here one of the two is used twice."
)
def _slope_of_the_second_twice(
    w1: float, b1: float, w2: float, b2: float, a0: float, y: float
) -> list[float]:
    slope = _slope(_sigma(w2 * _sigma(w1 * a0 + b1) + b2))
    return _chain(w1, b1, w2, b2, a0, y, back=lambda w2, a1, through: through * w2 * slope)


@chain_gradients.wrong(
    "Does the first neuron hear the cost itself? It hears what the second one hands back: begin "
    "its chain with dC/da1, which is dC/dz2 times w2."
)
def _first_on_its_own(
    w1: float, b1: float, w2: float, b2: float, a0: float, y: float
) -> list[float]:
    a1 = _sigma(w1 * a0 + b1)
    alone = 2 * (a1 - y) * _slope(a1)
    return [alone * a0, alone, *_chain(w1, b1, w2, b2, a0, y)[2:]]


@chain_gradients.wrong(
    "By which weight does the way back lead to a1? By the one that a1 was multiplied with: w2. "
    "w1 comes later, between z1 and a0."
)
def _back_by_w1(w1: float, b1: float, w2: float, b2: float, a0: float, y: float) -> list[float]:
    return _chain(w1, b1, w2, b2, a0, y, back=lambda w2, a1, through: through * w1 * _slope(a1))


@chain_gradients.wrong(
    "What did the second neuron read? Not a0, but a1: that is the slope of z2 when w2 moves."
)
def _second_with_a0(w1: float, b1: float, w2: float, b2: float, a0: float, y: float) -> list[float]:
    of_w1, of_b1, _, of_b2 = _chain(w1, b1, w2, b2, a0, y)
    return [of_w1, of_b1, of_b2 * a0, of_b2]


@chain_gradients.wrong(
    "What did the first neuron read? a0: that is the slope of z1 when w1 moves. a1 is what comes "
    "out of it."
)
def _first_with_a1(w1: float, b1: float, w2: float, b2: float, a0: float, y: float) -> list[float]:
    _, of_b1, of_w2, of_b2 = _chain(w1, b1, w2, b2, a0, y)
    return [of_b1 * _sigma(w1 * a0 + b1), of_b1, of_w2, of_b2]


@chain_gradients.wrong("What is the derivative of a square? The 2 comes down in front.")
def _two_forgotten(*args: float) -> list[float]:
    return _chain(*args, of_cost=lambda a, y: a - y)


@chain_gradients.wrong(
    "Which is subtracted from which? If a2 is too large, a larger a2 costs more: a2 - y."
)
def _sign(*args: float) -> list[float]:
    return _chain(*args, of_cost=lambda a, y: 2 * (y - a))


@chain_gradients.wrong(
    "Does the cost play a part? These are the slopes of a2. The first link, dC/da2, is missing."
)
def _no_slope_of_the_cost(*args: float) -> list[float]:
    return _chain(*args, of_cost=lambda a, y: 1.0)


@chain_gradients.wrong(
    "Which is the first link? The slope of the cost, 2 (a2 - y), and not the cost itself."
)
def _the_cost_itself(*args: float) -> list[float]:
    return _chain(*args, of_cost=lambda a, y: (a - y) ** 2)


@chain_gradients.wrong(
    "Is a link missing in the second neuron? Between a2 and z2 stands sigma: a2 (1 - a2)."
)
def _no_slope_of_the_second(*args: float) -> list[float]:
    return _chain(*args, of_sigma=lambda a: 1.0)


@chain_gradients.wrong(
    "Where is sigma in the way back? Both neurons have one, and both slopes are missing."
)
def _no_slope_at_all(*args: float) -> list[float]:
    return _chain(*args, of_sigma=lambda a: 1.0, back=lambda w2, a1, through: through * w2)


@chain_gradients.wrong(
    "Where is the slope of sigma taken? At z. In terms of a, it is a (1 - a); a is no z that still "
    "has to be squeezed."
)
def _slope_of_sigma_at_a(*args: float) -> list[float]:
    return _chain(
        *args,
        of_sigma=lambda a: _slope(_sigma(a)),
        back=lambda w2, a1, through: through * w2 * _slope(_sigma(a1)),
    )


@chain_gradients.wrong("Whose slope is 1 - a²? That of tanh. The sigmoid's is a (1 - a).")
def _slope_of_tanh(*args: float) -> list[float]:
    return _chain(
        *args,
        of_sigma=lambda a: 1 - a * a,
        back=lambda w2, a1, through: through * w2 * (1 - a1 * a1),
    )


@chain_gradients.wrong(
    "What is in z1 and z2? The biases are missing in the forward pass, so a1 and a2 are not the "
    "neurons' activations."
)
def _biases_not_in_z(*args: float) -> list[float]:
    return _chain(*args, bias=0)


@chain_gradients.wrong(
    "In which order are the four? First weight and bias of the first neuron, then those of the "
    "second one."
)
def _second_neuron_first(*args: float) -> list[float]:
    of_w1, of_b1, of_w2, of_b2 = _chain(*args)
    return [of_w2, of_b2, of_w1, of_b1]


@chain_gradients.wrong(
    "In which order are the four? Each weight is followed by the bias of the same neuron: dC/dw1, "
    "dC/db1, dC/dw2, dC/db2."
)
def _weights_first(*args: float) -> list[float]:
    of_w1, of_b1, of_w2, of_b2 = _chain(*args)
    return [of_w1, of_w2, of_b1, of_b2]


@chain_gradients.wrong(
    "How does a z change when its bias moves a little? By just as much: that slope is 1, and not "
    "what the neuron read."
)
def _biases_like_weights(*args: float) -> list[float]:
    of_w1, _, of_w2, _ = _chain(*args)
    return [of_w1, of_w1, of_w2, of_w2]


@chain_gradients.wrong(
    "What is asked for? The gradients; these are the four numbers after a step downhill."
)
def _a_step_downhill(*args: float) -> list[float]:
    return [value - slope for value, slope in zip(args[:4], _chain(*args), strict=True)]


@chain_gradients.inputs
def _neurons(rng: torch.Generator) -> Iterator[tuple[float, ...]]:
    yield 1.0, 0.0, 1.0, 0.0, 1.0, 0.0
    yield 2.0, -1.0, 0.5, 1.0, 0.5, 1.0  # z1 is 0
    yield -1.5, 0.5, 2.0, -1.0, 0.0, 1.0  # nothing comes in
    yield 0.7, 0.2, 0.0, 0.5, 0.9, 1.0  # the second neuron does not listen
    for size in (0.1, 0.5, 1.0, 2.0):
        for target in (0.0, 1.0, 0.3):
            four = torch.randn(4, generator=rng, dtype=torch.float64) * size
            a0 = 0.05 + 0.9 * float(torch.rand(1, generator=rng))
            yield *four.clamp(-3, 3).tolist(), a0, target
    yield 60.0, -1.0, 3.0, -2.0, 0.03, -2.0
    yield 0.02, 1.0, -4.0, 1.0, -70.0, 5.0  # the activation of a neuron without a sigmoid
