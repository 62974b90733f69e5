"""The same small transformer as a GPT and as a BERT, trained on the same text: the runs behind the
third table of the chapter on architectures.

    python benchmarks/reader_runs.py            (shows the table)
    python benchmarks/reader_runs.py --write    (makes the runs that are not stored, each of some
                                                  40 seconds of processor time)

Writes course/runs/reader_runs.csv. `kind` is "gpt", "bert" or, as a control, "gpt, few targets",
which learns from 15 in 100 of its places as BERT does. `rate` is the highest learning rate.
`seconds` are those of the training, of processor time. `task` is what is guessed in 512 windows of
64 characters that no run reads, the same for all: "next", the last one from those before; "left",
the one in the middle from those before; "hidden", the one in the middle from both sides; "scored",
the same by trying each character of the vocabulary (a GPT only). `loss` is in nats, `error` its
standard error over the windows, `right` the share of right guesses. The command, versions and
machine decide every digit.
"""

import argparse
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import make_missing, stored
from utils.model.gpt import GPT
from utils.training.config import TrainConfig
from utils.training.small_reader import CONTEXT, Reading
from utils.training.two_readers import (
    Guesses,
    Kind,
    guess_by_scoring,
    guess_from_the_left,
    guess_hidden,
    mask_id,
    new_model,
    reading_with_mask,
    train_reader_of,
    unread_windows,
)

FILE = "reader_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
KINDS: tuple[Kind, ...] = ("gpt", "gpt, few targets", "bert")
RATES, SEEDS, STEPS = (0.01, 0.003), (1, 2, 3), 1500
WINDOWS = 512
LAST, MIDDLE = CONTEXT - 1, CONTEXT // 2

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    kind: Kind
    rate: float
    seed: int
    steps: int


def all_runs() -> list[Run]:
    """Every kind at both rates."""
    return [Run(kind, rate, seed, STEPS) for rate in RATES for seed in SEEDS for kind in KINDS]


def one_run(run: Run) -> list[Row]:
    """A training, and a row for each task."""
    torch.set_num_threads(1)
    text = reading_with_mask()
    model = new_model(run.kind, text, run.seed)
    config = TrainConfig(
        steps=run.steps,
        learning_rate=run.rate,
        warmup_steps=min(50, run.steps - 1),
        betas=(0.9, 0.98),
    )
    began = time.process_time()
    train_reader_of(run.kind, model, text, config, run.seed)
    label = {**run._asdict(), "seconds": f"{time.process_time() - began:.1f}"}
    return [
        {
            **label,
            "task": task,
            "loss": f"{guesses.loss:.4f}",
            "error": f"{guesses.standard_error:.4f}",
            "right": f"{guesses.share_right:.4f}",
        }
        for task, guesses in judged(run.kind, model, text).items()
    ]


def judged(kind: Kind, model: GPT, text: Reading) -> dict[str, Guesses]:
    """What the model makes of each task."""
    windows = unread_windows(text, WINDOWS)
    if kind == "bert":
        return {
            "next": guess_hidden(model, windows, LAST, mask_id(text)),
            "hidden": guess_hidden(model, windows, MIDDLE, mask_id(text)),
        }
    from_the_left = {
        "next": guess_from_the_left(model, windows, LAST),
        "left": guess_from_the_left(model, windows, MIDDLE),
    }
    if kind == "gpt":
        from_the_left["scored"] = guess_by_scoring(model, windows, MIDDLE)
    return from_the_left


def show() -> None:
    for row in stored(FILE):
        print(*row.values())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    if options.parse_args().write:
        make_missing(STORED, all_runs(), one_run)
    show()


if __name__ == "__main__":
    main()
