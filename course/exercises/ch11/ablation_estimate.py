"""Exercise 11.6: the change of the loss without each head, estimated from one gradient."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "11.6",
    minutes=6,
    atol=1e-5,
    hints=(
        "A number a with the slope g: if a becomes 0, it moves by -a, and the loss changes by about "
        "-a · g. If it becomes b, it moves by b - a.",
        "Every number of a head moves at once, at all positions. The small changes of all of them "
        "are added up: over pos and over d_head.",
        "move = instead[:, None] - mixed, where instead[:, None] has the shape (head, 1, d_head); "
        "then (move * gradient).sum(dim=(1, 2)).",
    ),
)
def ablation_estimate(
    mixed: torch.Tensor, gradient: torch.Tensor, instead: torch.Tensor
) -> torch.Tensor:
    """About how much the loss changes if each head is replaced, from one gradient.

    A number that moves a little from a to b changes the loss by about (b - a) times its
    slope. Here it is taken for granted that the slope stays the same all the way.

    mixed: what each head has gathered, shape (head, pos, d_head).
    gradient: the slope of the loss with respect to each of these numbers, in the same
    shape.
    instead: what each head is replaced by, at every position, shape (head, d_head); all
    zeros to switch it off.
    Returns the estimated change for each head, shape (head,).
    """
    move = instead[:, None] - mixed  # (head, pos, d_head)
    return (move * gradient).sum(dim=(1, 2))


@ablation_estimate.also_right
def _einsum_in_float64(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    mixed, gradient, instead = mixed.double(), gradient.double(), instead.double()
    there = torch.einsum("hd,hpd->h", instead, gradient)
    return there - torch.einsum("hpd,hpd->h", mixed, gradient)


@ablation_estimate.also_right
def _head_by_head(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    found = []
    for a, g, b in zip(mixed, gradient, instead, strict=True):
        slopes = [torch.dot(b - row, slope) for row, slope in zip(a, g, strict=True)]
        found.append(torch.stack(slopes).sum())
    return torch.stack(found)


@ablation_estimate.also_right
def _flat_vectors(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    move = instead.unsqueeze(1).expand_as(mixed).sub(mixed)
    return torch.bmm(move.flatten(1)[:, None], gradient.flatten(1)[..., None]).flatten()


def _terms(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return (instead[:, None] - mixed) * gradient


@ablation_estimate.wrong(
    "Which way does the number move? From what it is to what is put in its place: instead - mixed. "
    "Here the sign is turned."
)
def _sign_turned(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return -_terms(mixed, gradient, instead).sum(dim=(1, 2))


@ablation_estimate.wrong(
    "What is put in the head's place? Its row of `instead`. This switches it off, whatever stands "
    "there."
)
def _instead_forgotten(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return -(mixed * gradient).sum(dim=(1, 2))


@ablation_estimate.wrong(
    "From where does it move? From `mixed`, not from 0: subtract what is there."
)
def _mixed_forgotten(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return (instead[:, None] * gradient).sum(dim=(1, 2))


@ablation_estimate.wrong(
    "Sum or mean over the positions? All of them move at once: their changes are added up."
)
def _mean_over_the_positions(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return _terms(mixed, gradient, instead).mean(dim=1).sum(dim=1)


@ablation_estimate.wrong(
    "Sum or mean over the numbers of a head? The changes of all of them are added up."
)
def _mean_over_the_numbers(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return _terms(mixed, gradient, instead).sum(dim=1).mean(dim=1)


@ablation_estimate.wrong("Where are the other positions? Only the last one is replaced here.")
def _last_position_only(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return _terms(mixed, gradient, instead)[:, -1].sum(dim=1)


@ablation_estimate.wrong(
    "How large, or in which direction? A head may do harm, and then the estimate is below 0: no abs."
)
def _absolute(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return _terms(mixed, gradient, instead).sum(dim=(1, 2)).abs()


@ablation_estimate.wrong(
    "Is each number's change made positive before it is added? Changes up and down cancel: add them "
    "with their signs."
)
def _sum_of_absolutes(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return _terms(mixed, gradient, instead).abs().sum(dim=(1, 2))


@ablation_estimate.wrong(
    "Which axis stays? The heads: sum over pos and over d_head. Here the positions are left."
)
def _heads_added_up(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return _terms(mixed, gradient, instead).sum(dim=(0, 2))


@ablation_estimate.wrong(
    "How far does it move, or only how steep is it? The slope has to be multiplied by the move."
)
def _slope_alone(mixed: Tensor, gradient: Tensor, instead: Tensor) -> Tensor:
    return gradient.sum(dim=(1, 2))


@ablation_estimate.inputs
def _heads(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield torch.tensor([[[2.0]]]), torch.tensor([[[3.0]]]), torch.tensor([[0.0]])
    yield torch.tensor([[[2.0]]]), torch.tensor([[[3.0]]]), torch.tensor([[1.0]])
    for head, pos, d_head in ((2, 3, 4), (3, 2, 2), (1, 5, 3), (4, 4, 2), (2, 2, 5), (9, 7, 8)):
        for off in (True, False):
            mixed, gradient = torch.randn(2, head, pos, d_head, generator=rng)
            instead = torch.randn(head, d_head, generator=rng)
            yield mixed, gradient, instead * 0 if off else instead
