"""The stored runs of chapter 15: made by benchmarks/recall_runs.py, date_runs.py, reader_runs.py and
copy_runs.py, which say what the columns are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from course.runs.stored import matching, stored

_TUNING_SEED = 0.0
Row = Mapping[str, float | str]


def _tuned(file: str, kind: str) -> list[Row]:
    """The runs of a kind that were not there to find its rate."""
    rows = matching(file, f"no run of {kind!r} is", kind=kind)
    return [row for row in rows if row["seed"] != _TUNING_SEED]


def recall_curve(kind: str, column: str = "steps") -> list[tuple[float, float]]:
    """(steps or seconds, share right): means over the seeds, at each look.

    Raises ValueError for a kind that is not stored.
    """
    return _curve([row for row in _tuned("recall_runs.csv", kind) if row["distance"] == 0], column)


def recall_shares(kind: str) -> dict[int, list[float]]:
    """At the end of the training, a share for each seed, by distance."""
    found: defaultdict[int, list[float]] = defaultdict(list)
    for row in _tuned("recall_runs.csv", kind):
        if row["distance"]:
            found[int(row["distance"])].append(float(row["right"]))
    return dict(sorted(found.items()))


def quickest_rate(kind: str) -> float:
    """The rate with which a translator of dates has most of them right, as a mean over its tuning run:
    the quickest, as nearly all end near 1.
    """
    found: defaultdict[float, list[float]] = defaultdict(list)
    rows = matching("date_runs.csv", f"no run of {kind!r} is", kind=kind, seed=_TUNING_SEED)
    for row in rows:
        found[float(row["rate"])].append(float(row["right"]))
    return max(found, key=lambda rate: fmean(found[rate]))


def _dates(kind: str) -> list[Row]:
    """The runs of a translator at its quickest rate."""
    return [row for row in _tuned("date_runs.csv", kind) if row["rate"] == quickest_rate(kind)]


def date_curve(kind: str, column: str = "steps") -> list[tuple[float, float]]:
    """(steps or seconds, share of dates without a fault): means over the seeds."""
    return _curve(_dates(kind), column)


def _curve(rows: Sequence[Row], column: str) -> list[tuple[float, float]]:
    found: defaultdict[float, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        found[float(row["steps"])].append((float(row[column]), float(row["right"])))
    return [
        (fmean(x for x, _ in points), fmean(right for _, right in points))
        for _, points in sorted(found.items())
    ]


def steps_until(kind: str, share: float) -> list[float]:
    """For each seed, the steps after which `share` of the dates are right for the first time;
    infinite if that never is.
    """
    first: dict[float, float] = {}
    for row in _dates(kind):
        seed = float(row["seed"])
        first.setdefault(seed, float("inf"))
        if float(row["right"]) >= share:
            first[seed] = min(first[seed], float(row["steps"]))
    return list(first.values())


def alignments(kind: str) -> dict[str, list[float]]:
    """At the end of the training, a number for each seed: `on_source`, `peak` and, with another
    date's places, `exchanged` and `exchanged_peak`.
    """
    rows = [row for row in _dates(kind) if row["peak"] != ""]
    names = ("on_source", "peak", "exchanged", "exchanged_peak")
    return {name: [float(row[name]) for row in rows] for name in names}


def reader_results(kind: str, task: str, column: str = "loss") -> list[float]:
    """The loss or the share of right guesses of "gpt" or "bert" in a task, a number for each seed.

    Raises ValueError for a task that is not stored.
    """
    rows = matching("reader_runs.csv", f"no {task!r} of {kind!r} is", kind=kind, task=task)
    return [float(row[column]) for row in rows if row["seed"] != _TUNING_SEED]


def copied(looks_back: bool, steps: int) -> dict[int, list[float]]:
    """The share of symbols that is copied, a number for each seed, by the length of the strings.

    Raises ValueError for steps that are not stored.
    """
    missing = f"no copier after {steps} steps is"
    found: defaultdict[int, list[float]] = defaultdict(list)
    for row in matching("copy_runs.csv", missing, looks_back=float(looks_back), steps=float(steps)):
        found[int(row["length"])].append(float(row["right"]))
    return dict(sorted(found.items()))


def recall_kinds() -> list[str]:
    """The architectures in the order of the table."""
    return list(dict.fromkeys(str(row["kind"]) for row in stored("recall_runs.csv")))
