"""The stored runs of attention alone, feed-forward alone and both: made by benchmarks/part_runs.py,
which says what the columns are.
"""

from dataclasses import dataclass

from course.runs.stored import matching, stored

_FILE = "part_runs.csv"
_TUNING_SEED = 0.0


@dataclass(frozen=True)
class PartRun:
    """One trained model; losses in nats per character."""

    weights: int
    held_out: float
    first: float  # on random letters
    second: float  # on the same letters again


def part_kinds() -> list[str]:
    """What the models are made of, in the order of the table; the table of pairs is none."""
    return [kind for kind in dict.fromkeys(str(row["kind"]) for row in _rows()) if kind != "pairs"]


def part_runs(kind: str) -> list[PartRun]:
    """The runs of a kind, a seed each, without those that chose the rate.

    Raises ValueError if none are stored.
    """
    rows = matching(_FILE, f"no run of {kind!r} is", kind=kind)
    return [
        PartRun(int(row["weights"]), *(float(row[name]) for name in ("held_out", "first", "second")))
        for row in rows
        if row["seed"] != _TUNING_SEED
    ]


def pairs_loss() -> float:
    """The loss of a table that counts which character follows which."""
    (row,) = matching(_FILE, "no table of pairs is", kind="pairs")
    return float(row["held_out"])


def tuning(kind: str) -> dict[float, float]:
    """The loss of the runs that chose the rate, by rate."""
    rows = matching(_FILE, f"no run of {kind!r} is", kind=kind, seed=_TUNING_SEED)
    return {float(row["rate"]): float(row["held_out"]) for row in rows}


def _rows() -> list[dict[str, float | str]]:
    return stored(_FILE)
