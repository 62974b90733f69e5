"""Exercise 12.6: how much two features disturb each other at worst."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "12.6",
    minutes=10,
    hints=(
        "The cosine of two vectors is their dot product after both were divided by their length. "
        "How do you give all rows the length 1 at once?",
        "unit = directions / directions.norm(dim=-1, keepdim=True). Then unit @ unit.T has the "
        "cosine of every pair. What stands on its diagonal, and does that count?",
        "Take abs, for two directions that point against each other disturb each other, too. Leave "
        "the diagonal out, by a mask such as ~torch.eye(n, dtype=torch.bool), and take the largest "
        "of the rest.",
    ),
)
def largest_interference(directions: torch.Tensor) -> torch.Tensor:
    """How much do two features disturb each other at worst? The largest |cosine| of two
    of them.

    More features than dimensions cannot all be perpendicular: reading one of them then
    picks up a part of another. The cosine, with or against its direction, says how
    large that part is.

    directions: one direction for each feature, two or more, shape (feature, d_model).
    Their lengths differ and do not count; none is 0.
    Returns the largest absolute cosine between two different features: a tensor with
    one number, shape ().
    """
    unit = directions / directions.norm(dim=-1, keepdim=True)
    cosines = (unit @ unit.T).abs()  # (feature, feature)
    different = ~torch.eye(len(unit), dtype=torch.bool)
    return cosines[different].max()


@largest_interference.also_right
def _pair_by_pair_in_float64(directions: Tensor) -> Tensor:
    largest = 0.0
    for a, b in itertools.combinations(directions.tolist(), 2):
        product = math.fsum(x * y for x, y in zip(a, b, strict=True))
        largest = max(largest, abs(product) / (math.hypot(*a) * math.hypot(*b)))
    return torch.tensor(largest, dtype=torch.float64)


@largest_interference.also_right
def _library_cosine_similarity(directions: Tensor) -> Tensor:
    cosines = F.cosine_similarity(directions[:, None], directions[None], dim=-1)
    return cosines.fill_diagonal_(0).abs().amax()


@largest_interference.also_right
def _einsum_and_upper_triangle(directions: Tensor) -> Tensor:
    unit = F.normalize(directions, dim=1)
    return torch.einsum("fd,gd->fg", unit, unit).triu(1).abs().max()


@largest_interference.also_right
def _numpy_extremes(directions: Tensor) -> Tensor:
    table = np.inner(directions.numpy(), directions.numpy())
    lengths = np.sqrt(np.diag(table))
    rest = (table / np.outer(lengths, lengths))[np.triu_indices(len(table), 1)]
    return torch.tensor(max(rest.max(), -rest.min()))


def _cosines(directions: Tensor) -> Tensor:
    """All cosines, with their sign and with the diagonal, (feature, feature)."""
    unit = F.normalize(directions, dim=-1)
    return unit @ unit.T


def _pairs(table: Tensor) -> Tensor:
    """The numbers of a table that belong to two different features: all but the
    diagonal.
    """
    return table[~torch.eye(len(table), dtype=torch.bool)]


@largest_interference.wrong(
    "How much is a feature like itself? Wholly, so with the diagonal left in it gives 1 for all "
    "directions. Only pairs of different features count."
)
def _diagonal_included(directions: Tensor) -> Tensor:
    return _cosines(directions).abs().max()


@largest_interference.wrong(
    "Do two features that point against each other disturb each other? They do, and their cosine "
    "is negative: take abs before the largest."
)
def _without_abs(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).max()


@largest_interference.wrong(
    "Is the smallest cosine the worst? Only if it is far below 0, and even then its size is asked "
    "for. Take abs, and then the largest."
)
def _most_negative(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).min()


@largest_interference.wrong(
    "Does the length of a direction count? Not for a cosine: divide each row by its length first."
)
def _not_normalised(directions: Tensor) -> Tensor:
    return _pairs(directions @ directions.T).abs().max()


@largest_interference.wrong(
    "How many of the two are divided by their length? Both. Here one side stays as long as it was."
)
def _one_side_normalised(directions: Tensor) -> Tensor:
    return _pairs(F.normalize(directions, dim=-1) @ directions.T).abs().max()


@largest_interference.wrong(
    "Which numbers make one direction? A row, so the length runs along dim=-1. Here the columns "
    "were normalised."
)
def _columns_normalised(directions: Tensor) -> Tensor:
    unit = F.normalize(directions, dim=0)
    return _pairs(unit @ unit.T).abs().max()


@largest_interference.wrong(
    "When are the directions normalised? Before the product. Here the rows of the table of dot "
    "products are."
)
def _normalised_after_the_product(directions: Tensor) -> Tensor:
    return _pairs(F.normalize(directions @ directions.T, dim=-1)).abs().max()


@largest_interference.wrong(
    "Is one length enough for all? Each direction has its own; here all share the longest one."
)
def _one_length_for_all(directions: Tensor) -> Tensor:
    longest = directions.norm(dim=-1).max()
    return _pairs(directions @ directions.T).abs().max() / longest**2


@largest_interference.wrong(
    "Is a length a sum of squares, or its root? Its root is missing: divide by .norm()."
)
def _divided_by_squared_lengths(directions: Tensor) -> Tensor:
    short = directions / directions.square().sum(dim=-1, keepdim=True)
    return _pairs(short @ short.T).abs().max()


@largest_interference.wrong(
    "On the whole, or at worst? The mean hides the worst pair: take the largest."
)
def _mean_of_the_pairs(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).abs().mean()


@largest_interference.wrong(
    "Which pair is asked for? The one that disturbs most. This is the one that disturbs least."
)
def _smallest(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).abs().min()


@largest_interference.wrong(
    "Which pairs are there? Every feature with every other one, not only with the next in the list."
)
def _neighbours_only(directions: Tensor) -> Tensor:
    return _cosines(directions).diagonal(1).abs().max()


@largest_interference.wrong(
    "Which pairs are there? Every feature with every other one. This looks at the first one's only."
)
def _first_feature_only(directions: Tensor) -> Tensor:
    return _cosines(directions)[0, 1:].abs().max()


@largest_interference.wrong(
    "The cosine, or its square? A square loses the sign as well, but it is smaller: take abs."
)
def _squares_of_cosines(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).square().max()


@largest_interference.wrong(
    "What does a feature get from a single other one? This adds up all that the others do to it. "
    "The largest pair is asked for."
)
def _sum_over_the_others(directions: Tensor) -> Tensor:
    return (_cosines(directions).abs().sum(dim=-1) - 1).max()


@largest_interference.wrong(
    "Is the mean of a direction taken away? That makes a correlation; for a cosine, leave it in."
)
def _correlation(directions: Tensor) -> Tensor:
    centred = directions - directions.mean(dim=-1, keepdim=True)
    return _pairs(_cosines(centred)).abs().max()


@largest_interference.wrong(
    "What is compared? Features, which are the rows. This compares the columns: the product is "
    "turned."
)
def _columns_compared(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions.T)).abs().max()


@largest_interference.wrong(
    "The angle, or its cosine? No acos is needed: the cosine itself says how much is picked up."
)
def _angle(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).abs().max().acos()


@largest_interference.wrong(
    "One number for each feature, or one in all? Of these largest ones, take the largest again."
)
def _one_for_each_feature(directions: Tensor) -> Tensor:
    return _cosines(directions).fill_diagonal_(0).abs().amax(dim=-1)


@largest_interference.wrong(
    "How large, or where? argmax gives the place of the largest cosine; max gives its size."
)
def _place_of_the_largest(directions: Tensor) -> Tensor:
    return _cosines(directions).fill_diagonal_(0).abs().argmax()


def _with_a_close_pair(feature: int, d_model: int, sign: float, rng: torch.Generator) -> Tensor:
    """Directions of all lengths, of which two that are no neighbours, if there are
    enough, are close (or opposed).
    """
    directions = torch.randn(feature, d_model, generator=rng)
    directions[-1] = sign * directions[min(1, feature - 2)] + 0.4 * directions[-1]
    return directions * (0.2 + 3 * torch.rand(feature, 1, generator=rng))


@largest_interference.inputs
def _directions(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[2.0, 0.0], [3.0, 4.0]]),)
    # the closest two point against each other
    yield (torch.tensor([[0.0, 1.0], [-1.0, 0.0], [0.6, -0.8]]),)
    for feature, d_model in ((2, 3), (3, 2), (4, 4), (5, 3), (4, 7), (8, 5), (12, 6), (30, 20)):
        for sign in (1.0, -1.0):
            yield (_with_a_close_pair(feature, d_model, sign, rng),)
        yield (torch.randn(feature, d_model, generator=rng),)
