"""An RNN, an LSTM and attention recall values by their keys: the runs behind the first table of the
chapter on architectures.

    python benchmarks/recall_runs.py            (shows the ends)
    python benchmarks/recall_runs.py --write    (makes the runs that the table does not have; with
                                                  the table deleted all of them, some 8 minutes of
                                                  processor time)

Writes course/runs/recall_runs.csv. `kind` is the architecture, `rate` the highest learning rate; the
rates were tried with seed 0, and the other seeds have the quickest one of each kind, which is the
one with most right answers on the mean over its looks. `steps` and `seconds` (of processor time,
evaluations left out) are those of the training so far. `right` is the share of right answers in 500
new texts, of all distances where `distance` is 0, else of one distance. The command, versions and
machine decide every digit.
"""

import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn

from course.runs.stored import asked_to_write, stored
from course.runs.tuned import Run, make_tuned
from utils.predecessors.recall import (
    RecallTexts,
    by_distance,
    distances,
    new_recaller,
    recall_loss,
    recall_texts,
    recall_training,
    recalled,
)
from utils.training.loop import train

FILE = "recall_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
RATES = {
    "rnn": (0.0003, 0.001, 0.003),
    "lstm": (0.003, 0.01, 0.03),
    "attention": (0.001, 0.003, 0.01),
}
SEEDS = 1, 2, 3
PAIRS, EVERY = 8, 100
STEPS = {"rnn": 4000, "lstm": 4000, "attention": 500}
TEST = recall_texts(500, PAIRS, torch.Generator().manual_seed(10**9))

Row = dict[str, Any]


def one_run(run: Run, steps: int, every: int = EVERY) -> list[Row]:
    """A training: a row for each look at it, and at its end one for each distance."""
    torch.set_num_threads(1)
    model = new_recaller(run.kind, PAIRS, run.seed)
    config = recall_training(steps, run.rate, every)
    rows: list[Row] = []
    began, looking = time.process_time(), 0.0

    def look(model: nn.Module) -> float:
        nonlocal looking
        at = time.process_time()
        right = float(recalled(model, TEST).float().mean())
        label = {"steps": len(rows) * every, "seconds": f"{at - began - looking:.1f}"}
        rows.append({**run._asdict(), **label, "distance": 0, "right": f"{right:.4f}"})
        looking += time.process_time() - at
        return right

    batches = RecallTexts(PAIRS, seed=run.seed)
    train(model, batches, config, loss=recall_loss, evaluate=look, progress=False)
    shares = by_distance(recalled(model, TEST), distances(TEST))
    last = {key: rows[-1][key] for key in ("kind", "rate", "seed", "steps", "seconds")}
    rows += [{**last, "distance": far, "right": f"{shares[far]:.4f}"} for far in shares]
    return rows


def show() -> None:
    for row in stored(FILE):
        if row["steps"] == STEPS[str(row["kind"])] and row["distance"] == 0:
            print(row["kind"], row["rate"], row["seed"], row["seconds"], row["right"])


def main() -> None:
    if asked_to_write(__doc__):
        make_tuned(STORED, RATES, SEEDS, lambda run: one_run(run, STEPS[run.kind]))
    show()


if __name__ == "__main__":
    main()
