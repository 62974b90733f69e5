"""Small GPTs learn the documents' product, 47 x 23: at once, after dots, or with partial products.
The runs and the checkpoints behind the chapter on chain of thought.

    python benchmarks/product_runs.py            (shows the means)
    python benchmarks/product_runs.py --write    (makes the runs that are not stored: of all, some 7
                                                   minutes of processor time; and the checkpoints)

Writes course/runs/product_runs.csv, a row for each training, and course/runs/checkpoints/*.safetensors,
the models of seed 1 and those for calculations of five operations. 400 of the 8,100 products of two
numbers of two digits are never read, 47 x 23 among them. `way`: what is written before the answer.
`steps` of training, with 128 products each. `right`: the share of the 400; `digit_1` to `digit_4`:
the share with this digit of the answer right, from the left. `follows`: with the hundreds of the
first partial product one larger, the share whose answer is what follows from it; `stays`: whose
answer is still the right one. `flops`: for one answer. The command, versions and machine decide
every digit.
"""

import os
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.step_writers import CHECKPOINTS, LEFT_OUT, products_left_out
from course.runs.stored import asked_to_write, make_missing, stored
from utils.data.problems_in_steps import WAYS, Problem, Way, last_digits, one_of
from utils.training.broken_steps import broken_products
from utils.training.step_writer import StepWriter, new_step_writer, save_step_writer

FILE = "product_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
SEEDS, STEPS, EARLY_STEPS, RATE = (1, 2, 3, 4, 5), 700, 250, 0.004
CHAIN_STEPS, CHAIN_RATE, OPERATIONS = 400, 0.005, 5


class Run(NamedTuple):
    """One training."""

    way: Way
    steps: int
    seed: int


def all_runs() -> list[Run]:
    runs = [Run("steps", EARLY_STEPS, SEEDS[0])]
    return runs + [Run(way, STEPS, seed) for seed in SEEDS for way in WAYS]


def trained(run: Run) -> StepWriter:
    torch.set_num_threads(1)
    read, _ = products_left_out()
    writer = new_step_writer(run.way, run.seed, d_model=64)
    writer.learn(one_of(read), steps=run.steps, rate=RATE, seed=run.seed, batch_size=128)
    return writer


def one_run(run: Run) -> list[dict[str, Any]]:
    """A training, its row, and its checkpoint if it is one of seed 1."""
    writer = trained(run)
    if run.seed == SEEDS[0]:
        early = "_early" if run.steps == EARLY_STEPS else ""
        save_step_writer(CHECKPOINTS / f"product_{run.way}{early}.safetensors", writer)
    _, problems = products_left_out()
    row = {**run._asdict(), "right": f"{writer.share_right(problems):.4f}"}
    answers = writer.answers(problems)
    for place in range(4):
        right = _same_digit(answers, problems, place)
        row[f"digit_{place + 1}"] = f"{fmean(right):.4f}"
    broken = broken_products(writer, problems) if run.way == "steps" else []
    row["follows"] = f"{fmean(one.follows for one in broken):.4f}" if broken else ""
    row["stays"] = f"{fmean(one.stays for one in broken):.4f}" if broken else ""
    return [{**row, "flops": writer.flops_per_answer(problems[0])}]


def _same_digit(answers: list[str], problems: list[Problem], place: int) -> list[bool]:
    pairs = zip(answers, problems, strict=True)
    return [said[place] == problem.answer[place] for said, problem in pairs]


def save_chains() -> None:
    """The three models for calculations of five operations."""
    torch.set_num_threads(1)
    for way in WAYS:
        path = CHECKPOINTS / f"last_digit_{way}.safetensors"
        if not path.exists():
            writer = new_step_writer(way, seed=1)
            writer.learn(last_digits(OPERATIONS), steps=CHAIN_STEPS, rate=CHAIN_RATE, seed=1)
            save_step_writer(path, writer)


def show() -> None:
    """The means over the seeds."""
    by_setting = defaultdict(list)
    for row in stored(FILE):
        by_setting[row["way"], row["steps"]].append(row)
    for (way, steps), rows in by_setting.items():
        digits = [fmean(float(row[f"digit_{place}"]) for row in rows) for place in (1, 2, 3, 4)]
        right = fmean(float(row["right"]) for row in rows)
        print(
            f"{way}, {steps:.0f} steps, {len(rows)} seeds: {right:.1%} of {LEFT_OUT} right, digits",
            *(f"{digit:.0%}" for digit in digits),
        )


def main() -> None:
    if asked_to_write(__doc__):
        save_chains()
        make_missing(STORED, all_runs(), one_run)
    show()


if __name__ == "__main__":
    main()
