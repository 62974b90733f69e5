"""The same small transformer as a GPT and as a BERT, trained on the same text: the runs behind the
third table of the chapter on architectures.

    python benchmarks/reader_runs.py            (shows the table)
    python benchmarks/reader_runs.py --write    (makes the runs that are not stored: of all, 3
                                                  minutes of processor time)

Writes course/runs/reader_runs.csv. `kind` is "gpt" or "bert", `rate` the highest learning rate, one
for both and not tuned. `seconds` are those of
the training, of processor time. `task` is what is guessed in 512 windows of 64 characters that no
run reads: "next", the last one from those before; "left", the one in the middle from those before;
"hidden", the one in the middle from both sides; "scored", the same by trying each character of the
vocabulary (a GPT only, 128 windows). `loss` is in nats, `right` the share of right guesses. The
command, versions and machine decide every digit.
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
KINDS: tuple[Kind, ...] = ("gpt", "bert")
RATE, SEEDS = 0.01, (1, 2, 3)
STEPS, WINDOWS, SCORED = 1500, 512, 128
LAST, MIDDLE = CONTEXT - 1, CONTEXT // 2

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    kind: Kind
    rate: float
    seed: int


def one_run(run: Run, steps: int = STEPS) -> list[Row]:
    """A training, and a row for each task."""
    torch.set_num_threads(1)
    text = reading_with_mask()
    model = new_model(run.kind, text, run.seed)
    config = TrainConfig(
        steps=steps,
        learning_rate=run.rate,
        warmup_steps=min(50, steps - 1),
        betas=(0.9, 0.98),
    )
    began = time.process_time()
    train_reader_of(run.kind, model, text, config, run.seed)
    label = {**run._asdict(), "steps": steps, "seconds": f"{time.process_time() - began:.1f}"}
    return [
        {
            **label,
            "task": task,
            "loss": f"{guesses.loss:.4f}",
            "right": f"{guesses.share_right:.4f}",
        }
        for task, guesses in judged(run.kind, model, text).items()
    ]


def judged(kind: Kind, model: GPT, text: Reading) -> dict[str, Guesses]:
    """What the model makes of each task."""
    windows = unread_windows(text, WINDOWS)
    if kind == "gpt":
        return {
            "next": guess_from_the_left(model, windows, LAST),
            "left": guess_from_the_left(model, windows, MIDDLE),
            "scored": guess_by_scoring(model, windows[:SCORED], MIDDLE),
        }
    return {
        "next": guess_hidden(model, windows, LAST, mask_id(text)),
        "hidden": guess_hidden(model, windows, MIDDLE, mask_id(text)),
    }


def show() -> None:
    for row in stored(FILE):
        print(*row.values())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    if options.parse_args().write:
        runs = [Run(kind, RATE, seed) for seed in SEEDS for kind in KINDS]
        make_missing(STORED, runs, one_run)
    show()


if __name__ == "__main__":
    main()
