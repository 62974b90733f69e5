"""Exercise 04.2: the backward pass of a linear layer, for a whole batch."""

import itertools
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.2",
    minutes=12,
    hints=(
        "Begin with the shapes: a gradient has the shape of what it belongs to. Which product of "
        "two of the three tensors has the shape of x, and which that of W?",
        "One number of z is z[i, j] = sum over k of x[i, k] W[j, k], plus b[j]. So x[i, k] acts on "
        "row i of z only, but W[j, k] acts on z[i, j] for every i, and so does b[j]: add up over "
        "the batch.",
        "grad_z @ W for x; grad_z.T @ x for W, which adds up over the batch by itself; "
        "grad_z.sum(dim=0) for b.",
    ),
)
def linear_backward(
    x: torch.Tensor,
    W: torch.Tensor,
    grad_z: torch.Tensor,
) -> list[torch.Tensor]:
    """The backward pass of a linear layer, for a whole batch.

    Forward, the layer computed z = x @ W.T + b, and the cost C is one number that
    depends on z.

    x: what came in, shape (batch, d_in).
    W: the weights, shape (d_out, d_in).
    grad_z: dC/dz, shape (batch, d_out).
    Returns [dC/dx, dC/dW, dC/db], of the shapes (batch, d_in), (d_out, d_in) and
    (d_out,).
    """
    grad_x = grad_z @ W
    grad_W = grad_z.T @ x  # adds up over the batch
    grad_b = grad_z.sum(dim=0)
    return [grad_x, grad_W, grad_b]


@linear_backward.also_right
def _einsum(x: Tensor, W: Tensor, grad_z: Tensor) -> tuple[Tensor, ...]:
    return (
        torch.einsum("bo,oi->bi", grad_z, W),
        torch.einsum("bo,bi->oi", grad_z, x),
        torch.einsum("bo->o", grad_z),
    )


@linear_backward.also_right
def _autograd_of_a_linear_layer(x: Tensor, W: Tensor, grad_z: Tensor) -> tuple[Tensor, ...]:
    with torch.enable_grad():
        leaves = [leaf.clone().requires_grad_() for leaf in (x, W, torch.zeros(len(W)))]
        return torch.autograd.grad(F.linear(*leaves), leaves, grad_z)


@linear_backward.also_right
def _numbers_in_loops(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    x, W, grad_z = x.double(), W.double(), grad_z.double()
    grad_x, grad_W, grad_b = torch.zeros_like(x), torch.zeros_like(W), torch.zeros_like(W[:, 0])
    for i, j in itertools.product(*map(range, grad_z.shape)):
        grad_b[j] += grad_z[i, j]
        for k in range(x.shape[1]):
            grad_x[i, k] += grad_z[i, j] * W[j, k]
            grad_W[j, k] += grad_z[i, j] * x[i, k]
    return [grad_x, grad_W, grad_b]


@linear_backward.also_right
def _outer_products(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    products = (torch.outer(slopes, row) for slopes, row in zip(grad_z, x, strict=True))
    of_weights = sum(products, start=torch.zeros_like(W))
    return [torch.stack([slopes @ W for slopes in grad_z]), of_weights, torch.ones(len(x)) @ grad_z]


@linear_backward.wrong(
    "Which shape has dC/db? That of b. One b acts on every example of the batch: add up over the "
    "batch."
)
def _bias_not_summed(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z]


@linear_backward.wrong(
    "How many axes has b? One. keepdim leaves an axis of length 1 where the batch was: drop it."
)
def _bias_as_a_row(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.sum(dim=0, keepdim=True)]


@linear_backward.wrong(
    "Sum or mean, for b? The paths through all examples are added up. If C is a mean, its 1/batch "
    "is in grad_z already."
)
def _bias_averaged(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.mean(dim=0)]


@linear_backward.wrong(
    "Who divides by the batch? Nobody here, neither for W nor for b: if C is a mean, its 1/batch "
    "is in grad_z already."
)
def _averaged(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x / len(x), grad_z.mean(dim=0)]


@linear_backward.wrong(
    "Over which axis is dC/db summed? Over the batch, the first one: each output keeps its own "
    "bias."
)
def _bias_summed_over_outputs(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.sum(dim=1)]


@linear_backward.wrong(
    "Is there one bias, or one for each output? Sum over the batch only, not over everything."
)
def _bias_as_one_number(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.sum()]


@linear_backward.wrong(
    "Which shape has dC/dW? That of W, (d_out, d_in). This one is transposed: grad_z.T comes first."
)
def _weights_transposed(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, x.T @ grad_z, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Does reshape turn a matrix? It keeps the numbers in their order and only cuts the rows anew. "
    "For dC/dW, transpose."
)
def _weights_reshaped(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, (x.T @ grad_z).reshape(W.shape), grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Which way does W go, backward? Forward it was W.T, backward it is W itself, without .T and "
    "without reshape."
)
def _weights_turned_on_the_way_to_x(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W.T.reshape(W.shape), grad_z.T @ x, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "In which order are they asked for? First x, then W, then b: x and W have changed places."
)
def _order_swapped(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z.T @ x, grad_z @ W, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Where are the other examples? For W and b, the paths through all of them are added up."
)
def _first_example_only(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, torch.outer(grad_z[0], x[0]), grad_z[0]]


@linear_backward.wrong(
    "First multiply or first add? Each example's slopes meet its own x; only then comes the sum "
    "over the batch."
)
def _product_of_sums(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, torch.outer(grad_z.sum(dim=0), x.sum(dim=0)), grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Through which outputs does x act? Through all of them, and through each with its own weight."
)
def _outputs_added_first(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z.sum(dim=1, keepdim=True) * W.sum(dim=0), grad_z.T @ x, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Is there a gradient for b, too? Three results are asked for; the last one is missing."
)
def _bias_missing(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x]


@linear_backward.wrong(
    "Does the cost play a part in dC/db? dz/db is 1, but dC/dz stands before it in the chain."
)
def _bias_is_ones(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, torch.ones(len(W))]


@linear_backward.wrong(
    "Which gradient belongs to which bias? Each output has its own: sum over the examples, not over "
    "the outputs as well."
)
def _one_sum_for_all_biases(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.sum().expand(len(W)).clone()]


@linear_backward.inputs
def _layers(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    # one example, one output
    yield torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, -1.0]]), torch.tensor([[0.5]])
    yield (
        torch.tensor([[1.0], [2.0]]),
        torch.tensor([[3.0], [0.0], [-1.0]]),
        torch.tensor([[1.0, 0, 2], [0, 1, -1]]),
    )
    for batch, d_in, d_out in (
        (2, 3, 4),
        (5, 2, 3),
        (3, 6, 2),
        (1, 4, 7),
        (4, 4, 4),
        (7, 1, 5),
        (9, 8, 1),
        (16, 5, 9),
    ):
        x, W = torch.randn(batch, d_in, generator=rng), torch.randn(d_out, d_in, generator=rng)
        yield x, W, torch.randn(batch, d_out, generator=rng)
        yield x * 100 + 20, W * 0.02, torch.randn(batch, d_out, generator=rng) / 1000
