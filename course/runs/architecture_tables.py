"""The stored runs of chapter 15: made by benchmarks/recall_runs.py, recall_slopes.py,
shell_game_runs.py, date_runs.py, reader_runs.py, copy_runs.py and far_fact_runs.py, which say what
the columns are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from course.runs.stored import matching, stored

TUNING_SEED = 0
Row = Mapping[str, float | str]


def _tuned(file: str, kind: str) -> list[Row]:
    """The runs of a kind that were not there to find its rate."""
    rows = matching(file, f"no run of {kind!r} is", kind=kind)
    return [row for row in rows if row["seed"] != TUNING_SEED]


def recall_curve(kind: str, column: str = "steps") -> list[tuple[float, float]]:
    """(steps or seconds, share right): means over the seeds, at each look.

    Raises ValueError for a kind that is not stored.
    """
    return _curve([row for row in _tuned("recall_runs.csv", kind) if row["distance"] == 0], column)


def recall_shares(kind: str) -> dict[int, list[float]]:
    """At the end of the training, a share for each seed, by distance."""
    return _by_distance(_tuned("recall_runs.csv", kind), "right")


def shell_game_shares(kind: str) -> dict[int, list[float]]:
    """At the end of the training, the share of games in which the ball is found, a number for each
    seed, by how many swaps were made.
    """
    return _by_distance(_tuned("shell_game_runs.csv", kind), "right")


def recall_slopes(kind: str, start: str, steps: int) -> dict[int, list[float]]:
    """The slope of the loss at each symbol after so many steps, in nats, a number for each seed, by
    distance; 0 is the question itself.

    Raises ValueError for a start or a number of steps that is not stored.
    """
    missing = f"no {kind!r} with the start {start!r} after {steps} steps is"
    wanted: dict[str, float | str] = {"kind": kind, "start": start, "steps": float(steps)}
    rows = matching("recall_slopes.csv", missing, **wanted)
    found = _by_distance(rows, "slope")
    return {0: [float(row["slope"]) for row in rows if not row["distance"]], **found}


def slopes_of_networks(steps: int) -> dict[str, dict[int, list[float]]]:
    """The slopes of all five networks after so many steps, by a name that tells their start."""
    networks = {
        "RNN, torch's start": ("rnn", "torch"),
        "RNN": ("rnn", "usual"),
        "LSTM, torch's start": ("lstm", "torch"),
        "LSTM": ("lstm", "usual"),
        "attention": ("attention", "usual"),
    }
    return {name: recall_slopes(*which, steps) for name, which in networks.items()}


def _by_distance(rows: Sequence[Row], column: str) -> dict[int, list[float]]:
    """A list for each distance above 0, with a number for each seed."""
    found: defaultdict[int, list[float]] = defaultdict(list)
    for row in rows:
        if row["distance"]:
            found[int(row["distance"])].append(float(row[column]))
    return dict(sorted(found.items()))


def quickest_rate(kind: str, file: str = "date_runs.csv") -> float:
    """The rate with which a kind has most right as a mean over its tuning run: the quickest, where
    nearly all end alike.
    """
    found: defaultdict[float, list[float]] = defaultdict(list)
    rows = matching(file, f"no run of {kind!r} is", kind=kind, seed=TUNING_SEED)
    for row in rows:
        if not row.get("distance"):  # else of one distance alone
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
    return _first_steps(_dates(kind), share)


def recall_steps_until(kind: str, share: float) -> list[float]:
    """The same of the recalled values."""
    rows = [row for row in _tuned("recall_runs.csv", kind) if row["distance"] == 0]
    return _first_steps(rows, share)


def _first_steps(rows: Sequence[Row], share: float) -> list[float]:
    first: dict[float, float] = {}
    for row in rows:
        seed = float(row["seed"])
        first.setdefault(seed, float("inf"))
        if float(row["right"]) >= share:
            first[seed] = min(first[seed], float(row["steps"]))
    return list(first.values())


def alignments(kind: str) -> dict[str, list[float]]:
    """At the end of the training, a number for each seed: `on_source`, `peak`, with another date's
    places `exchanged` and `exchanged_peak`, and `numeric_month`.
    """
    rows = [row for row in _dates(kind) if row["peak"] != ""]
    names = ("on_source", "peak", "exchanged", "exchanged_peak", "numeric_month")
    return {name: [float(row[name]) for row in rows] for name in names}


def reader_results(
    kind: str, task: str, column: str = "loss", rate: float = 0.01, steps: int = 1500
) -> list[float]:
    """The loss, its standard error ("error") or the share of right guesses ("right") of "gpt", "bert"
    or "gpt, few targets" in a task after so many steps, a number for each seed.

    Raises ValueError for what is not stored.
    """
    missing = f"no {task!r} of {kind!r} with the rate {rate} after {steps} steps is"
    wanted: dict[str, float | str] = {"rate": rate, "steps": float(steps)}
    rows = matching("reader_runs.csv", missing, kind=kind, task=task, **wanted)
    return [float(row[column]) for row in rows]


def far_facts(wording: str, place: int, column: str = "chance") -> list[float]:
    """What SmolLM2 makes of a fact that is told so, after `place` of 12 fillers: a number for each of
    eight words.

    Raises ValueError for what is not stored.
    """
    missing = f"no {wording!r} at place {place} is"
    rows = matching("far_facts.csv", missing, wording=wording, place=float(place))
    return [float(row[column]) for row in rows]


def copied(looks_back: bool, steps: int, size: int = 48) -> dict[int, list[float]]:
    """The share of symbols that is copied, a number for each seed, by the length of the strings;
    `size` is that of the vector.

    Raises ValueError for steps or a size that are not stored.
    """
    missing = f"no copier with vectors of {size} after {steps} steps is"
    wanted = {"looks_back": float(looks_back), "steps": float(steps), "size": float(size)}
    found: defaultdict[int, list[float]] = defaultdict(list)
    for row in matching("copy_runs.csv", missing, **wanted):
        found[int(row["length"])].append(float(row["right"]))
    return dict(sorted(found.items()))


def recall_kinds() -> list[str]:
    """The architectures in the order of the table."""
    return list(dict.fromkeys(str(row["kind"]) for row in stored("recall_runs.csv")))
