"""The same eight examples in ten orders: how much does it matter to SmolLM2? To a step of gradient
descent it matters nothing. For the chapter on emergence.

    python benchmarks/example_orders.py            (shows the spread)
    python benchmarks/example_orders.py --write    (makes what is not stored; of all, a minute of
                                                     processor time)

Writes course/runs/example_orders.csv, a row for each query in each order: `right` is 1 if the model
writes the answer, `log_p` is the answer's in nats. The command, versions and machine decide every
digit.
"""

import os
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.of_smollm2 import make_missing_of_smollm2
from course.runs.stored import asked_to_write, stored
from utils import GPT
from utils.data.few_shot_tasks import WORD_TASKS
from utils.interpretability.few_shot import completions, in_another_order, task_prompts
from utils.text.tokenizer import Tokenizer

FILE = "example_orders.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
TASKS, EXAMPLES, ORDERS = ("opposite", "plural", "French"), 8, 10

Row = dict[str, Any]


class Run(NamedTuple):
    """A task with its examples in one order."""

    task: str
    order: int


def one_run(run: Run, model: GPT, tok: Tokenizer) -> list[Row]:
    torch.set_num_threads(1)
    prompts = [
        (in_another_order(prompt, run.order), answer)
        for prompt, answer in task_prompts(run.task, EXAMPLES)
    ]
    found = completions(model, tok, prompts)
    words = [word for word, _ in WORD_TASKS[run.task]]
    return [
        {
            **run._asdict(),
            "query": word,
            "right": int(one.right),
            "log_p": f"{one.log_p:.4f}",
        }
        for word, one in zip(words, found, strict=True)
    ]


def show() -> None:
    """For each task how many queries are right in each order, and in how many the order decides."""
    by_task: dict[Any, dict[Any, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in stored(FILE):
        by_task[row["task"]][row["query"]].append(float(row["right"]))
    for task, queries in by_task.items():
        in_orders = [f"{fmean(order):.0%}" for order in zip(*queries.values(), strict=True)]
        undecided = sum(0 < fmean(one) < 1 for one in queries.values())
        print(f"{task:9} right in each order: {', '.join(in_orders)}; it decides {undecided} of 20")


def main() -> None:
    if asked_to_write(__doc__):
        runs = [Run(task, order) for task in TASKS for order in range(ORDERS)]
        make_missing_of_smollm2(STORED, runs, one_run)
    show()


if __name__ == "__main__":
    main()
