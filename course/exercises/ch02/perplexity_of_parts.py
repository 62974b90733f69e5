"""Exercise 02.2: the perplexity of a text that comes in two parts of different length."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "02.2",
    minutes=6,
    hints=(
        "Perplexity is e to the power of the mean loss. Which mean: how many losses are there in "
        "the whole text?",
        "A long part has to count for more than a short one: each token counts once, wherever it "
        "stands.",
        "Put the losses one behind the other with torch.cat, take one mean, then exp, in this "
        "order.",
    ),
)
def perplexity_of_parts(losses_a: torch.Tensor, losses_b: torch.Tensor) -> torch.Tensor:
    """The perplexity of a text that comes in two parts of different length.

    losses_a, losses_b: the loss of every token of each part, in nats: shapes (pos_a,)
        and (pos_b,).
    Returns the perplexity of the whole text: a tensor with one number, shape ().
    """
    return torch.cat([losses_a, losses_b]).mean().exp()


@perplexity_of_parts.also_right
def _from_sums(losses_a: Tensor, losses_b: Tensor) -> float:
    total = sum(losses_a.tolist()) + sum(losses_b.tolist())
    return math.exp(total / (len(losses_a) + len(losses_b)))


@perplexity_of_parts.also_right
def _weighted_in_float64(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    share = len(losses_a) / (len(losses_a) + len(losses_b))
    return (share * losses_a.double().mean() + (1 - share) * losses_b.double().mean()).exp()


@perplexity_of_parts.also_right
def _numpy(losses_a: Tensor, losses_b: Tensor) -> np.floating:
    return np.exp(np.mean(np.concatenate([losses_a.numpy(), losses_b.numpy()])))


@perplexity_of_parts.wrong(
    "May perplexities be averaged? No: average the losses of all tokens, and take exp at the end."
)
def _mean_of_perplexities(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return (losses_a.mean().exp() + losses_b.mean().exp()) / 2


@perplexity_of_parts.wrong(
    "Does every token count the same? The mean of the two means lets a short part count too much."
)
def _mean_of_means(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return ((losses_a.mean() + losses_b.mean()) / 2).exp()


@perplexity_of_parts.wrong(
    "Sum or mean? exp of the sum is one over the probability of the whole text: take the mean."
)
def _sum_of_losses(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return torch.cat([losses_a, losses_b]).sum().exp()


@perplexity_of_parts.wrong(
    "Which base undoes the logarithm? The losses are in nats, so it is e, not 2."
)
def _base_two_power(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return 2 ** torch.cat([losses_a, losses_b]).mean()


@perplexity_of_parts.wrong(
    "First exp or first the mean? Average the losses, then take exp of that one number."
)
def _exp_of_each(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return torch.cat([losses_a, losses_b]).exp().mean()


@perplexity_of_parts.wrong("Is that a perplexity? It is the mean loss: exp is missing.")
def _no_exp(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return torch.cat([losses_a, losses_b]).mean()


@perplexity_of_parts.wrong(
    "Can a perplexity be below 1? Losses are never negative, and no minus belongs in front of them."
)
def _minus(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return (-torch.cat([losses_a, losses_b]).mean()).exp()


@perplexity_of_parts.wrong("Where is the second part? Only the first one counts here.")
def _first_part_only(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return losses_a.mean().exp()


@perplexity_of_parts.inputs
def _losses_of_two_parts(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([1.0, 3.0, 2.0]), torch.tensor([4.0])
    yield torch.zeros(2), torch.zeros(5)  # knew every token
    for length_a, length_b in ((1, 4), (7, 2), (3, 3), (12, 5), (2, 40), (100, 1)):
        for size in (4.0, 0.01, 12.0):
            yield (
                torch.rand(length_a, generator=rng) * size,
                torch.rand(length_b, generator=rng) ** 2 * size,
            )
