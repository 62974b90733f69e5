"""Exercise 16.2: probabilities as whole numbers, none of them 0."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "16.2",
    minutes=7,
    hints=(
        "Give each token its 1 first. How many counts are left for the probabilities? total minus "
        "the number of tokens.",
        "Each token gets its share of what is left: probabilities * spare, rounded down. .floor() "
        "rounds down, .long() makes whole numbers of it.",
        "spare = total - len(probabilities); (probabilities * spare).floor().long() + 1.",
    ),
)
def whole_counts(probabilities: torch.Tensor, total: int) -> torch.Tensor:
    """Probabilities as whole numbers that add up to `total` at most, for an arithmetic coder.

    A token with a count of 0 could never be written. So each token gets 1 first. Of the
    counts that are left each gets its probability's share, rounded down.

    probabilities: of each token, shape (vocab,); some are as good as 0.
    total: what the counts may add up to, more than there are tokens.
    Returns the counts, whole numbers (torch.int64), shape (vocab,).
    """
    spare = total - len(probabilities)
    return (probabilities * spare).floor().long() + 1


@whole_counts.also_right
def _one_by_one(probabilities: Tensor, total: int) -> Tensor:
    spare = total - probabilities.numel()
    return torch.tensor([1 + int(p * spare) for p in probabilities.tolist()])


@whole_counts.also_right
def _numpy_in_float64(probabilities: Tensor, total: int) -> Tensor:
    shares = probabilities.double().numpy() * (total - probabilities.shape[0])
    return torch.from_numpy(np.trunc(shares).astype(np.int64) + 1)


@whole_counts.also_right
def _ones_and_more(probabilities: Tensor, total: int) -> Tensor:
    counts = torch.ones(len(probabilities), dtype=torch.int64)
    counts += torch.mul(probabilities, total - counts.sum()).to(torch.int64)
    return counts


@whole_counts.wrong(
    "What becomes of a token with a count of 0? It can never be written. Each needs 1 at least."
)
def _zeros_allowed(probabilities: Tensor, total: int) -> Tensor:
    return (probabilities * total).floor().long()


@whole_counts.wrong(
    "What do the counts add up to? Lifting the zeros to 1 afterwards brings the sum above total. Set "
    "the ones aside before you share out the rest."
)
def _lifted_to_one(probabilities: Tensor, total: int) -> Tensor:
    return (probabilities * total).floor().long().clamp(min=1)


@whole_counts.wrong(
    "How much is there to share out, once each token has its 1? total minus the number of tokens, "
    "and not total."
)
def _ones_on_top(probabilities: Tensor, total: int) -> Tensor:
    return (probabilities * total).floor().long() + 1


@whole_counts.wrong(
    "Up or down? Rounded to the nearest, several shares may go up at once, and the sum is too large. "
    "Round down: floor."
)
def _rounded_to_nearest(probabilities: Tensor, total: int) -> Tensor:
    return (probabilities * (total - len(probabilities))).round().long() + 1


@whole_counts.wrong(
    "Is rounding up the same as adding 1? Not for a share that is 0 already, or whole; and the ones "
    "were to be given first, the shares rounded down."
)
def _rounded_up(probabilities: Tensor, total: int) -> Tensor:
    return (probabilities * total).ceil().long()


@whole_counts.wrong(
    "How many ones are set aside? One for each token, and here it is one for all of them together."
)
def _one_set_aside(probabilities: Tensor, total: int) -> Tensor:
    return (probabilities * (total - 1)).floor().long() + 1


@whole_counts.wrong(
    "What does a probability stand for here? A share of what is left, and not a share of the largest "
    "one: do not divide by the maximum."
)
def _by_the_largest(probabilities: Tensor, total: int) -> Tensor:
    spare = total - len(probabilities)
    return (probabilities / probabilities.max() * spare).floor().long() + 1


@whole_counts.inputs
def _distributions(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.tensor([0.61, 0.29, 0.1, 0.0]), 54
    for size, total in (
        *((3, 40), (5, 100), (8, 1000), (12, 90), (7, 333)),
        *((4, 60), (6, 250), (9, 2000), (11, 170), (5, 77)),
    ):
        yield _away_from_edges(size, total, rng), total


def _away_from_edges(size: int, total: int, rng: torch.Generator) -> Tensor:
    """A distribution whose shares lie clearly between two whole numbers, whichever of the usual sums
    they are shares of: then no way of computing them rounds otherwise. The last token has none.
    """
    while True:
        some = torch.randn(size - 1, generator=rng).mul(2).softmax(dim=-1)
        parts = torch.stack([some * of for of in (total - size, total - 1, total)]) % 1
        if ((parts > 0.02) & (parts < 0.98)).all():
            return torch.cat([some, torch.zeros(1)])
