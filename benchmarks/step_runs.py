"""Three small GPTs calculate: one answers at once, one after dots, one after the steps. The runs
behind the chapter on chain of thought.

    python benchmarks/step_runs.py            (shows the means)
    python benchmarks/step_runs.py --write    (makes the runs that are not stored: of all, some 10
                                                minutes of processor time)

Writes course/runs/step_runs.csv, a row for each training. `task`: "last digit" (calculated from left
to right, only the last digit kept; `size` operations) or "total" (the sum of `size` digits).
`way`: what is written before the answer. `blocks` and `steps` of training; 64 problems, drawn anew,
at each step. `right`: the share of 400 new problems. `follows`, of those that write the steps of
last digits: the share whose answer is what follows from a first step that was overwritten with
another digit; `stays`: the share whose answer is still the right one. `flops`: for one answer. The
command, versions and machine decide every digit.
"""

import os
import random
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing, stored
from utils.data.problems_in_steps import WAYS, Problem, Way, last_digits, totals
from utils.training.broken_steps import broken_answers
from utils.training.step_writer import new_step_writer

FILE = "step_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
SEEDS, STEPS, RATE, TESTED = (1, 2, 3, 4, 5), 400, 0.005, 400
TASKS = {"last digit": last_digits, "total": totals}


class Run(NamedTuple):
    """One training."""

    task: str
    way: Way
    size: int
    blocks: int
    steps: int
    seed: int


def all_runs() -> list[Run]:
    """Every seed has all of them before the next one begins."""
    runs = []
    for seed in SEEDS:
        runs += [Run("last digit", way, 5, 2, STEPS, seed) for way in WAYS]
        runs += [Run("total", way, 5, 2, STEPS, seed) for way in WAYS]
        for way, sizes in (("direct", (1, 2, 3, 4)), ("steps", (2, 3, 4))):
            runs += [Run("last digit", way, size, 2, STEPS, seed) for size in sizes]
        # more compute for the direct answer, in other places
        runs.append(Run("last digit", "direct", 5, 4, STEPS, seed))
        runs.append(Run("last digit", "direct", 5, 2, 4 * STEPS, seed))
        runs.append(Run("last digit", "steps", 5, 1, STEPS, seed))
    return runs


def test_problems(task: str, size: int) -> list[Problem]:
    rng = random.Random(10**9)
    draw = TASKS[task](size)
    return [draw(rng) for _ in range(TESTED)]


def one_run(run: Run) -> list[dict[str, Any]]:
    torch.set_num_threads(1)
    writer = new_step_writer(run.way, run.seed, run.blocks)
    writer.learn(TASKS[run.task](run.size), steps=run.steps, rate=RATE, seed=run.seed)
    problems = test_problems(run.task, run.size)
    row = {
        **run._asdict(),
        "right": f"{writer.share_right(problems):.4f}",
        "follows": "",
        "stays": "",
        "flops": writer.flops_per_answer(problems[0]),
    }
    if run.task == "last digit" and run.way == "steps":
        broken = broken_answers(writer, problems)
        row["follows"] = f"{fmean(one.follows for one in broken):.4f}"
        row["stays"] = f"{fmean(one.stays for one in broken):.4f}"
    return [row]


def show() -> None:
    """The means over the seeds."""
    by_setting = defaultdict(list)
    for row in stored(FILE):
        setting = tuple(row[name] for name in ("task", "way", "size", "blocks", "steps"))
        by_setting[setting].append(float(row["right"]))
    for setting, shares in by_setting.items():
        print(*setting, f"{fmean(shares):.1%} of {len(shares)} seeds", sep=", ")


def main() -> None:
    if asked_to_write(__doc__):
        make_missing(STORED, all_runs(), one_run)
    show()


if __name__ == "__main__":
    main()
