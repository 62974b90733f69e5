"""Which recipe lets a stack of which depth learn the digits: the runs behind the map of the chapter
on deep stacks.

    python benchmarks/deep_stacks.py            (shows the map)
    python benchmarks/deep_stacks.py --write    (makes the runs that are not stored yet: all of them
    take 8 minutes of processor time; delete the file to begin anew)

Writes course/runs/deep_stacks.csv, a row for each run of STEPS batches of 64 of the training digits,
tested on the first N_TEST test digits. For each recipe, depth and optimizer all RATES are run with
seed 0; the best one is then run with SEEDS as well. `loss` is the mean over the last ten batches; a
run whose loss was no longer finite ended there, and has an accuracy of 0. The command, versions and
machine decide every digit.
"""

import argparse
import csv
import itertools
import os
from collections.abc import Iterable
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
DEPTHS, STEPS, N_TEST = (80, 20, 2), 100, 2000
RATES = {
    "SGD": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "Adam": (0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01),
}
SEEDS = (1, 2)


class Run(NamedTuple):
    """What decides a run."""

    recipe: str
    depth: int
    optimizer: str
    rate: float
    seed: int


class Result(NamedTuple):
    """What came of it."""

    accuracy: float
    loss: float


@cache
def pictures(split: str) -> Digits:
    """Read once, for all runs of a process."""
    return digits(split)


def one_run(run: Run) -> Result:
    """Train a stack, and test it."""
    torch.set_num_threads(1)
    train, test = pictures("train"), pictures("test")
    torch.manual_seed(run.seed)
    stack = DeepStack(RECIPES[run.recipe](run.depth), run.depth)
    losses = list(
        train_classifier(
            stack,
            train.images,
            train.labels,
            optimizer=run.optimizer,
            rate=run.rate,
            steps=STEPS,
            seed=run.seed,
        )
    )
    last = losses[-10:]
    return Result(
        accuracy(stack, test.images[:N_TEST], test.labels[:N_TEST]), sum(last) / len(last)
    )


def read() -> dict[Run, Result]:
    """The stored runs."""
    if not STORED.exists():
        return {}
    with STORED.open(encoding="utf-8", newline="") as file:
        return {
            Run(
                row["recipe"],
                int(row["depth"]),
                row["optimizer"],
                float(row["rate"]),
                int(row["seed"]),
            ): Result(float(row["accuracy"]), float(row["loss"]))
            for row in csv.DictReader(file)
        }


def write(results: dict[Run, Result]) -> None:
    """In the order of the map."""
    recipes = list(RECIPES)

    def place(run: Run) -> tuple[object, ...]:
        return run.depth, run.optimizer, recipes.index(run.recipe), run.seed, run.rate

    with STORED.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*Run._fields, *Result._fields])
        for run in sorted(results, key=place):
            table.writerow([*run, *(f"{number:.4g}" for number in results[run])])


def best_rate(results: dict[Run, Result], recipe: str, depth: int, optimizer: str) -> float:
    """With seed 0; the smaller one of equals."""
    runs = [Run(recipe, depth, optimizer, rate, 0) for rate in RATES[optimizer]]
    return max(runs, key=lambda run: results[run].accuracy).rate


def make(runs: Iterable[Run], pool: ProcessPoolExecutor) -> None:
    """Make those that are not stored, and store each as soon as it is there."""
    missing = [run for run in runs if run not in read()]
    for run, result in zip(missing, pool.map(one_run, missing), strict=True):
        write(read() | {run: result})


def make_all(jobs: int) -> None:
    """Depth by depth, so that what is stored is whole as far as it goes."""
    with ProcessPoolExecutor(jobs) as pool:
        for depth in DEPTHS:
            fields = list(itertools.product(("Adam", "SGD"), RECIPES))
            make(
                (
                    Run(recipe, depth, optimizer, rate, 0)
                    for optimizer, recipe in fields
                    for rate in RATES[optimizer]
                ),
                pool,
            )
        for depth in DEPTHS:
            stored = read()
            make(
                (
                    Run(recipe, depth, optimizer, best_rate(stored, recipe, depth, optimizer), seed)
                    for optimizer, recipe in fields
                    for seed in SEEDS
                ),
                pool,
            )


def show() -> None:
    """The map: means over the seeds at the best rate, with that rate."""
    results = read()
    for optimizer, recipe in itertools.product(RATES, RECIPES):
        fields = []
        for depth in sorted(DEPTHS):
            rate = best_rate(results, recipe, depth, optimizer)
            runs = [Run(recipe, depth, optimizer, rate, seed) for seed in (0, *SEEDS)]
            reached = [results[run].accuracy for run in runs if run in results]
            fields.append(f"{sum(reached) / len(reached):.2f} ({rate}, {len(reached)} starts)")
        print(f"{optimizer:5}{recipe:24}", *(f"{field:>24}" for field in fields))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are missing")
    options.add_argument("--jobs", type=int, default=2, help="how many runs at a time")
    chosen = options.parse_args()
    if chosen.write:
        make_all(chosen.jobs)
    show()


if __name__ == "__main__":
    main()
