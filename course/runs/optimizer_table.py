"""The stored runs of chapter 07, over their seeds: made by benchmarks/optimizer_runs.py, which says
what its columns are.
"""

import math

from course.runs.stored import matching, select, stored

_FILE = "optimizer_runs.csv"
_RECIPE = {"clip": 1.0, "warmup": 20.0, "floor": 0.1, "others": 1.0}  # but for some


def optimizers() -> list[str]:
    """Their names, in the order of the table."""
    return list(dict.fromkeys(str(row["optimizer"]) for row in stored(_FILE)))


def rates(optimizer: str) -> list[float]:
    """The learning rates that were tried, from the lowest up."""
    rows = select(_FILE, optimizer=optimizer, **_RECIPE)
    return sorted({float(row["rate"]) for row in rows})


def held_out(optimizer: str, rate: float, **without: float) -> dict[int, float]:
    """The loss on unread text after the last step, by seed.

    without: what is not as in the runs of the grid: clip=math.inf, warmup=0, floor=1, or `others`,
        the rate of the embedding and the gains as a multiple of `rate`; where stored.
    Raises ValueError if no such run is stored.
    """
    missing = f"no run of {optimizer!r} with rate {rate:g} and {without or 'the usual recipe'} is"
    rows = matching(_FILE, missing, optimizer=optimizer, rate=rate, **_RECIPE | without)
    return {int(row["seed"]): float(row["held_out"]) for row in rows}


def grid_mean(optimizer: str, rate: float) -> float:
    """The mean held-out loss over the seeds that all rates of the grid have."""
    shared = set.intersection(*(set(held_out(optimizer, one)) for one in rates(optimizer)))
    losses = held_out(optimizer, rate)
    return math.fsum(losses[seed] for seed in shared) / len(shared)


def best_rate(optimizer: str) -> float:
    """The one with the lowest mean held-out loss."""
    return min(rates(optimizer), key=lambda rate: grid_mean(optimizer, rate))
