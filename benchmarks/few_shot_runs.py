"""How much examples in the prompt help SmolLM2, and whether their labels have to be right: the runs
behind the section on in-context learning of the chapter on emergence.

    python benchmarks/few_shot_runs.py            (shows the means)
    python benchmarks/few_shot_runs.py --write    (makes what is not stored; of all, 5 minutes of
                                                    processor time)

Writes course/runs/few_shot_runs.csv, a row for each of 20 queries of each task, kind of labels and
number of examples (`shots`). utils/interpretability/few_shot.py says what the labels are; "words" is
the task in words, without an example. The rest are means over DRAWS draws of examples: `right`, the
share in which the model writes the answer; `kind`, in which it begins as an answer of this task
does; `log_p`, of the answer in nats. For reviews `right` is the share in which the right label is
likelier than the other one, `kind` is empty, and `log_p` is the difference of the two. The command,
versions and machine decide every digit.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple, get_args

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.of_smollm2 import make_missing_of_smollm2
from course.runs.stored import asked_to_write, stored
from utils import GPT
from utils.data.few_shot_tasks import REVIEWS, WORD_TASKS
from utils.interpretability.few_shot import (
    ReviewLabels,
    completions,
    margins,
    review_prompts,
    sentence_prompts,
    task_prompts,
)
from utils.text.tokenizer import Tokenizer

FILE = "few_shot_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
SHOTS, REVIEW_SHOTS, DRAWS = (0, 1, 2, 4, 8, 16), (0, 2, 4), 3

Row = dict[str, Any]


class Run(NamedTuple):
    """A task, asked in one way."""

    task: str
    labels: str
    shots: int


def all_runs() -> list[Run]:
    words = [Run(task, "words", 0) for task in WORD_TASKS]
    right = [Run(task, "right", shots) for task in WORD_TASKS for shots in SHOTS]
    shuffled = [Run(task, "shuffled", shots) for task in WORD_TASKS for shots in SHOTS[1:]]
    unrelated = [Run(task, "unrelated", 8) for task in WORD_TASKS]
    reviews = [
        Run("review", labels, shots) for labels in get_args(ReviewLabels) for shots in REVIEW_SHOTS
    ]
    return [*words, *right, *shuffled, *unrelated, *reviews]


def one_run(run: Run, model: GPT, tok: Tokenizer, draws: int = DRAWS) -> list[Row]:
    torch.set_num_threads(1)
    draws = draws if run.shots else 1
    if run.task == "review":
        return _reviews(run, model, tok, draws)
    words = [word for word, _ in WORD_TASKS[run.task]]
    starts = {tok.encode(f" {answer}")[0] for _, answer in WORD_TASKS[run.task]}
    found = [completions(model, tok, _prompts(run, seed)) for seed in range(draws)]
    return [
        {
            **run._asdict(),
            "query": word,
            "right": _mean([one.right for one in each]),
            "kind": _mean([one.first in starts for one in each]),
            "log_p": _mean([one.log_p for one in each]),
        }
        for word, each in zip(words, zip(*found, strict=True), strict=True)
    ]


def _prompts(run: Run, seed: int) -> list[tuple[str, str]]:
    if run.labels == "words":
        return sentence_prompts(run.task)
    return task_prompts(run.task, run.shots, run.labels, seed)  # type: ignore[arg-type]


def _reviews(run: Run, model: GPT, tok: Tokenizer, draws: int) -> list[Row]:
    prompts = [review_prompts(run.shots, run.labels, seed) for seed in range(draws)]  # type: ignore[arg-type]
    found = [margins(model, tok, one) for one in prompts]
    return [
        {
            **run._asdict(),
            "query": review,
            "right": _mean([margin > 0 for margin in each]),
            "kind": "",
            "log_p": _mean(each),
        }
        for review, each in zip(REVIEWS, zip(*found, strict=True), strict=True)
    ]


def _mean(values: Sequence[float | bool]) -> str:
    return f"{fmean(values):.4f}"


def show() -> None:
    """The share right of each run."""
    by_run = defaultdict(list)
    for row in stored(FILE):
        by_run[row["task"], row["labels"], row["shots"]].append(float(row["right"]))
    for (task, labels, shots), right in by_run.items():
        print(f"{task:9} {labels:9} {shots:2.0f} examples: {fmean(right):4.0%} right")


def main() -> None:
    if asked_to_write(__doc__):
        make_missing_of_smollm2(STORED, all_runs(), one_run)
    show()


if __name__ == "__main__":
    main()
