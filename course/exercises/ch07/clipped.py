"""Exercise 07.4: gradients, shortened together."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from course.judging.exercise import exercise


@exercise(
    "07.4",
    minutes=8,
    hints=(
        "How long are all gradients together? As if their numbers stood in one long row: the root "
        "of the sum of all squares.",
        "If that is above the limit, by what must every number be multiplied so that the length "
        "becomes the limit? And if it is not, by 1.",
        "factor = min(1, limit / length), the same for all tensors.",
    ),
)
def clipped(gradients: list[torch.Tensor], limit: float) -> list[torch.Tensor]:
    """Gradient clipping: all gradients of a model, shortened together if they are too long.

    gradients: one tensor for each parameter, of any shapes. Not all numbers are 0.
    limit: the longest that they may be together. Their length is the root of the sum of
    the squares of all numbers in all tensors.
    Returns the gradients in the same order. If they are longer than the limit, all are
        multiplied by one factor, which makes their length the limit; if not, they are as
        they were.
    """
    length = sum(float((gradient**2).sum()) for gradient in gradients) ** 0.5
    factor = min(1.0, limit / length)
    return [factor * gradient for gradient in gradients]


@clipped.also_right
def _torchs_own(gradients: list[Tensor], limit: float) -> list[Tensor]:
    parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_(parameters, limit)
    return [parameter.grad for parameter in parameters if parameter.grad is not None]


@clipped.also_right
def _in_one_row(gradients: list[Tensor], limit: float) -> list[Tensor]:
    row = torch.cat([gradient.flatten() for gradient in gradients])
    if row.norm() > limit:
        row = row / row.norm() * limit
    pieces = row.split([gradient.numel() for gradient in gradients])
    return [piece.view_as(gradient) for piece, gradient in zip(pieces, gradients, strict=True)]


@clipped.also_right
def _length_of_the_lengths(gradients: list[Tensor], limit: float) -> list[Tensor]:
    length = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]).norm()
    return [gradient * (limit / length).clamp(max=1.0) for gradient in gradients]


def _scaled(
    gradients: list[Tensor],
    limit: float,
    length: Callable[[Tensor], Tensor],
    factor: Callable[[float], float] = lambda share: min(1.0, share),
) -> list[Tensor]:
    """By the length of all numbers in one row, however it is taken."""
    row = torch.cat([gradient.flatten() for gradient in gradients])
    share = factor(limit / float(length(row)))
    return [share * gradient for gradient in gradients]


@clipped.wrong(
    "Whose length is limited? That of all gradients together. Clipped one by one they point "
    "elsewhere: the long ones are shortened, and the short ones are not."
)
def _each_on_its_own(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return [_scaled([gradient], limit, torch.Tensor.norm)[0] for gradient in gradients]


@clipped.wrong(
    "Is a single number too large, or the whole too long? clamp cuts off numbers one by one, and "
    "the gradient points elsewhere. Multiply all of them by one factor."
)
def _numbers_cut_off(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return [gradient.clamp(-limit, limit) for gradient in gradients]


@clipped.wrong(
    "What becomes of short gradients? They stay as they are. This makes every gradient as long as "
    "the limit."
)
def _short_ones_lengthened(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return _scaled(gradients, limit, torch.Tensor.norm, lambda share: share)


@clipped.wrong(
    "Which of the two is chosen, 1 or limit / length? The smaller. With the larger, short "
    "gradients grow and long ones stay."
)
def _the_larger_factor(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return _scaled(gradients, limit, torch.Tensor.norm, lambda share: max(1.0, share))


@clipped.wrong("What is a length? The root of the sum of squares: the root is missing.")
def _no_root(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return _scaled(gradients, limit, lambda row: row.square().sum())


@clipped.wrong(
    "How do the lengths of several tensors come together? Not by adding them: square, add, and "
    "take the root."
)
def _lengths_added(gradients: list[Tensor], limit: float) -> list[Tensor]:
    length = sum(float(gradient.norm()) for gradient in gradients)
    return [min(1.0, limit / length) * gradient for gradient in gradients]


@clipped.wrong("What is a length? This is the largest number alone.")
def _largest_number(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return _scaled(gradients, limit, lambda row: row.abs().max())


@clipped.wrong("What is a length? Squares and a root; this is the sum of the numbers without sign.")
def _sum_of_sizes(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return _scaled(gradients, limit, lambda row: row.abs().sum())


@clipped.wrong(
    "Sum or mean of the squares? The sum. With the mean, a model with more weights would be "
    "clipped later."
)
def _root_of_the_mean(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return _scaled(gradients, limit, lambda row: row.square().mean().sqrt())


@clipped.wrong(
    "Does the new length fit? Here the gradients were multiplied by the limit, and not divided by "
    "their length."
)
def _multiplied_by_the_limit(gradients: list[Tensor], limit: float) -> list[Tensor]:
    row = torch.cat([gradient.flatten() for gradient in gradients])
    return [gradient * (limit if row.norm() > limit else 1.0) for gradient in gradients]


@clipped.wrong(
    "How long are they after clipping? As long as the limit. Here only the division by the length "
    "was done, which makes it 1."
)
def _length_1(gradients: list[Tensor], limit: float) -> list[Tensor]:
    length = float(torch.cat([gradient.flatten() for gradient in gradients]).norm())
    return [gradient / (length if length > limit else 1.0) for gradient in gradients]


@clipped.wrong(
    "What becomes of a gradient that is too long? It is shortened. Here the step is thrown away."
)
def _thrown_away(gradients: list[Tensor], limit: float) -> list[Tensor]:
    return _scaled(gradients, limit, torch.Tensor.norm, lambda share: float(share >= 1))


@clipped.wrong(
    "Whose tensors are these? mul_ writes into the gradients that were given: multiply instead.",
    changes_input=True,
)
def _in_place(gradients: list[Tensor], limit: float) -> list[Tensor]:
    length = float(torch.cat([gradient.flatten() for gradient in gradients]).norm())
    for gradient in gradients:
        gradient.mul_(min(1.0, limit / length))
    return gradients


@clipped.inputs
def _gradients(rng: torch.Generator) -> Iterator[tuple[list[Tensor], float]]:
    yield [torch.tensor([3.0]), torch.tensor([[4.0]])], 2.5
    yield [torch.tensor([3.0, 0.0]), torch.tensor([[-4.0]])], 20.0
    for shapes, share in (
        (((2,), (3, 2)), 0.5),
        (((4, 3), (3,), (1,)), 0.1),
        (((5,), (2, 2)), 1.7),
        (((3, 7), (7,)), 0.9),
        (((2, 3, 4), (6,), (4, 4)), 0.3),
        (((8,),), 0.6),
        (((6, 2), (2,), (9,)), 0.02),
    ):
        for size in (0.05, 1.0, 30.0):
            tensors = [size * torch.randn(shape, generator=rng) for shape in shapes]
            length = sum(float((tensor**2).sum()) for tensor in tensors) ** 0.5
            yield tensors, share * length
