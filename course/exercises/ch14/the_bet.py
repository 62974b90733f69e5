"""Exercise 14.4: the loss that a power law promises for a larger model."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "14.4",
    minutes=8,
    hints=(
        "The law that you fitted says loss = factor * size ** exponent. On logarithmic axes that "
        "is a straight line; the bet is the point of that line above the new size.",
        "Fit the line as in the last exercise, to the logarithms. Go on along it to "
        "log(new_size), and turn the result back with math.exp.",
        "slope, height = np.polyfit(np.log(sizes), np.log(losses), 1), and the bet is "
        "math.exp(height + slope * math.log(new_size)).",
    ),
)
def the_bet(sizes: list[float], losses: list[float], new_size: float) -> float:
    """The loss that a power law promises for a model that was not trained yet.

    sizes, losses: weights and loss of the models that were trained, all above 0.
    new_size: the weights of the next model.
    The law is fitted by least squares on logarithmic axes.
    Returns the loss that it gives for new_size.
    """
    slope, height = np.polyfit(np.log(sizes), np.log(losses), 1)
    return math.exp(height + slope * math.log(new_size))


@the_bet.also_right
def _with_factor_and_exponent(sizes: list[float], losses: list[float], new_size: float) -> float:
    exponent, height = np.polyfit(np.log10(sizes), np.log10(losses), 1)
    factor = 10**height
    return float(factor * new_size**exponent)


@the_bet.also_right
def _from_the_middle_point(sizes: list[float], losses: list[float], new_size: float) -> float:
    x, y = np.log(sizes), np.log(losses)
    slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    middle = math.exp(y.mean())
    return float(middle * (new_size / math.exp(x.mean())) ** slope)


@the_bet.also_right
def _with_polyval(sizes: list[float], losses: list[float], new_size: float) -> float:
    line = np.polynomial.Polynomial.fit(np.log2(sizes), np.log2(losses), 1)
    return float(2 ** line(math.log2(new_size)))


@the_bet.wrong(
    "On which axes does the line go on? On logarithmic ones. A straight line through the numbers "
    "themselves falls below 0 soon."
)
def _straight_on(sizes: list[float], losses: list[float], new_size: float) -> float:
    return float(np.polyval(np.polyfit(sizes, losses, 1), new_size))


@the_bet.wrong(
    "Is the loss a straight line over log(size)? That is another law. Take the logarithm of the "
    "loss, too."
)
def _log_of_the_size_alone(sizes: list[float], losses: list[float], new_size: float) -> float:
    return float(np.polyval(np.polyfit(np.log(sizes), losses, 1), math.log(new_size)))


@the_bet.wrong(
    "Is this a loss, or its logarithm? The line gives log(loss): turn it back with math.exp."
)
def _left_as_logarithm(sizes: list[float], losses: list[float], new_size: float) -> float:
    return math.log(the_bet.reference(sizes, losses, new_size))


@the_bet.wrong(
    "Where on the line is the new size? At log(new_size). Here the size itself was put in."
)
def _size_not_as_logarithm(sizes: list[float], losses: list[float], new_size: float) -> float:
    slope, height = np.polyfit(np.log(sizes), np.log(losses), 1)
    return math.exp(height + slope * math.log(math.log(new_size)))


@the_bet.wrong(
    "Does a larger model have a higher loss? The exponent has a sign, and here it got lost."
)
def _sign_lost(sizes: list[float], losses: list[float], new_size: float) -> float:
    slope, height = np.polyfit(np.log(sizes), np.log(losses), 1)
    return math.exp(height - slope * math.log(new_size))


@the_bet.wrong(
    "Do all models count? This goes on through the last two alone, and a bit of noise in either "
    "turns the whole line."
)
def _last_two(sizes: list[float], losses: list[float], new_size: float) -> float:
    return the_bet.reference(sizes[-2:], losses[-2:], new_size)


@the_bet.wrong("Is the loss of the next model that of the last one? The law goes on falling.")
def _as_the_last(sizes: list[float], losses: list[float], new_size: float) -> float:
    return losses[-1]


@the_bet.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[list[float], list[float], float]]:
    for case in range(12):
        count = 3 + case % 3
        draws = torch.rand(3, generator=rng).tolist()
        factor, exponent = 3 + 5 * draws[0], -(0.03 + 0.15 * draws[1])
        steps = (0.5 + torch.rand(count, generator=rng)).cumsum(0)
        sizes = [round(float(10 ** (2 + step)), 1) for step in steps]
        noise = (1 + 0.03 * torch.randn(count, generator=rng)).tolist()
        losses = [factor * n**exponent * e for n, e in zip(sizes, noise, strict=True)]
        yield sizes, losses, round(sizes[-1] * (2 + 8 * draws[2]), 1)
