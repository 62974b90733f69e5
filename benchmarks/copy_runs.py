"""A recurrent network copies strings of growing length through one vector, trained
five times as long as in the chapter on attention, and with a look back: the bottleneck, in the
chapter on architectures.

    python benchmarks/copy_runs.py            (shows the means)
    python benchmarks/copy_runs.py --write    (makes the runs that are not stored: of all, 3
                                                minutes of processor time)

Writes course/runs/copy_runs.csv. `looks_back` is 1 with attention, `size` the numbers in the vector,
`length` that of the strings, `steps` those of the training so far, `right` the share of symbols that
are copied rightly in 500 new strings. The command, versions and machine decide every digit.
"""

import argparse
import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import make_missing, stored
from utils.predecessors.copier import shares_copied

FILE = "copy_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
LENGTHS, SIZE, SEEDS = (6, 12, 20), 48, (0, 1, 2)
STOPS = {False: (300, 1200), True: (300,)}

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    looks_back: bool
    length: int
    seed: int


def one_run(run: Run, stops: tuple[int, ...]) -> list[Row]:
    """A training: a row for each stop."""
    torch.set_num_threads(1)
    shares = shares_copied(run.length, stops, looks_back=run.looks_back, seed=run.seed)
    label = {"looks_back": int(run.looks_back), "size": SIZE, "length": run.length}
    return [
        {**label, "seed": run.seed, "steps": steps, "right": f"{share:.4f}"}
        for steps, share in zip(stops, shares, strict=True)
    ]


def show() -> None:
    for row in stored(FILE):
        print(*row.values())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    if options.parse_args().write:
        runs = [Run(back, n, seed) for seed in SEEDS for n in LENGTHS for back in (False, True)]
        make_missing(STORED, runs, lambda run: one_run(run, STOPS[run.looks_back]))
    show()


if __name__ == "__main__":
    main()
