"""Exercise 18.3: how much better, and how sure is that? Two prompts were tried on the same queries."""

from collections.abc import Iterator
from statistics import fmean, stdev

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "18.3",
    minutes=6,
    hints=(
        "The two lists belong together place by place: the same query, asked twice. So what is the "
        "difference at each query?",
        "Take the mean of the differences. Its standard error is their standard deviation, with "
        "n - 1, divided by the square root of n.",
        "gaps = [b - a for a, b in zip(before, after)]; the answer is "
        "[fmean(gaps), 2 * stdev(gaps) / len(gaps) ** 0.5], with fmean and stdev of statistics.",
    ),
)
def paired_difference(before: list[float], after: list[float]) -> list[float]:
    """How much larger the second of two marks is on the same queries, and how sure that is.

    before, after: for each query a mark with one prompt and one with another; query by
        query in the same order, two queries or more. Some queries are hard with both.
    Returns the mean of the differences, after minus before, and two standard errors of
    that mean. (A standard deviation here has n - 1 below the line.)
    """
    gaps = [b - a for a, b in zip(before, after, strict=True)]
    return [fmean(gaps), 2 * stdev(gaps) / len(gaps) ** 0.5]


@paired_difference.also_right
def _numpy(before: list[float], after: list[float]) -> list[float]:
    gaps = np.array(after) - np.array(before)
    return [float(gaps.mean()), float(2 * gaps.std(ddof=1) / np.sqrt(len(gaps)))]


@paired_difference.also_right
def _sums_by_hand(before: list[float], after: list[float]) -> list[float]:
    count = len(before)
    total = sum(after) - sum(before)
    squares = sum((b - a - total / count) ** 2 for a, b in zip(before, after, strict=True))
    return [total / count, 2 * (squares / (count - 1) / count) ** 0.5]


@paired_difference.also_right
def _torch(before: list[float], after: list[float]) -> list[float]:
    gaps = torch.tensor(after, dtype=torch.float64) - torch.tensor(before, dtype=torch.float64)
    return [float(gaps.mean()), float(2 * gaps.std() / len(gaps) ** 0.5)]


@paired_difference.wrong(
    "Are these two groups of different queries? They are the same queries, asked twice. Take the "
    "difference at each of them first; what is hard in both then drops out."
)
def _two_groups(before: list[float], after: list[float]) -> list[float]:
    spread = stdev(before) ** 2 + stdev(after) ** 2
    return [fmean(after) - fmean(before), 2 * (spread / len(before)) ** 0.5]


@paired_difference.wrong(
    "The spread of the differences, or of their mean? The mean of n is surer than one of them: divide "
    "by the square root of n."
)
def _not_divided(before: list[float], after: list[float]) -> list[float]:
    gaps = [b - a for a, b in zip(before, after, strict=True)]
    return [fmean(gaps), 2 * stdev(gaps)]


@paired_difference.wrong("Divided by n, or by its square root? By the root.")
def _divided_by_n(before: list[float], after: list[float]) -> list[float]:
    gaps = [b - a for a, b in zip(before, after, strict=True)]
    return [fmean(gaps), 2 * stdev(gaps) / len(gaps)]


@paired_difference.wrong("One standard error, or two? Two are asked for.")
def _one_error(before: list[float], after: list[float]) -> list[float]:
    gaps = [b - a for a, b in zip(before, after, strict=True)]
    return [fmean(gaps), stdev(gaps) / len(gaps) ** 0.5]


@paired_difference.wrong("Which minus which? After minus before, so that a gain is above 0.")
def _turned_round(before: list[float], after: list[float]) -> list[float]:
    gaps = [a - b for a, b in zip(before, after, strict=True)]
    return [fmean(gaps), 2 * stdev(gaps) / len(gaps) ** 0.5]


@paired_difference.wrong(
    "n, or n - 1? The mean is itself taken from these n differences, so n - 1 stands below the line."
)
def _by_n(before: list[float], after: list[float]) -> list[float]:
    gaps = np.array(after) - np.array(before)
    return [float(gaps.mean()), float(2 * gaps.std() / np.sqrt(len(gaps)))]


@paired_difference.wrong(
    "Can a loss at one query make up for a gain at another? It does: take the differences with their "
    "signs, not their sizes."
)
def _sizes(before: list[float], after: list[float]) -> list[float]:
    gaps = [abs(b - a) for a, b in zip(before, after, strict=True)]
    return [fmean(gaps), 2 * stdev(gaps) / len(gaps) ** 0.5]


@paired_difference.inputs
def _marks(rng: torch.Generator) -> Iterator[tuple[list[float], list[float]]]:
    yield [0.0, 1.0, 0.0, 0.5], [1.0, 1.0, 0.0, 1.0]
    yield [2.0, 4.0], [3.0, 4.5]
    for count, size in (
        *((5, 1.0), (8, 1.0), (12, 100.0), (20, 0.01), (3, 1.0), (30, 5.0), (7, 1.0)),
        *((16, 1000.0), (25, 1.0), (6, 0.1)),
    ):
        hard = size * torch.rand(count, generator=rng)
        gain = 0.3 * size * torch.randn(count, generator=rng) + 0.1 * size
        yield hard.tolist(), (hard + gain).tolist()
