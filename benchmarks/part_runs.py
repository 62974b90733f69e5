"""Attention alone, feed-forward layers alone, and both: three small GPTs with equal numbers of
weights, trained on two tasks; the runs behind the question what each part is needed for.

    python benchmarks/part_runs.py            (shows the stored table)
    python benchmarks/part_runs.py --write plays copying    (makes the runs of these tasks again,
                                               4 and 6 minutes of processor time)

Writes course/runs/part_runs.csv, a row for each run; `loss` is in nats per character. The task
"plays" is Shakespeare, and the loss that on text which no run reads. The task "copying" are random
letters that come again and again, the same 6 to 24 of them, and the loss that on the letters from
the 31st on, each of which has come before. On the plays seed 0 chose the learning rate of
each kind; the runs of the other seeds were made once. The kind "pairs" is a table that counts which character
follows which: what can be known from one character alone.
"""

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from course.runs.part_table import pairs_loss, part_losses, tuning
from course.runs.stored import stored, write_rows
from utils.data.repeated_letters import LETTERS, copied_letters
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.predecessors.half_blocks import HalfGPT
from utils.training.batches import Batch, RandomWindows
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.losses import next_token_losses
from utils.training.small_reader import Reading, held_out_loss, reading

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "part_runs.csv"
SEEDS, STEPS, BATCH = (1, 2, 3, 4), 500, 16
RATES = {"plays": (0.002, 0.005, 0.0125, 0.03), "copying": (0.005,)}
COPY_STEPS, COPY_BATCH = 600, 32
SEEN_BEFORE = 30  # from here on each letter has come before
Kind = Literal["both", "attn", "mlp"]
SIZES: dict[Kind, dict[str, int]] = {  # of about 150,000 weights in the blocks
    "both": {"n_layer": 3, "d_mlp": 176},
    "attn": {"n_layer": 9},
    "mlp": {"n_layer": 4, "d_mlp": 196},
}


def new_model(kind: Kind, vocab: int, seed: int) -> GPT:
    config = GPTConfig.llama(
        vocab_size=vocab, context_length=64, n_head=4, d_model=64, **SIZES[kind]
    )
    torch.manual_seed(seed)
    return GPT(config) if kind == "both" else HalfGPT(config, kind)


class CopyBatches:
    """Batch n of a run: other letters for each n and seed."""

    def __init__(self, seed: int):
        self.seed = seed

    def __len__(self) -> int:
        return COPY_STEPS

    def __getitem__(self, number: int) -> Batch:
        return {"ids": copied_letters(1_000_000 * (1 + self.seed) + number, rows=COPY_BATCH)}


@torch.no_grad()
def copying_loss(model: GPT) -> float:
    ids = copied_letters(0, rows=256)
    return float(next_token_losses(model(ids), ids)[:, SEEN_BEFORE - 1 :].mean())


def one_run(text: Reading, task: str, kind: Kind, rate: float, seed: int) -> dict[str, Any]:
    vocab = LETTERS if task == "copying" else len(text.characters)
    model = new_model(kind, vocab, seed)
    settings: dict[str, Any] = {"learning_rate": rate, "warmup_steps": 30, "seed": seed}
    if task == "copying":
        config = TrainConfig(steps=COPY_STEPS, weight_decay=0.0, **settings)
        train(model, CopyBatches(seed), config, progress=False)
        loss = copying_loss(model)
    else:
        batches = RandomWindows.for_model(model, text.train, BATCH, seed=seed)
        train(model, batches, TrainConfig(steps=STEPS, **settings), progress=False)
        loss = held_out_loss(model, text)
    weights = sum(p.numel() for p in model.parameters())
    return _row(task, kind, rate, seed, weights, loss)


def _row(task: str, kind: str, rate: float, seed: int, weights: int, loss: float) -> dict[str, Any]:
    return {
        "task": task,
        "kind": kind,
        "rate": rate,
        "seed": seed,
        "weights": weights,
        "loss": f"{loss:.5g}",
    }


def pairs_row(text: Reading) -> dict[str, Any]:
    """The loss of a table of pairs, each counted half a time more than it comes."""
    size = len(text.characters)
    counts = np.full((size, size), 0.5)
    np.add.at(counts, (text.train[:-1], text.train[1:]), 1)
    p = counts / counts.sum(axis=1, keepdims=True)
    loss = -np.log(p[text.held_out[:-1], text.held_out[1:]]).mean()
    return _row("plays", "pairs", 0.0, 1, size * size, float(loss))


def make_runs(text: Reading, task: str) -> Iterator[dict[str, Any]]:
    for kind in SIZES:
        tuning = [one_run(text, task, kind, rate, 0) for rate in RATES[task]]
        yield from tuning
        best = min(tuning, key=lambda row: float(row["loss"]))["rate"]
        for seed in SEEDS:
            yield one_run(text, task, kind, best, seed)
    if task == "plays":
        yield pairs_row(text)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--write", nargs="+", choices=list(RATES), metavar="TASK", default=())
    torch.set_num_threads(1)
    text = reading()
    for task in options.parse_args().write:
        rows = [row for row in stored(STORED.name) if row["task"] != task]
        for row in make_runs(text, task):
            print(row, flush=True)
            rows.append(row)
        write_rows(STORED, rows)
    for task, kind in product(RATES, SIZES):
        print(task, kind, "tuning", tuning(task, kind), "seeds", part_losses(task, kind))
    print("pairs", pairs_loss())


if __name__ == "__main__":
    main()
