"""What is fitted to the losses of models of several sizes: a straight line on logarithmic axes, a
parabola over the logarithm of the size, and how certain either is.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Numbers = Sequence[float | int]


@dataclass(frozen=True)
class PowerLaw:
    """y = factor * x ** exponent: a straight line on logarithmic axes, with the exponent as slope."""

    factor: float
    exponent: float

    def __call__(self, x: float | int) -> float:
        """The y of the law at x."""
        return float(self.factor * x**self.exponent)


def fit_power_law(x: Numbers, y: Numbers) -> PowerLaw:
    """The line of least squares through the logarithms.

    ValueError unless there are two or more different x, and as many y, all above 0.
    """
    _check(x, y, fewest=2)
    slope, height = np.polyfit(np.log(x), np.log(y), 1)
    return PowerLaw(math.exp(height), float(slope))


def parabola_minimum(sizes: Numbers, losses: Numbers) -> tuple[float, float]:
    """The size and the loss at the lowest point of the parabola of least squares through the losses
    over the logarithm of the size.

    ValueError unless there are three or more different sizes, as many losses, all above 0, and the
    parabola opens upwards: otherwise it has no lowest point.
    """
    _check(sizes, losses, fewest=3)
    place = np.log(sizes) - np.mean(np.log(sizes))  # near 0: the fit is then well conditioned
    square, slope, height = np.polyfit(place, losses, 2)
    if square <= 0:
        raise ValueError(
            "the parabola through these losses has no lowest point: it bends downwards; give sizes "
            "on both sides of the best one."
        )
    lowest = -slope / (2 * square)
    size = math.exp(lowest + np.mean(np.log(sizes)))
    return size, float(height + slope * lowest + square * lowest**2)


def optimal_size(budget: float | int, tokens_per_weight: float | int = 20) -> float:
    """The weights N whose training on `tokens_per_weight` * N tokens takes `budget` FLOPs, by the
    rule of thumb of 6 FLOPs for each weight and token: 6 * N * (20 * N) = budget.
    """
    return math.sqrt(budget / (6 * tokens_per_weight))


def reading_years(
    words: float | int, words_per_minute: float | int = 238, hours_a_day: float | int = 24
) -> float:
    """How many years of 365.25 days somebody reads for so many words.

    238 words a minute: adults, silently, English prose (Brysbaert 2019).
    """
    return words / (words_per_minute * 60 * hours_a_day * 365.25)


def bootstrap(
    groups: Sequence[Sequence[float]],
    fit: Callable[[list[float]], float],
    draws: int = 1000,
    seed: int = 0,
) -> list[float]:
    """What `fit` gives for redrawn data, in ascending order.

    groups: the values of the seeds, for each point. Each draw takes of every point as many values
        as it has, with repetition, and hands their means to `fit`. Draws for which `fit` raises a
        ValueError are left out.
    Raises ValueError if more than a tenth are.
    """
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        means = [float(np.mean(chance.choice(group, size=len(group)))) for group in groups]
        try:
            found.append(fit(means))
        except ValueError:
            continue  # no lowest point in this draw; counted below
    if len(found) < 0.9 * draws:
        raise ValueError(
            f"{draws - len(found)} of {draws} redrawn sets cannot be fitted: the data do not decide."
        )
    return sorted(found)


def mean_and_error(values: Numbers) -> tuple[float, float]:
    """The mean of independent values, and its standard error. ValueError for fewer than two."""
    if len(values) < 2:
        raise ValueError(f"{len(values)} values tell nothing of their spread: give two or more.")
    return float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))


def middle_share(values: Sequence[float], share: float = 0.95) -> tuple[float, float]:
    """Between which two numbers that share of the values lies, as much left out below as above."""
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def _check(x: Numbers, y: Numbers, fewest: int) -> None:
    if len(x) != len(y) or len(set(x)) < fewest or min(*x, *y) <= 0:
        raise ValueError(
            f"{len(x)} numbers on the one axis and {len(y)} on the other were given; it takes as "
            f"many of both, all above 0, at {fewest} or more different places."
        )
