"""A small GPT learns to write the word for a handwritten digit that it reads as 16 patches: the runs
behind the chapter on using models.

    python benchmarks/picture_word_runs.py            (shows the runs)
    python benchmarks/picture_word_runs.py --write    (makes those that are not stored, and the
                                                       model; all of them take 3 minutes of processor
                                                       time)

Writes course/runs/picture_word_runs.csv, a row for each run: `order` is that of the patches while it
learns ("lines" or "fixed shuffle"), `right` the share of 1,000 test digits whose whole word is right,
`moved` the same with the patches shuffled in one fixed way after the training, `no_word` the share of
words that are no number. And course/runs/checkpoints/picture_writer.safetensors, the run of 600
steps.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing, stored
from utils.data.mnist import Digits, digits
from utils.training.picture_writer import (
    PATCHES,
    WORDS,
    PictureWriter,
    new_picture_writer,
    save_picture_writer,
    shuffled,
)

FILE = "picture_word_runs.csv"
RUNS = Path(__file__).resolve().parents[1] / "course" / "runs"
CHECKPOINT = RUNS / "checkpoints" / "picture_writer.safetensors"
STEPS, LONGEST, SEEDS, TESTED = (50, 100, 200), 600, range(5), 1000

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    order: str
    steps: int
    seed: int


def one_run(run: Run) -> list[Row]:
    torch.set_num_threads(1)
    shuffle = torch.randperm(PATCHES, generator=torch.Generator().manual_seed(run.seed)).tolist()
    order = range(PATCHES) if run.order == "lines" else shuffle
    writer = new_picture_writer(run.seed, list(order))
    writer.learn(digits("train"), steps=run.steps, seed=run.seed)
    if run == Run("lines", LONGEST, 0):
        save_picture_writer(CHECKPOINT, writer)
    return [{**run._asdict(), **marks(writer, shuffle)}]


def marks(writer: PictureWriter, shuffle: list[int]) -> Row:
    """What it writes for test digits that are whole, and for the same with their patches moved."""
    test = digits("test")
    whole = Digits(test.images[:TESTED], test.labels[:TESTED])
    moved = Digits(shuffled(whole.images, shuffle), whole.labels)
    said = writer.write(whole.images)
    return {
        "right": f"{writer.share_right(whole):.4f}",
        "moved": f"{writer.share_right(moved):.4f}",
        "no_word": f"{sum(word not in WORDS for word in said) / len(said):.4f}",
    }


def main() -> None:
    if asked_to_write(__doc__):
        wanted = [Run("lines", steps, seed) for steps in STEPS for seed in SEEDS]
        wanted += [Run("fixed shuffle", 200, seed) for seed in SEEDS]
        wanted += [Run("lines", LONGEST, SEEDS[0])]  # the model that is kept
        make_missing(RUNS / FILE, wanted, one_run)
    for row in stored(FILE):
        print(*row.values())


if __name__ == "__main__":
    main()
