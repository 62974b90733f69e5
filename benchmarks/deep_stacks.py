"""Which recipe lets a stack of which depth learn the digits: the runs behind the map of the chapter
on deep stacks.

    python benchmarks/deep_stacks.py            (shows the map)
    python benchmarks/deep_stacks.py --write    (makes the runs again, 10 minutes of processor time)

Writes course/runs/deep_stacks.csv, a row for each run of STEPS batches of 64 pictures. For each
recipe, depth and optimizer all RATES are tried once, with the seed TUNING, on pictures held out of
the training digits; the best one is then run with the SEEDS, and these rows have `part` "final" and
the accuracy on the 10,000 test digits. `loss` is the mean over the last ten batches; a run whose
loss was no longer finite ended there, and has an accuracy of 0. The command, versions and machine
decide every digit.
"""

import argparse
import csv
import itertools
import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from utils.data.mnist import Digits, digits
from utils.predecessors.deep_stack import RECIPES, DeepStack
from utils.training.classifier import accuracy, train_classifier

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "deep_stacks.csv"
DEPTHS, STEPS = (2, 10, 20, 40, 80), 100
RATES = {
    "SGD": (0.001, 0.003, 0.01, 0.03, 0.1),
    "Adam": (0.0003, 0.001, 0.003),
}
TUNING, SEEDS = 100, range(5)
N_HELD_OUT = 5000  # of the training digits


class Cell(NamedTuple):
    """One field of the map."""

    recipe: str
    depth: int
    optimizer: str


@cache
def pictures(split: str) -> Digits:
    """Read once, for all runs of a process."""
    return digits(split)


def run(cell: Cell, rate: float, seed: int, part: str) -> dict[str, object]:
    """One training run as a row of the table."""
    train, test = pictures("train"), pictures("test")
    torch.manual_seed(seed)
    stack = DeepStack(RECIPES[cell.recipe](cell.depth), cell.depth)
    x, labels = train.images[:-N_HELD_OUT], train.labels[:-N_HELD_OUT]
    options = {"optimizer": cell.optimizer, "rate": rate, "steps": STEPS, "seed": seed}
    losses = list(train_classifier(stack, x, labels, **options))
    if part == "final":
        reached = accuracy(stack, test.images, test.labels)
    else:
        reached = accuracy(stack, train.images[-N_HELD_OUT:], train.labels[-N_HELD_OUT:])
    last = losses[-10:]
    return {
        **cell._asdict(),
        "part": part,
        "rate": rate,
        "seed": seed,
        "accuracy": reached,
        "loss": sum(last) / len(last),
    }


def one_cell(cell: Cell) -> list[dict[str, object]]:
    """The runs of one field: all rates once, then the best rate with each seed."""
    torch.set_num_threads(1)
    tuning = [run(cell, rate, TUNING, "tuning") for rate in RATES[cell.optimizer]]
    best = max(tuning, key=lambda row: row["accuracy"])["rate"]
    return tuning + [run(cell, best, seed, "final") for seed in SEEDS]


def write(rows: list[dict[str, object]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(
            {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )


def show() -> None:
    with STORED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "final"]
    for optimizer, recipe in itertools.product(RATES, RECIPES):
        fields = []
        for depth in DEPTHS:
            found = [
                (float(row["accuracy"]), row["rate"])
                for row in rows
                if (row["recipe"], row["optimizer"], row["depth"])
                == (recipe, optimizer, str(depth))
            ]
            reached = [accuracy for accuracy, _ in found]
            fields.append(f"{sum(reached) / len(reached):.3f} ({found[0][1]})")
        print(f"{optimizer:5}{recipe:28}", *(f"{field:>15}" for field in fields))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs again, and write them")
    options.add_argument("--jobs", type=int, default=2, help="how many runs at a time")
    chosen = options.parse_args()
    if chosen.write:
        cells = [Cell(*cell) for cell in itertools.product(RECIPES, DEPTHS, RATES)]
        with ProcessPoolExecutor(chosen.jobs) as pool:
            write([row for rows in pool.map(one_cell, cells) for row in rows], STORED)
    show()


if __name__ == "__main__":
    main()
