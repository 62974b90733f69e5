"""A rule or a table? A small GPT reads a share of all sums below 100 + 100, and is asked for the
others: the runs behind the section on addition of chapter 16.

    python benchmarks/sum_runs.py            (shows the means)
    python benchmarks/sum_runs.py --write    (makes the runs that are not stored: of all, 8 minutes
                                               of processor time)

Writes course/runs/sum_runs.csv, a row for each run. `share` of the 10,000 sums is read, 64 at a step
for 600 steps; `seed` draws it, the first weights and the order. What is right of 500 sums at most,
all digits of the answer: `seen` of those that were read, `unseen` of the others, `long` of sums of
numbers from 100 to 999. `units`: of the unseen ones, the last digit alone. The command, versions and
machine decide every digit.
"""

import os
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing, stored
from utils.data.made_up_facts import long_sums, share_of_sums
from utils.training.word_reader import new_sum_reader, read_sums, sums_right

FILE = "sum_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
SHARES, SEEDS, STEPS, MOST = (0.01, 0.03, 0.1, 0.3, 0.9), (1, 2, 3, 4, 5), 600, 500


class Run(NamedTuple):
    """One training."""

    share: float
    seed: int


def one_run(run: Run, steps: int = STEPS) -> list[dict[str, Any]]:
    torch.set_num_threads(1)
    seen, unseen = share_of_sums(run.share, run.seed)
    reader = new_sum_reader(run.seed)
    read_sums(reader, seen, steps, run.seed)
    shares = {
        "seen": sums_right(reader, seen[:MOST]),
        "unseen": sums_right(reader, unseen[:MOST]),
        "units": sums_right(reader, unseen[:MOST], last_digits=1),
        "long": sums_right(reader, long_sums(MOST, run.seed)),
    }
    return [{**run._asdict(), **{name: round(share, 4) for name, share in shares.items()}}]


def show() -> None:
    """The means over the seeds, by share."""
    by_share = defaultdict(list)
    for row in stored(FILE):
        by_share[row["share"]].append(row)
    for share, rows in by_share.items():
        means = {
            name: fmean(float(row[name]) for row in rows)
            for name in ("seen", "unseen", "units", "long")
        }
        print(f"{share:4.0%} read:", ", ".join(f"{name} {one:.0%}" for name, one in means.items()))


def main() -> None:
    if asked_to_write(__doc__):
        make_missing(STORED, [Run(share, seed) for seed in SEEDS for share in SHARES], one_run)
    show()


if __name__ == "__main__":
    main()
