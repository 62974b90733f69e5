"""Exercise 04.8: back through the MLP of a block and around it, along the residual stream."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.8",
    minutes=8,
    graded=False,
    hints=(
        "How many ways lead from x1 to x2? Two: around the MLP and through it. What does the rule "
        "for several ways say?",
        "Through the MLP, from the end: down (a linear layer), relu, up (another one). Where a "
        "relu was on, it hands its gradient through, and where it was off, nothing.",
        "d_act = d_x2 @ down; d_pre = d_act * (pre > 0), with pre = x1 @ up.T; then the way "
        "through gives d_pre @ up, and the way around gives d_x2. Add them.",
    ),
)
def mlp_backward(
    x1: torch.Tensor, up: torch.Tensor, down: torch.Tensor, d_x2: torch.Tensor
) -> torch.Tensor:
    """Back through the MLP of a block, and around it.

    Forward, the block computed x2 = x1 + relu(x1 @ up.T) @ down.T. Biases and layer
    norm are left out here.

    x1: the residual stream before the MLP, shape (batch, pos, d_model).
    up: shape (d_mlp, d_model).
    down: shape (d_model, d_mlp).
    d_x2: dC/dx2, shape (batch, pos, d_model).
    Returns dC/dx1, shape (batch, pos, d_model).
    """
    pre = x1 @ up.T
    d_act = d_x2 @ down
    d_pre = d_act * (pre > 0)  # relu lets through where it was on
    return d_x2 + d_pre @ up  # around, and through


@mlp_backward.also_right
def _autograd_of_the_block(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    with torch.enable_grad():
        leaf = x1.clone().requires_grad_()
        x2 = leaf + (leaf @ up.T).relu() @ down.T
        return torch.autograd.grad(x2, leaf, d_x2)[0]


@mlp_backward.also_right
def _whole_jacobians(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    was_on = (x1 @ up.T > 0).to(x1)
    through = torch.einsum("om,bpm,mi->bpoi", down, was_on, up)
    jacobian = through + torch.eye(x1.shape[-1]).to(x1)
    return torch.einsum("bpo,bpoi->bpi", d_x2, jacobian)


@mlp_backward.also_right
def _neuron_by_neuron(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    total = d_x2.clone()
    for reads, writes in zip(up, down.T, strict=True):
        on = (x1 @ reads > 0)[..., None]
        total += torch.where(on, (d_x2 @ writes)[..., None] * reads, 0.0)
    return total


@mlp_backward.wrong(
    "Does x1 reach x2 through the MLP only? It is also added to its result: the way around is "
    "missing."
)
def _no_way_around(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return mlp_backward.reference(x1, up, down, d_x2) - d_x2


@mlp_backward.wrong(
    "Does x1 reach x2 around the MLP only? The MLP reads it, too: the way through is missing."
)
def _no_way_through(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2.clone()


@mlp_backward.wrong(
    "What happens to gradients where two ways meet? They are added; slopes along one way are "
    "multiplied."
)
def _multiplied(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 * _no_way_around(x1, up, down, d_x2)


@mlp_backward.wrong(
    "What is the slope of relu? 1 where it was on, 0 where it was off: it is missing."
)
def _no_relu(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 + d_x2 @ down @ up


@mlp_backward.wrong(
    "Which number decides whether relu was on? What came in on the way forward, not the gradient "
    "that comes back: a negative gradient passes, too."
)
def _relu_of_the_gradient(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 + (d_x2 @ down).clamp(min=0) @ up


@mlp_backward.wrong(
    "Where is the slope of relu 1? Where its input was positive. Here it is the other way round."
)
def _on_and_off_swapped(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 + (d_x2 @ down * (x1 @ up.T < 0)) @ up


@mlp_backward.wrong(
    "Is the slope of relu its value? Where it was on, the slope is 1, however large the value is."
)
def _value_for_slope(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 + (d_x2 @ down * (x1 @ up.T).clamp(min=0)) @ up


@mlp_backward.wrong(
    "Does the way around carry x1 itself? It carries the gradient, d_x2, with the slope 1."
)
def _stream_itself(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return x1 + _no_way_around(x1, up, down, d_x2)


@mlp_backward.wrong(
    "Are the two ways averaged? Each has its full effect: add them, and do not divide by 2."
)
def _mean_of_the_ways(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return mlp_backward.reference(x1, up, down, d_x2) / 2


@mlp_backward.wrong(
    "How do the two gradients join? Both ways push with their own sign: add them, do not subtract."
)
def _subtracted(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 - _no_way_around(x1, up, down, d_x2)


@mlp_backward.wrong(
    "Which way are you going? This is x2, on the way forward, or one like it with d_x2 put in: "
    "backward it goes through down first, and then through up."
)
def _forward_with_the_gradient(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 + (d_x2 @ up.T * (x1 @ up.T > 0)) @ down.T


@mlp_backward.wrong(
    "What came into the relu? pre = x1 @ up.T, and not x1 itself: ask whether pre is positive, "
    "before you go on through up."
)
def _mask_of_x1(x1: Tensor, up: Tensor, down: Tensor, d_x2: Tensor) -> Tensor:
    return d_x2 + d_x2 @ down @ up * (x1 > 0)


@mlp_backward.inputs
def _streams(rng: torch.Generator) -> Iterator[tuple[Tensor, ...]]:
    yield (
        torch.tensor([[[1.0, -2.0]]]),
        torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
        torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 4.0]]),
        torch.tensor([[[1.0, -1.0]]]),
    )
    sizes = ((2, 3, 4, 7), (3, 2, 5, 9), (1, 4, 3, 6), (4, 5, 2, 8), (2, 1, 6, 3))
    for batch, pos, d_model, d_mlp in sizes:
        for size, slope in ((1.0, 1.0), (10.0, 0.01), (0.1, 50.0)):
            yield (
                torch.randn(batch, pos, d_model, generator=rng) * size,
                torch.randn(d_mlp, d_model, generator=rng),
                torch.randn(d_model, d_mlp, generator=rng),
                torch.randn(batch, pos, d_model, generator=rng) * slope,
            )
