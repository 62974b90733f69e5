"""How much the loss of a question depends on each symbol before it, in an RNN, an LSTM and attention,
before any training and after the same few steps: the runs behind the figure of gradients in the
chapter on architectures.

    python benchmarks/recall_slopes.py            (shows the table)
    python benchmarks/recall_slopes.py --write    (makes the runs that the table does not have; with
                                                    the table deleted all of them, one minute of
                                                    processor time)

Writes course/runs/recall_slopes.csv. `kind` is the architecture, `start` "usual" or, for the two
recurrent ones, also "torch": as torch makes them. Each is trained at the rate that
course/runs/recall_runs.csv has found the quickest. `steps` are those of the training so far,
`distance` is in symbols, 0 for the question itself, `slope` as in slopes_by_distance of
utils/predecessors/recall.py, in nats, a mean over 200 texts. The command, versions and machine
decide every digit.
"""

import argparse
import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn

from course.runs.architecture_tables import quickest_rate
from course.runs.stored import make_missing, stored
from utils.predecessors.contestants import Kind
from utils.predecessors.recall import (
    RecallTexts,
    new_recaller,
    recall_loss,
    recall_texts,
    recall_training,
    slopes_by_distance,
)
from utils.predecessors.recurrent_model import RecurrentModel
from utils.seeding import seeded
from utils.training.loop import train

FILE = "recall_slopes.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
PAIRS, STEPS, EVERY, SEEDS = 8, 100, 100, (1, 2, 3, 4, 5)
TEXTS = recall_texts(200, PAIRS, torch.Generator().manual_seed(7))
STARTS: tuple[tuple[Kind, str], ...] = (
    ("rnn", "torch"),
    ("lstm", "torch"),
    ("rnn", "usual"),
    ("lstm", "usual"),
    ("attention", "usual"),
)

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    kind: Kind
    start: str
    seed: int


def new_model(run: Run) -> nn.Module:
    """The network of the run; with the start "torch", its recurrent layer begins as torch makes it."""
    model = new_recaller(run.kind, PAIRS, run.seed)
    if run.start == "torch" and isinstance(model, RecurrentModel):
        with seeded(run.seed):
            model.recurrent.reset_parameters()
    return model


def one_run(run: Run, steps: int = STEPS, every: int = EVERY) -> list[Row]:
    """A training: a row for each distance, at each look."""
    torch.set_num_threads(1)
    config = recall_training(steps, quickest_rate(run.kind, "recall_runs.csv"), every)
    looks: list[list[float]] = []

    def look(model: nn.Module) -> float:
        looks.append(slopes_by_distance(model, TEXTS).tolist())
        return looks[-1][0]

    batches = RecallTexts(PAIRS, seed=run.seed)
    train(new_model(run), batches, config, loss=recall_loss, evaluate=look, progress=False)
    return [
        {**run._asdict(), "steps": number * every, "distance": far, "slope": f"{slope:.3g}"}
        for number, slopes in enumerate(looks)
        for far, slope in enumerate(slopes)
    ]


def show() -> None:
    for row in stored(FILE):
        print(*row.values())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    if options.parse_args().write:
        runs = [Run(kind, start, seed) for seed in SEEDS for kind, start in STARTS]
        make_missing(STORED, runs, one_run)
    show()


if __name__ == "__main__":
    main()
