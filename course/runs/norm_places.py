"""The stored runs of small GPTs with their norms before or after the additions: made by
benchmarks/norm_places.py, which says what its columns are.
"""

from course.runs.stored import matching

_FILE = "norm_places.csv"


def losses(norm: str, warmup: int, rate: float) -> list[float]:
    """The loss at the end of each seed's run, in nats a letter.

    norm: "before" or "after". warmup: its batches. Raises ValueError if no such run is stored.
    """
    missing = f"no run with the norm {norm!r}, a warm-up of {warmup} and the rate {rate} is"
    found = matching(_FILE, missing, norm=norm, warmup=warmup, rate=rate)
    return [float(row["loss"]) for row in found]
