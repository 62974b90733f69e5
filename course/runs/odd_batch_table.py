"""The stored runs with one odd batch: made by benchmarks/odd_batch.py, which says what its columns
are.
"""

from course.runs.stored import matching

_FILE = "odd_batch_runs.csv"


def cost_of_the_odd_batch(optimizer: str, clip: float, column: str) -> list[float]:
    """By how much the odd batch raises `column`, "after" or "held_out", seed by seed.

    clip: 1, or math.inf for no clipping. Raises ValueError if no such runs are stored.
    """
    with_it, without = (
        {int(row["seed"]): float(row[column]) for row in _runs(optimizer, clip, odd)}
        for odd in (1, 0)
    )
    return [with_it[seed] - without[seed] for seed in with_it]


def longest_gradient(optimizer: str, clip: float) -> float:
    """The mean length of the odd batch's gradient, before clipping."""
    lengths = [float(row["length"]) for row in _runs(optimizer, clip, odd=1)]
    return sum(lengths) / len(lengths)


def _runs(optimizer: str, clip: float, odd: int) -> list[dict[str, float | str]]:
    missing = f"no runs of {optimizer!r}, clipped at {clip:g}, with {odd} odd batches are"
    return matching(_FILE, missing, optimizer=optimizer, clip=clip, odd=odd)
