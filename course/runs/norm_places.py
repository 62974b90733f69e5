"""The stored runs of small GPTs with their norms before or after the additions: made by
benchmarks/norm_places.py, which says what its columns are.
"""

from course.runs.stored import matching, stored

_FILE = "norm_places.csv"


def best_rate(norm: str, warmup: int) -> float:
    """The rate with the lowest loss of the first start; all were tried.

    Raises ValueError if no such run is stored.
    """
    missing = f"no run with the norm {norm!r} and a warm-up of {warmup} is"
    tried = matching(_FILE, missing, norm=norm, warmup=warmup, seed=0)
    return float(min(tried, key=lambda row: float(row["loss"]))["rate"])


def rates() -> list[float]:
    """The rates that were tried, from the lowest up."""
    return sorted({float(row["rate"]) for row in stored(_FILE)})


def losses(norm: str, warmup: int, rate: float) -> list[float]:
    """The loss at the end of each seed's run, in nats a letter.

    norm: "before" or "after". warmup: its batches. Raises ValueError if no such run is stored.
    """
    missing = f"no run with the norm {norm!r}, a warm-up of {warmup} and the rate {rate} is"
    found = matching(_FILE, missing, norm=norm, warmup=warmup, rate=rate)
    return [float(row["loss"]) for row in found]
