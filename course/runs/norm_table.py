"""The stored runs on the place of the norm: made by benchmarks/norm_runs.py, which says what its
columns are.
"""

from course.runs.stored import stored


def norm_runs(norm: str, rate: float, warmup: float) -> list[float]:
    """The loss on unread text, seed by seed, with the norm "before" or "after" the sublayers.

    Raises ValueError if no such runs are stored.
    """
    wanted = (norm, rate, warmup)
    found = [
        float(row["held_out"])
        for row in stored("norm_runs.csv")
        if (row["norm"], row["rate"], row["warmup"]) == wanted
    ]
    if not found:
        raise ValueError(
            f"no runs with the norm {norm!r}, rate {rate:g} and {warmup:g} steps of warm-up are "
            "stored; course/runs/norm_runs.csv lists those that are."
        )
    return found
