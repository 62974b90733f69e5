"""The stored runs with more and less weight decay: made by benchmarks/weight_decay.py, which says
what its columns are.
"""

from course.runs.stored import matching, stored

_FILE = "weight_decay_runs.csv"


def texts() -> list[int]:
    """How many characters each text has that runs were made on, the shortest first."""
    return sorted({int(float(row["characters"])) for row in stored(_FILE)})


def decays(characters: int) -> list[float]:
    """The weight decays that were tried on a text, from the lowest up."""
    return sorted({float(row["decay"]) for row in _runs(characters=characters)})


def losses(characters: int, decay: float, column: str) -> list[float]:
    """The column "train", "lowest" or "held_out", seed by seed.

    Raises ValueError if no such runs are stored.
    """
    return [float(row[column]) for row in _runs(characters=characters, decay=decay)]


def _runs(**wanted: float) -> list[dict[str, float | str]]:
    given = ", ".join(f"{name} {value:g}" for name, value in wanted.items())
    return matching(_FILE, f"no runs with {given} are", **wanted)
