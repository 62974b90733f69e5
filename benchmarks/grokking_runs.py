"""A small net learns a table of sums by heart, and long after that the rule: grokking, with and without
weight decay, with too few pairs, and where there is no rule. For the chapter on emergence.

    python benchmarks/grokking_runs.py            (shows the last row of each run)
    python benchmarks/grokking_runs.py --write    (makes the runs that are not stored; with the table
                                                    deleted all of them, some 3 minutes of processor
                                                    time)

Writes course/runs/grokking_runs.csv, a row for every 100 steps of each run. The other columns are the
fields of `Look` in utils/training/grokking.py. The command, versions and machine decide every digit.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing, stored
from utils.training.grokking import sum_table, watch_table

FILE = "grokking_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
STEPS, EVERY, SEEDS = 3000, 100, range(3)

Row = dict[str, Any]


class Setting(NamedTuple):
    """The share of the table that is read, the weight decay, and whether the table has a rule."""

    share: float
    decay: float
    rule: bool


SETTINGS = {
    "half, decay": Setting(0.5, 1.0, True),
    "half, no decay": Setting(0.5, 0.0, True),
    "a fifth, decay": Setting(0.2, 1.0, True),
    "no rule, decay": Setting(0.5, 1.0, False),
}


class Run(NamedTuple):
    """One training."""

    setting: str
    seed: int


def one_run(run: Run, steps: int = STEPS) -> list[Row]:
    torch.set_num_threads(1)
    share, decay, rule = SETTINGS[run.setting]
    table = sum_table(share, run.seed, rule=rule)
    rows = []
    for found in watch_table(table, steps, decay=decay, every=EVERY, seed=run.seed):
        step, *numbers = found._asdict().items()
        rows.append({**run._asdict(), **dict([step]), **{k: f"{v:.4f}" for k, v in numbers}})
    return rows


def show() -> None:
    for row in stored(FILE):
        if row["step"] == STEPS:
            print(*row.values())


def main() -> None:
    if asked_to_write(__doc__):
        make_missing(STORED, [Run(name, seed) for seed in SEEDS for name in SETTINGS], one_run)
    show()


if __name__ == "__main__":
    main()
