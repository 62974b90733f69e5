"""Exercise 14.3: a straight line on logarithmic axes."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "14.3",
    minutes=10,
    hints=(
        "loss = factor * size ** exponent. Take the logarithm of both sides: log(loss) = "
        "log(factor) + exponent * log(size). That is a straight line. What is its slope?",
        "np.polyfit(x, y, 1) gives the slope and the height of the line of least squares. Give it "
        "the logarithms of both.",
        "The height is the logarithm of the factor: math.exp(height) is the factor itself.",
    ),
)
def fit_power_law(sizes: list[float], losses: list[float]) -> list[float]:
    """Fit loss = factor * size ** exponent by least squares on logarithmic axes.

    sizes: the weights of each model, all above 0 and all different.
    losses: the loss of each model, all above 0, as many as sizes.
    The exponent has a sign: it is below 0 where larger models have a lower loss.
    Returns the factor and the exponent, as a list of two numbers.
    """
    slope, height = np.polyfit(np.log(sizes), np.log(losses), 1)
    return [math.exp(height), float(slope)]


@fit_power_law.also_right
def _by_hand(sizes: list[float], losses: list[float]) -> list[float]:
    x, y = [math.log(size) for size in sizes], [math.log(loss) for loss in losses]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    slope = products / sum((a - mean_x) ** 2 for a in x)
    return [math.exp(mean_y - slope * mean_x), slope]


@fit_power_law.also_right
def _with_lstsq(sizes: list[float], losses: list[float]) -> list[float]:
    columns = torch.tensor([[1.0, math.log10(size)] for size in sizes], dtype=torch.float64)
    wanted = torch.tensor(losses, dtype=torch.float64).log10()[:, None]
    height, slope = torch.linalg.lstsq(columns, wanted).solution[:, 0].tolist()
    return [10**height, slope]


@fit_power_law.also_right
def _by_covariance(sizes: list[float], losses: list[float]) -> list[float]:
    logs = np.log2(np.array([sizes, losses]))
    covariance = np.cov(logs)
    slope = covariance[0, 1] / covariance[0, 0]
    return [float(2 ** (logs[1].mean() - slope * logs[0].mean())), float(slope)]


@fit_power_law.wrong(
    "On which axes is the line straight? On logarithmic ones, both of them. This fits a line to "
    "the numbers themselves."
)
def _linear(sizes: list[float], losses: list[float]) -> list[float]:
    slope, height = np.polyfit(sizes, losses, 1)
    return [float(height), float(slope)]


@fit_power_law.wrong(
    "The logarithm of the size alone? Of the loss, too. This is a straight line over log(size), "
    "which is another law."
)
def _log_of_the_size_alone(sizes: list[float], losses: list[float]) -> list[float]:
    slope, height = np.polyfit(np.log(sizes), losses, 1)
    return [float(height), float(slope)]


@fit_power_law.wrong(
    "The logarithm of the loss alone? Of the size, too. This makes an exponential, factor * "
    "e ** (slope * size)."
)
def _log_of_the_loss_alone(sizes: list[float], losses: list[float]) -> list[float]:
    slope, height = np.polyfit(sizes, np.log(losses), 1)
    return [math.exp(height), float(slope)]


@fit_power_law.wrong(
    "Which sign has the exponent? That of the slope. Papers write N ** -a and give a; here the "
    "sign belongs to the exponent."
)
def _sign_turned(sizes: list[float], losses: list[float]) -> list[float]:
    factor, exponent = fit_power_law.reference(sizes, losses)
    return [factor, -exponent]


@fit_power_law.wrong("Is the height the factor? It is the factor's logarithm: take math.exp of it.")
def _factor_as_logarithm(sizes: list[float], losses: list[float]) -> list[float]:
    factor, exponent = fit_power_law.reference(sizes, losses)
    return [math.log(factor), exponent]


@fit_power_law.wrong(
    "In which order? The factor first, then the exponent. np.polyfit gives the slope first."
)
def _other_order(sizes: list[float], losses: list[float]) -> list[float]:
    return fit_power_law.reference(sizes, losses)[::-1]


@fit_power_law.wrong(
    "Which one is predicted from which? The loss from the size. Here the axes are changed round."
)
def _axes_changed_round(sizes: list[float], losses: list[float]) -> list[float]:
    return fit_power_law.reference(losses, sizes)


@fit_power_law.wrong(
    "Do all models count? This draws the line through the first and the last alone."
)
def _two_points(sizes: list[float], losses: list[float]) -> list[float]:
    return fit_power_law.reference([sizes[0], sizes[-1]], [losses[0], losses[-1]])


@fit_power_law.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[list[float], list[float]]]:
    for case in range(12):
        count = 3 + case % 4
        draws = torch.rand(3, generator=rng).tolist()
        factor, exponent = 2 + 6 * draws[0], -(0.02 + 0.3 * draws[1])
        steps = (0.5 + torch.rand(count, generator=rng)).cumsum(0)
        sizes = [round(float(10 ** (2 + step)), 1) for step in steps]
        noise = (1 + 0.04 * torch.randn(count, generator=rng)).tolist()
        losses = [factor * n**exponent * e for n, e in zip(sizes, noise, strict=True)]
        yield sizes, losses
