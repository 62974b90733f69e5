"""The stored runs on the place of the norm: made by benchmarks/norm_runs.py, which says what its
columns are.
"""

from course.runs.stored import matching


def norm_runs(norm: str, rate: float, warmup: float) -> list[float]:
    """The loss on unread text, seed by seed, with the norm "before" or "after" the sublayers.

    Raises ValueError if no such runs are stored.
    """
    missing = f"no runs with the norm {norm!r}, rate {rate:g} and {warmup:g} steps of warm-up are"
    found = matching("norm_runs.csv", missing, norm=norm, rate=rate, warmup=warmup)
    return [float(row["held_out"]) for row in found]
