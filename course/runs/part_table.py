"""The stored runs of attention alone, feed-forward layers alone and both: made by
benchmarks/part_runs.py, which says what the columns are.
"""

from course.runs.stored import matching

_FILE = "part_runs.csv"
_TUNING_SEED = 0.0


def part_losses(task: str, kind: str) -> list[float]:
    """The loss of each seed's run, in nats per character, without the runs that chose the rate.

    task: "plays" or "copying". kind: "both", "attn" or "mlp". Raises ValueError if no such run is
    stored.
    """
    rows = matching(_FILE, f"no run of {kind!r} on {task!r} is", task=task, kind=kind)
    return [float(row["loss"]) for row in rows if row["seed"] != _TUNING_SEED]


def tuning(task: str, kind: str) -> dict[float, float]:
    """The losses of the runs that chose the rate, by rate. Raises ValueError as `part_losses` does."""
    missing = f"no run of {kind!r} on {task!r} is"
    rows = matching(_FILE, missing, task=task, kind=kind, seed=_TUNING_SEED)
    return {float(row["rate"]): float(row["loss"]) for row in rows}


def part_weights(kind: str) -> int:
    """How many weights the small GPTs of this kind have that read the plays."""
    return int(
        float(matching(_FILE, f"no run of {kind!r} is", task="plays", kind=kind)[0]["weights"])
    )


def pairs_loss() -> float:
    """The loss on the plays of a table that counts which character follows which."""
    (loss,) = part_losses("plays", "pairs")
    return loss
