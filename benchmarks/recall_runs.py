"""An RNN, an LSTM and attention recall values by their keys: the runs behind the first table of the
chapter on architectures.

    python benchmarks/recall_runs.py            (shows the means)
    python benchmarks/recall_runs.py --write    (makes the runs that are not stored: of all, 8
                                                  minutes of processor time)

Writes course/runs/recall_runs.csv. `kind` is the architecture, `rate` the highest learning rate; the
rates were tried with seed 0, and the other seeds have the best of each kind. `steps` and `seconds`
(of processor time, evaluations left out) are those of the training so far. `right` is the share of
right answers in 500 new texts, of all distances where `distance` is 0, else of one distance. The
command, versions and machine decide every digit.
"""

import argparse
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn

from course.runs.stored import make_missing, stored
from utils.predecessors.recall import (
    Kind,
    RecallTexts,
    by_distance,
    distances,
    new_recaller,
    recall_loss,
    recall_texts,
    recalled,
)
from utils.training.config import TrainConfig
from utils.training.loop import train

FILE = "recall_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
KINDS: tuple[Kind, ...] = ("rnn", "lstm", "attention")
RATES, TUNING_SEED, SEEDS = (0.003, 0.01), 0, (1, 2, 3)
PAIRS, EVERY = 8, 100
STEPS = {"rnn": 4000, "lstm": 4000, "attention": 500}
TEST = recall_texts(500, PAIRS, torch.Generator().manual_seed(10**9))

Row = dict[str, Any]


class Run(NamedTuple):
    """One training."""

    kind: Kind
    rate: float
    seed: int


def one_run(run: Run, steps: int, every: int = EVERY) -> list[Row]:
    """A training: a row for each look at it, and at its end one for each distance."""
    torch.set_num_threads(1)
    model = new_recaller(run.kind, PAIRS, run.seed)
    config = TrainConfig(
        steps=steps,
        learning_rate=run.rate,
        warmup_steps=min(50, steps - 1),
        weight_decay=0.0,
        betas=(0.9, 0.98),
        evaluate_every=every,
    )
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


def make(runs: list[Run]) -> None:
    make_missing(STORED, runs, lambda run: one_run(run, STEPS[run.kind]))


def best_rate(kind: Kind) -> float:
    """The rate with the most right answers at the end of the tuning runs."""
    last = {
        float(row["rate"]): float(row["right"])
        for row in stored(FILE)
        if (row["kind"], row["seed"], row["steps"], row["distance"])
        == (kind, TUNING_SEED, STEPS[kind], 0)
    }
    return max(last, key=last.__getitem__)


def show() -> None:
    for row in stored(FILE):
        if row["steps"] == STEPS[row["kind"]] and row["distance"] == 0:
            print(row["kind"], row["rate"], row["seed"], row["seconds"], row["right"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    if options.parse_args().write:
        make([Run(kind, rate, TUNING_SEED) for kind in KINDS for rate in RATES])
        make([Run(kind, best_rate(kind), seed) for seed in SEEDS for kind in KINDS])
    show()


if __name__ == "__main__":
    main()
