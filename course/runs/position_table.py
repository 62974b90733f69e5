"""The stored runs on positions: made by benchmarks/position_runs.py, which says what its columns are."""

from collections import defaultdict

from course.runs.stored import matching, stored

_FILE = "position_runs.csv"
_TUNING_SEED = 0.0
Band = tuple[int, int]  # the first and the last place, counted from 1


def position_kinds() -> list[str]:
    """What a model may know of positions, in the order of the table."""
    return list(dict.fromkeys(str(row["position"]) for row in stored(_FILE)))


def tuning(position: str) -> dict[float, float]:
    """The mean loss of the tuning runs within the training's length, by learning rate from the
    lowest up.
    """
    missing = f"no tuning run of {position!r} is"
    totals: defaultdict[float, float] = defaultdict(float)
    counts: defaultdict[float, float] = defaultdict(float)
    for row in matching(_FILE, missing, position=position, seed=_TUNING_SEED):
        if float(row["last"]) < float(row["trained"]):
            places = float(row["last"]) - float(row["first"]) + 1
            totals[float(row["rate"])] += places * float(row["loss"])
            counts[float(row["rate"])] += places
    return {rate: totals[rate] / counts[rate] for rate in sorted(totals)}


def best_rate(position: str) -> float:
    """The learning rate with the lowest loss in the tuning runs."""
    losses = tuning(position)
    return min(losses, key=losses.__getitem__)


def position_losses(
    position: str, trained: float = 64, stretch: float = 1, further: float = 0
) -> dict[Band, list[float]]:
    """The loss on unread text, a number for each seed, by band of places; at the best rate.

    Raises ValueError if no such runs are stored.
    """
    wanted = {"trained": trained, "stretch": stretch, "further": further}
    missing = f"no runs of {position!r} with {wanted} are"
    found: defaultdict[Band, list[float]] = defaultdict(list)
    rate = best_rate(position)
    for row in matching(_FILE, missing, position=position, rate=rate, **wanted):
        if row["seed"] != _TUNING_SEED:
            found[int(row["first"]), int(row["last"])].append(float(row["loss"]))
    return dict(found)


def control_losses(
    position: str, steps: float = 800, reads: float = 255
) -> dict[Band, list[float]]:
    """The same of the controls (benchmarks/position_controls.py): trainings of other lengths, and
    `reads`, the characters that the model may read before each place.

    Raises ValueError if no such runs are stored.
    """
    missing = f"no controls of {position!r} with {steps} steps that read {reads} are"
    found: defaultdict[Band, list[float]] = defaultdict(list)
    for row in matching(
        "position_controls.csv", missing, position=position, steps=steps, reads=reads
    ):
        found[int(row["first"]), int(row["last"])].append(float(row["loss"]))
    return dict(found)
