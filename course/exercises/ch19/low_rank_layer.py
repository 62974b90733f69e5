"""Exercise 19.6: a linear layer with a low-rank addition, without building the product."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "19.6",
    minutes=6,
    hints=(
        "The layer without the addition is x @ W.T. The addition to W is scale * up @ down. What does "
        "that add to the result?",
        "x @ (up @ down).T is the same as (x @ down.T) @ up.T. In the second form x becomes thin "
        "first, with `rank` numbers, and no large matrix is made.",
        "x @ weight.T + scale * (x @ down.T) @ up.T, and scale = alpha / rank, with rank = "
        "down.shape[0].",
    ),
)
def low_rank_layer(
    x: torch.Tensor, weight: torch.Tensor, down: torch.Tensor, up: torch.Tensor, alpha: float
) -> torch.Tensor:
    """A linear layer with a low-rank addition, without building the product.

    The layer multiplies by W + (alpha / rank) up down: as in PyTorch, x W^T for W alone. The
    division by the rank is in the paper, so that another rank needs no other learning rate.
    The sizes in practice are large, so do not multiply up by down.

    x: what comes in, shape (batch, d_in).
    weight: W, shape (d_out, d_in). down: shape (rank, d_in). up: shape (d_out, rank).
    alpha: a number above 0.
    Returns what goes out, shape (batch, d_out).
    """
    scale = alpha / down.shape[0]
    thin = x @ down.T  # (batch, rank)
    return x @ weight.T + scale * (thin @ up.T)


@low_rank_layer.also_right
def _functional(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return F.linear(x, weight) + F.linear(F.linear(x, down), up) * (alpha / up.shape[1])


@low_rank_layer.also_right
def _merged(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return F.linear(x, torch.addmm(weight, up, down, alpha=alpha / len(down)))


@low_rank_layer.also_right
def _in_double_by_einsum(
    x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float
) -> Tensor:
    x, weight, down, up = (one.double() for one in (x, weight, down, up))
    added = torch.einsum("bi,ri,or->bo", x, down, up)
    return (torch.einsum("bi,oi->bo", x, weight) + alpha * added / down.size(0)).float()


@low_rank_layer.wrong(
    "Is W still there? The addition is added to what the layer gave before. Here it stands alone."
)
def _addition_alone(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return alpha / down.shape[0] * (x @ down.T @ up.T)


@low_rank_layer.wrong("Where is the addition? This is the layer as it was before fine-tuning.")
def _weight_alone(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return x @ weight.T


@low_rank_layer.wrong("By what is alpha divided? By the rank. Here it is not divided at all.")
def _not_divided(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return x @ weight.T + alpha * (x @ down.T @ up.T)


@low_rank_layer.wrong(
    "What is the factor before the product? alpha / rank. Here it is missing, and counts as 1."
)
def _no_factor(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return x @ weight.T + x @ down.T @ up.T


@low_rank_layer.wrong(
    "Which size is the rank? down.shape[0], the thin one. Here alpha is divided by d_in."
)
def _divided_by_d_in(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return x @ weight.T + alpha / down.shape[1] * (x @ down.T @ up.T)


@low_rank_layer.wrong("What is divided by the rank? alpha. Here the product is multiplied by it.")
def _multiplied_by_rank(
    x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float
) -> Tensor:
    return x @ weight.T + alpha * down.shape[0] * (x @ down.T @ up.T)


@low_rank_layer.wrong(
    "Plus or minus? The product is added. Here it is taken off, so a step of the training would lead "
    "the other way."
)
def _subtracted(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return x @ weight.T - alpha / down.shape[0] * (x @ down.T @ up.T)


@low_rank_layer.wrong(
    "What does the factor belong to? To the addition alone. Here W is multiplied by it, too."
)
def _factor_for_all(x: Tensor, weight: Tensor, down: Tensor, up: Tensor, alpha: float) -> Tensor:
    return alpha / down.shape[0] * (x @ weight.T + x @ down.T @ up.T)


@low_rank_layer.inputs
def _layers(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, float]]:
    x, weight = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    down, up = (
        torch.tensor([[1.0, -1.0], [2.0, 1.0]]),
        torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 2.0]]),
    )
    yield x, weight, down, up, 4.0
    for batch, d_in, d_out, rank, alpha in (
        (2, 5, 3, 2, 1.0),
        (3, 4, 7, 3, 16.0),
        (5, 6, 2, 4, 0.5),
        (4, 9, 8, 1, 3.0),
        (1, 7, 5, 2, 8.0),
        (6, 3, 4, 2, 0.1),
        (2, 8, 6, 5, 10.0),
        (7, 5, 9, 3, 2.0),
        (3, 10, 3, 4, 6.0),
    ):
        sizes = ((batch, d_in), (d_out, d_in), (rank, d_in), (d_out, rank))
        x, weight, down, up = (torch.randn(*size, generator=rng) for size in sizes)
        yield x, weight, down, up, alpha
