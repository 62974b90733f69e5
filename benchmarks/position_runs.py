"""Four ways to know of positions, in a small GPT that is trained on windows of 64 characters and asked
about 256: the runs behind the table of the chapter on embeddings and positions.

    python benchmarks/position_runs.py            (shows the means)
    python benchmarks/position_runs.py --write    (makes the runs that are not stored: of all, 12
                                                    minutes of processor time)

Writes course/runs/position_runs.csv. `position` is what the model knows of positions, `trained` the
length of its windows in training, `rate` the highest learning rate. The rates were tried with seed
0; the other seeds have the best rate of each. `stretch` is what positions are divided by when the
model is asked, `further` the steps of training on windows of 256 characters after that. `loss` is
the mean, in nats a character, over the places `first` to `last` of windows that no run reads. The
command, versions and machine decide every digit.
"""

import argparse
import csv
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import write_rows
from utils.model.gpt import GPT
from utils.training.long_reader import (
    LONGEST,
    TRAINED,
    loss_by_position,
    new_long_reader,
    stretched,
    train_long_reader,
)
from utils.training.small_reader import Reading, reading

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "position_runs.csv"
POSITIONS = ("learned", "sinusoid", "rope", "none")
RATES, TUNING_SEED, SEEDS = (0.00125, 0.0025, 0.005, 0.01), 0, (1, 2, 3, 4, 5)
STRETCH, FURTHER = LONGEST // TRAINED, 80
BANDS = ((1, 8), (9, 16), (17, 32), (33, 63), (65, 80), (81, 96), (97, 128), (129, 192), (193, 255))
COLUMNS = ("position", "trained", "rate", "seed", "stretch", "further", "first", "last", "loss")

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    position: str
    trained: int
    rate: float
    seed: int


def rows_of(run: Run, model: GPT, text: Reading, stretch: int = 1, further: int = 0) -> list[Row]:
    """The rows of a trained model, one for each band of places."""
    losses = loss_by_position(model, text)
    label = {**run._asdict(), "stretch": stretch, "further": further}
    return [
        {**label, "first": first, "last": last, "loss": f"{losses[first - 1 : last].mean():.4f}"}
        for first, last in BANDS
    ]


def one_run(run: Run) -> list[Row]:
    """A training, and the rows that come of it."""
    torch.set_num_threads(1)
    text = reading()
    model = new_long_reader(text, run.position, run.seed)
    train_long_reader(model, text, run.seed, rate=run.rate, length=run.trained)
    rows = rows_of(run, model, text)
    if run.position == "rope" and run.trained == TRAINED and run.seed != TUNING_SEED:
        for further in (0, FURTHER):
            longer = stretched(model, STRETCH)
            if further:
                train_long_reader(longer, text, run.seed, further, run.rate / 5, LONGEST - 1)
            rows += rows_of(run, longer, text, STRETCH, further)
    return rows


def stored() -> list[Row]:
    """The rows that are there already."""
    if not STORED.exists():
        return []
    with STORED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_training(rows: list[Row], position: str, rate: float) -> float:
    """The mean loss of the tuning run within the length of its training windows."""
    found = [
        float(row["loss"]) * (int(row["last"]) - int(row["first"]) + 1)
        for row in rows
        if (row["position"], float(row["rate"]), int(row["seed"])) == (position, rate, TUNING_SEED)
        and int(row["last"]) < TRAINED
    ]
    return sum(found) / (TRAINED - 1)


def best_rate(rows: list[Row], position: str) -> float:
    """The rate with the lowest loss within the length of the training windows."""
    return min(RATES, key=lambda rate: in_training(rows, position, rate))


def make(runs: list[Run], rows: list[Row], jobs: int) -> list[Row]:
    """The rows, and those of the runs that are not among them yet; written to the file."""
    there = {
        Run(row["position"], int(row["trained"]), float(row["rate"]), int(row["seed"]))
        for row in rows
    }
    with ProcessPoolExecutor(jobs) as pool:
        for made in pool.map(one_run, [run for run in runs if run not in there]):
            rows = [*rows, *made]
            write_rows(STORED, rows)
    return rows


def make_all(jobs: int) -> None:
    """First the rates with one seed, then the other seeds with the best rate of each."""
    tuning = [Run(one, TRAINED, rate, TUNING_SEED) for one in POSITIONS for rate in RATES]
    rows = make(tuning, stored(), jobs)
    best = {position: best_rate(rows, position) for position in POSITIONS}
    runs = [Run(one, TRAINED, best[one], seed) for seed in SEEDS for one in POSITIONS]
    longer = [Run("rope", LONGEST - 1, best["rope"], seed) for seed in SEEDS]
    make(runs + longer, rows, jobs)


def show() -> None:
    groups: dict[tuple[str, ...], list[float]] = {}
    for row in stored():
        key = tuple(str(row[name]) for name in COLUMNS if name not in ("seed", "loss"))
        groups.setdefault(key, []).append(float(row["loss"]))
    for key, losses in groups.items():
        print(*key, f"{sum(losses) / len(losses):.3f}", f"({len(losses)} seeds)")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    options.add_argument("--jobs", type=int, default=2, help="how many runs at a time")
    chosen = options.parse_args()
    if chosen.write:
        make_all(chosen.jobs)
    show()


if __name__ == "__main__":
    main()
