"""Small GPTs of several sizes learn to add: digits right against sums right. Emergence as a curve and
as a threshold, in the chapter on emergence.

    python benchmarks/adder_runs.py            (shows the last row of each run)
    python benchmarks/adder_runs.py --write    (makes the runs that are not stored; with the table
                                                 deleted all of them, some 4 minutes of processor
                                                 time)

Writes course/runs/adder_runs.csv, a row for every 25 steps of each run. The sums are of numbers of 4
digits, the answers have 5. `d_model` is the size, `weights` their number; `digits` is the share of
digits right, `product` the product of the shares of the five digits, `sums` the share of answers
right, `loss` in nats per digit. The command, versions and machine decide every digit.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing, stored
from utils.training.small_adder import new_adder, watch_adder

FILE = "adder_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
DIGITS, SIZES, SEEDS, STEPS, EVERY = 4, (8, 16, 24, 32, 48, 64), range(5), 300, 25

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    d_model: int
    seed: int


def one_run(run: Run, steps: int = STEPS) -> list[Row]:
    torch.set_num_threads(1)
    model = new_adder(DIGITS, run.d_model, run.seed)
    weights = sum(parameter.numel() for parameter in model.parameters())
    return [
        {
            **run._asdict(),
            "weights": weights,
            "step": one.step,
            "digits": f"{one.digits:.4f}",
            "product": f"{float(one.by_digit.prod()):.4f}",
            "sums": f"{one.sums:.4f}",
            "loss": f"{one.loss:.4f}",
        }
        for one in watch_adder(model, steps, every=EVERY, seed=run.seed)
    ]


def show() -> None:
    for row in stored(FILE):
        if row["step"] == STEPS:
            print(*row.values())


def main() -> None:
    if asked_to_write(__doc__):
        make_missing(STORED, [Run(size, seed) for seed in SEEDS for size in SIZES], one_run)
    show()


if __name__ == "__main__":
    main()
