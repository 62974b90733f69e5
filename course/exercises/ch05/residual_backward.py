"""Exercise 05.3: a gradient on its way back through residual layers."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "05.3",
    minutes=10,
    hints=(
        "Which layer does the gradient meet first? The last one. Go through them backwards.",
        "z goes two ways to z + f(z), and over all paths the slopes are added. The one way gives "
        "the gradient as it is, the other one multiplies it by J, transposed.",
        "for J in jacobians.flip(0): grad = grad + J.T @ grad. Not with +=, which would write into "
        "the input.",
    ),
)
def residual_backward(jacobians: torch.Tensor, grad: torch.Tensor) -> torch.Tensor:
    """The gradient in front of a stack of residual layers, from the one behind it.

    Each layer takes z to z + f(z).

    jacobians: for each layer, the first one first, the slopes of its f: row i, column j
    is d f_i / d z_j. Shape (layer, width, width).
    grad: the gradient of the loss with respect to what the last layer gives, shape
    (width,).
    Returns the gradient with respect to what goes into the first layer, shape (width,).
    """
    for J in jacobians.flip(0):  # the last layer first
        grad = grad + J.T @ grad
    return grad


@residual_backward.also_right
def _one_matrix_for_all_layers(jacobians: Tensor, grad: Tensor) -> Tensor:
    width = len(grad)
    forwards = torch.eye(width)
    for J in jacobians:
        forwards = (torch.eye(width) + J) @ forwards
    return forwards.mT @ grad


@residual_backward.also_right
def _autograd_through_straight_layers(jacobians: Tensor, grad: Tensor) -> Tensor:
    with torch.enable_grad():
        start = torch.zeros_like(grad).requires_grad_()
        z = start
        for J in jacobians:
            z = z + J @ z
        return torch.autograd.grad(z, start, grad)[0]


@residual_backward.also_right
def _numpy_row_vector(jacobians: Tensor, grad: Tensor) -> Tensor:
    row = grad.numpy().astype(np.float64)
    for J in reversed(jacobians.numpy()):
        row = row + row @ J
    return torch.from_numpy(row)


@residual_backward.also_right
def _recursive(jacobians: Tensor, grad: Tensor) -> Tensor:
    if not len(jacobians):
        return grad
    *before, J = jacobians
    return _recursive(before, torch.addmv(grad, J.mT, grad))


@residual_backward.wrong(
    "Where is the way around the layer? This is a plain stack: the gradient is multiplied by each "
    "matrix, and what goes past it is missing."
)
def _plain(jacobians: Tensor, grad: Tensor) -> Tensor:
    for J in jacobians.flip(0):
        grad = J.T @ grad
    return grad


@residual_backward.wrong(
    "Forwards or backwards? J @ grad is how a nudge goes forwards. A gradient goes back through the "
    "transposed matrix."
)
def _not_transposed(jacobians: Tensor, grad: Tensor) -> Tensor:
    for J in jacobians.flip(0):
        grad = grad + J @ grad
    return grad


@residual_backward.wrong(
    "Which layer comes first on the way back? The last. Here the gradient starts at the first one, "
    "and matrices do not commute."
)
def _from_the_first_layer(jacobians: Tensor, grad: Tensor) -> Tensor:
    for J in jacobians:
        grad = grad + J.T @ grad
    return grad


@residual_backward.wrong(
    "Does a path go through one layer only? Paths through two and more layers count as well. Each "
    "layer meets the gradient that the one behind it has left."
)
def _one_layer_a_path(jacobians: Tensor, grad: Tensor) -> Tensor:
    return grad + sum(J.T @ grad for J in jacobians)


@residual_backward.wrong(
    "What passes by a layer? The gradient as it is there, and not the one from the very end of the "
    "stack."
)
def _the_last_gradient_added_each_time(jacobians: Tensor, grad: Tensor) -> Tensor:
    now = grad
    for J in jacobians.flip(0):
        now = grad + J.T @ now
    return now


@residual_backward.wrong(
    "Is there one way around the whole stack, or one around each layer? Around each. Here the "
    "gradient passes by only once."
)
def _one_way_around_all(jacobians: Tensor, grad: Tensor) -> Tensor:
    return grad + _plain(jacobians, grad)


@residual_backward.wrong(
    "On which numbers of f does one number of z act? On all of them. Here only the diagonal of J is "
    "used: each number by itself."
)
def _diagonal_alone(jacobians: Tensor, grad: Tensor) -> Tensor:
    for J in jacobians.flip(0):
        grad = grad + J.diagonal() * grad
    return grad


@residual_backward.wrong(
    "How many layers are there? One is left out here: the gradient does not go through the first."
)
def _first_layer_left_out(jacobians: Tensor, grad: Tensor) -> Tensor:
    return residual_backward.reference(jacobians[1:], grad)


@residual_backward.wrong(
    "Is there a 1 for each layer in the slope of z + f(z)? Only where row and column are the same "
    "number: the identity matrix. Here 1 is added to every slope."
)
def _ones_for_the_identity(jacobians: Tensor, grad: Tensor) -> Tensor:
    for J in jacobians.flip(0):
        grad = (J + 1).T @ grad
    return grad


@residual_backward.inputs
def _layers_and_gradients(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[[0.5, 0.0], [1.0, 0.0]]]), torch.tensor([1.0, 2.0])
    for layers, width in ((2, 3), (3, 2), (5, 4), (4, 6), (7, 3), (2, 5)):
        for size in (0.3, 1.0):
            jacobians = size * torch.randn(layers, width, width, generator=rng)
            yield jacobians, torch.randn(width, generator=rng) * 10 ** (1 - size)
