"""Exercise 14.6: the best size for a budget, by Chinchilla's rule of thumb."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "14.6",
    minutes=6,
    hints=(
        "Two conditions: tokens = tokens_per_weight * weights, and 6 * weights * tokens = budget. "
        "Put the first into the second.",
        "6 * tokens_per_weight * weights**2 = budget. What is weights?",
        "weights = math.sqrt(budget / (6 * tokens_per_weight)), and the tokens follow.",
    ),
)
def optimal_size(budget: float, tokens_per_weight: float) -> list[float]:
    """The weights and the tokens of a training that takes a budget in a given ratio.

    budget: the FLOPs of the training, 6 for each weight and token.
    tokens_per_weight: how many tokens there are to be for each weight.
    Returns the weights and the tokens, as a list of two numbers.
    """
    weights = math.sqrt(budget / (6 * tokens_per_weight))
    return [weights, tokens_per_weight * weights]


@optimal_size.also_right
def _tokens_first(budget: float, tokens_per_weight: float) -> list[float]:
    tokens = (budget * tokens_per_weight / 6) ** 0.5
    return [budget / 6 / tokens, tokens]


@optimal_size.also_right
def _in_logarithms(budget: float, tokens_per_weight: float) -> list[float]:
    half = (math.log(budget) - math.log(6) - math.log(tokens_per_weight)) / 2
    return [math.exp(half), math.exp(half + math.log(tokens_per_weight))]


@optimal_size.also_right
def _root_of_a_polynomial(budget: float, tokens_per_weight: float) -> list[float]:
    products = budget / 6  # weights * tokens
    weights = float(np.roots([tokens_per_weight, 0, -products]).max())
    return [weights, products / weights]


@optimal_size.wrong(
    "Is the root missing? The weights come twice in the product: once for themselves, once in the "
    "tokens."
)
def _without_the_root(budget: float, tokens_per_weight: float) -> list[float]:
    weights = budget / (6 * tokens_per_weight)
    return [weights, tokens_per_weight * weights]


@optimal_size.wrong(
    "FLOPs for each weight and token: 6, and they are in the budget. Here they are left out."
)
def _without_the_six(budget: float, tokens_per_weight: float) -> list[float]:
    return optimal_size.reference(6 * budget, tokens_per_weight)


@optimal_size.wrong("Forwards alone? 2 FLOPs are the forward pass; with the backward pass it is 6.")
def _forward_alone(budget: float, tokens_per_weight: float) -> list[float]:
    return optimal_size.reference(3 * budget, tokens_per_weight)


@optimal_size.wrong(
    "Which is which? The weights first, then the tokens, with tokens_per_weight tokens for each "
    "weight. Here the two are changed round."
)
def _changed_round(budget: float, tokens_per_weight: float) -> list[float]:
    return optimal_size.reference(budget, 1 / tokens_per_weight)


@optimal_size.wrong(
    "Is it always 20? The ratio is given: use tokens_per_weight. 20 is Chinchilla's."
)
def _always_20(budget: float, tokens_per_weight: float) -> list[float]:
    return optimal_size.reference(budget, 20)


@optimal_size.wrong(
    "How far does the root reach? The ratio stands under it, too: 6 * ratio * weights**2 = budget."
)
def _ratio_outside_the_root(budget: float, tokens_per_weight: float) -> list[float]:
    weights = math.sqrt(budget / 6) / tokens_per_weight
    return [weights, tokens_per_weight * weights]


@optimal_size.inputs
def _budgets(rng: torch.Generator) -> Iterator[tuple[float, float]]:
    yield 5.76e23, 20.0
    for _ in range(11):
        share = torch.rand(2, generator=rng).tolist()
        yield round(10 ** (12 + 10 * share[0])) * 1.0, 2 + 150 * share[1]
