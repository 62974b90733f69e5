"""A recurrent network copies strings through one vector: strings of growing length, vectors of
growing size, and more and more steps; and with a look back. The bottleneck, in the chapter on
architectures.

    python benchmarks/copy_runs.py            (shows the table)
    python benchmarks/copy_runs.py --write    (makes the runs that the table does not have; with the
                                                table deleted all of them, some 4 minutes of
                                                processor time)

Writes course/runs/copy_runs.csv. `looks_back` is 1 with attention, `size` the numbers in the vector,
`length` that of the strings, `steps` those of the training so far, `right` the share of symbols that
are copied rightly in 500 new strings. The rate is the same for all. The command, versions and
machine decide every digit.
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
SIZES = (24, 48, 96)  # of those that copy the longest strings, and train for longer

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    looks_back: bool
    size: int
    length: int
    seed: int


def stops_of(run: Run) -> tuple[int, ...]:
    """After how many steps each run is looked at; it ends with the last."""
    if run.looks_back:
        return (300,)
    return (300, 600, 1200) if run.length == max(LENGTHS) else (300, 1200)


def one_run(run: Run, stops: tuple[int, ...]) -> list[Row]:
    """A training: a row for each stop."""
    torch.set_num_threads(1)
    shares = shares_copied(
        run.length, stops, looks_back=run.looks_back, size=run.size, seed=run.seed
    )
    label = {**run._asdict(), "looks_back": int(run.looks_back)}
    return [
        {**label, "steps": steps, "right": f"{share:.4f}"}
        for steps, share in zip(stops, shares, strict=True)
    ]


def show() -> None:
    for row in stored(FILE):
        print(*row.values())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    if options.parse_args().write:
        runs = [
            Run(back, SIZE, n, seed) for seed in SEEDS for n in LENGTHS for back in (False, True)
        ]
        runs += [Run(False, size, max(LENGTHS), seed) for seed in SEEDS for size in SIZES]
        make_missing(STORED, runs, lambda run: one_run(run, stops_of(run)))
    show()


if __name__ == "__main__":
    main()
