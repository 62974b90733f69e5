"""Two controls of benchmarks/position_runs.py: a model that reads only the end of a long text, and
trainings that are four times as long.

    python benchmarks/position_controls.py            (shows the means)
    python benchmarks/position_controls.py --write    (makes the runs: 10 minutes of processor time)

Writes course/runs/position_controls.csv. `steps` is the length of the training, on windows of 64
characters as there and at the best rate of the 800 steps there (no other was tried); `reads` is how
many characters the model may read at each place: 255 for all, 64 for the last 64. `loss` is the
mean, in nats a character, over the places `first` to `last` of the windows of position_runs.csv.
"""

import argparse
import csv
import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.position_table import best_rate
from course.runs.stored import write_rows
from utils.training.long_reader import (
    LONGEST,
    TRAINED,
    loss_by_position,
    loss_of_last,
    new_long_reader,
    train_long_reader,
)
from utils.training.small_reader import reading

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "position_controls.csv"
BANDS = ((33, 63), (65, 80), (81, 96), (97, 128), (129, 192), (193, 255))
COLUMNS = ("position", "steps", "rate", "seed", "reads", "first", "last", "loss")
Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    position: str
    steps: int
    rate: float
    seed: int


def all_runs() -> list[Run]:
    """First those that read the end of a text, then the long trainings."""
    cut = [Run("rope", 800, best_rate("rope"), seed) for seed in (1, 2, 3, 4, 5)]
    longer = [
        Run(position, 3200, best_rate(position), seed)
        for seed in (1, 2)
        for position in ("learned", "none", "rope")
    ]
    return cut + longer


def one_run(run: Run) -> list[Row]:
    """A training, and the rows that come of it."""
    torch.set_num_threads(1)
    text = reading()
    model = new_long_reader(text, run.position, run.seed)
    train_long_reader(model, text, run.seed, run.steps, run.rate)
    by_reads = {LONGEST - 1: loss_by_position(model, text)}
    if run.position == "rope":
        by_reads[TRAINED] = loss_of_last(model, text, TRAINED)
    return [
        {
            **run._asdict(),
            "reads": reads,
            "first": first,
            "last": last,
            "loss": f"{losses[first - 1 : last].mean():.4f}",
        }
        for reads, losses in by_reads.items()
        for first, last in BANDS
    ]


def show() -> None:
    groups: dict[tuple[str, ...], list[float]] = {}
    with STORED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = tuple(row[name] for name in COLUMNS if name not in ("seed", "loss"))
            groups.setdefault(key, []).append(float(row["loss"]))
    for key, losses in groups.items():
        print(*key, f"{sum(losses) / len(losses):.3f}", f"({len(losses)} seeds)")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make all runs anew")
    if options.parse_args().write:
        rows: list[Row] = []
        for run in all_runs():
            rows += one_run(run)
            write_rows(STORED, rows)
    show()


if __name__ == "__main__":
    main()
