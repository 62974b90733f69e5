"""Exercise 14.5: the lowest point of a parabola over the logarithm of the size."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "14.5",
    minutes=10,
    hints=(
        "np.polyfit(x, losses, 2) gives a, b and c of a * x**2 + b * x + c. What is x here, if "
        "sizes are to be told apart by their ratio?",
        "x is the logarithm of the size. The parabola is lowest where its slope 2 * a * x + b is "
        "0.",
        "The lowest point is at x = -b / (2 * a). That is a logarithm: math.exp of it is the size.",
    ),
)
def parabola_minimum(sizes: list[float], losses: list[float]) -> float:
    """The size at which a parabola through the losses is lowest.

    sizes: the weights of each model that took the same budget, three or more.
    losses: the loss of each.
    The parabola is fitted by least squares to the losses over the logarithms of the
    sizes. It opens upwards.
    Returns the size at its lowest point.
    """
    a, b, _ = np.polyfit(np.log(sizes), losses, 2)
    return math.exp(-b / (2 * a))


@parabola_minimum.also_right
def _root_of_the_slope(sizes: list[float], losses: list[float]) -> float:
    parabola = np.polynomial.Polynomial.fit(np.log10(sizes), losses, 2)
    return float(10 ** parabola.deriv().roots()[0])


@parabola_minimum.also_right
def _by_lstsq(sizes: list[float], losses: list[float]) -> float:
    x = torch.tensor(sizes, dtype=torch.float64).log2()
    middle = x.mean()
    columns = torch.stack([(x - middle) ** 2, x - middle, torch.ones_like(x)], dim=1)
    wanted = torch.tensor(losses, dtype=torch.float64)[:, None]
    a, b, _ = torch.linalg.lstsq(columns, wanted).solution[:, 0].tolist()
    return 2 ** (float(middle) - b / (2 * a))


@parabola_minimum.also_right
def _looked_up_on_a_fine_grid(sizes: list[float], losses: list[float]) -> float:
    coefficients = np.polyfit(np.log(sizes), losses, 2)
    low, high = math.log(min(sizes)) - 3, math.log(max(sizes)) + 3
    for _ in range(12):  # ever finer around the lowest point
        grid = np.linspace(low, high, 101)
        best = int(np.polyval(coefficients, grid).argmin())
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 100)]
    return math.exp((low + high) / 2)


@parabola_minimum.wrong(
    "Is the best of the models that were trained the best size? It lies between them: the "
    "parabola's lowest point."
)
def _lowest_sample(sizes: list[float], losses: list[float]) -> float:
    return sizes[int(np.argmin(losses))]


@parabola_minimum.wrong(
    "Over what is it a parabola? Over the logarithm of the size. Over the size itself, the largest "
    "model pulls it to itself."
)
def _over_the_size(sizes: list[float], losses: list[float]) -> float:
    a, b, _ = np.polyfit(sizes, losses, 2)
    return float(-b / (2 * a))


@parabola_minimum.wrong(
    "A size, or its logarithm? -b / (2 * a) is the logarithm: turn it back with math.exp."
)
def _left_as_logarithm(sizes: list[float], losses: list[float]) -> float:
    return math.log(parabola_minimum.reference(sizes, losses))


@parabola_minimum.wrong("Where is the slope 0? At -b / (2 * a). The 2 is missing.")
def _without_the_two(sizes: list[float], losses: list[float]) -> float:
    a, b, _ = np.polyfit(np.log(sizes), losses, 2)
    return math.exp(-b / a)


@parabola_minimum.wrong(
    "The size, or the loss there? This is the loss at the lowest point; the size was asked for."
)
def _the_loss_there(sizes: list[float], losses: list[float]) -> float:
    a, b, c = np.polyfit(np.log(sizes), losses, 2)
    return float(c - b**2 / (4 * a))


@parabola_minimum.wrong(
    "In which order does np.polyfit give its numbers? The square's comes first. Here a and c are "
    "changed round."
)
def _coefficients_changed_round(sizes: list[float], losses: list[float]) -> float:
    _, b, c = np.polyfit(np.log(sizes), losses, 2)
    return math.exp(-b / (2 * c))


@parabola_minimum.wrong(
    "Which base has the logarithm, and which the power? Here 10 and e are mixed: turn log10 back "
    "with 10 ** x."
)
def _bases_mixed(sizes: list[float], losses: list[float]) -> float:
    a, b, _ = np.polyfit(np.log10(sizes), losses, 2)
    return math.exp(-b / (2 * a))


@parabola_minimum.inputs
def _columns(rng: torch.Generator) -> Iterator[tuple[list[float], list[float]]]:
    for case in range(12):
        count = 4 + case % 3
        draws = torch.rand(3, generator=rng).tolist()
        best, bend = 8 + 3 * draws[0], 0.03 + 0.05 * draws[1]
        steps = (0.4 + 0.6 * torch.rand(count, generator=rng)).cumsum(0)
        x = [best + float(step) - (0.3 + 0.4 * draws[2]) * float(steps[-1]) for step in steps]
        noise = (0.003 * torch.randn(count, generator=rng)).tolist()
        losses = [2.2 + bend * (p - best) ** 2 + e for p, e in zip(x, noise, strict=True)]
        yield [round(math.exp(p), 1) for p in x], losses
