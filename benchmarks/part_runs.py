"""Attention alone, feed-forward layers alone, and both: three small GPTs with equal numbers of
weights, trained on Shakespeare; the runs behind the question what each part is needed for.

    python benchmarks/part_runs.py            (shows the stored table)
    python benchmarks/part_runs.py --write    (makes the runs again, 15 minutes of processor time)

Writes course/runs/part_runs.csv, a row for each run. `held_out`: the loss on text that no run reads,
in nats per character. `first` and `second`: the loss on a string of random letters, and on the same
string when it comes again at once. Seed 0 chose the learning rate of each kind; the stored runs of
the other seeds were made once. A row of the kind "pairs" is a table that counts which character
follows which: what can be known from one character alone.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from course.runs.part_table import part_kinds, part_runs
from course.runs.stored import write_rows
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.predecessors.half_blocks import HalfGPT
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.losses import next_token_losses
from utils.training.small_reader import Reading, held_out_loss, reading

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "part_runs.csv"
SEEDS, RATES, STEPS, BATCH = (1, 2, 3, 4), (0.002, 0.005, 0.0125, 0.03), 500, 16
SIZES: dict[str, dict[str, int]] = {  # of about 150,000 weights in the blocks
    "both": {"n_layer": 3, "d_mlp": 176},
    "attn": {"n_layer": 9},
    "mlp": {"n_layer": 4, "d_mlp": 196},
}
REPEATED = 30  # letters of a string that comes twice


def new_model(kind: str, text: Reading, seed: int) -> GPT:
    config = GPTConfig.llama(
        vocab_size=len(text.characters), context_length=64, n_head=4, d_model=64, **SIZES[kind]
    )
    torch.manual_seed(seed)
    if kind == "attn" or kind == "mlp":
        return HalfGPT(config, kind)
    return GPT(config)


@torch.no_grad()
def repeated_losses(model: GPT, text: Reading) -> tuple[float, float]:
    """The loss on random letters, and on the same letters when they come again."""
    letters = torch.tensor(text.encode("abcdefghijklmnopqrstuvwxyz"))
    rng = torch.Generator().manual_seed(0)
    once = letters[torch.randint(len(letters), (64, REPEATED), generator=rng)]
    losses = next_token_losses(model(torch.cat([once, once], dim=1)), torch.cat([once, once], dim=1))
    # the first letter of the second copy has nothing to be known from
    return float(losses[:, : REPEATED - 1].mean()), float(losses[:, REPEATED:].mean())


def one_run(text: Reading, kind: str, rate: float, seed: int) -> dict[str, Any]:
    model = new_model(kind, text, seed)
    batches = RandomWindows.for_model(model, text.train, BATCH, seed=seed)
    config = TrainConfig(steps=STEPS, learning_rate=rate, warmup_steps=30, seed=seed)
    train(model, batches, config, progress=False)
    first, second = repeated_losses(model, text)
    return {
        "kind": kind,
        "rate": rate,
        "seed": seed,
        "weights": sum(p.numel() for p in model.parameters()),
        "held_out": f"{held_out_loss(model, text):.5g}",
        "first": f"{first:.5g}",
        "second": f"{second:.5g}",
    }


def pairs_row(text: Reading) -> dict[str, Any]:
    """The loss of a table of pairs, each counted half a time more than it comes."""
    size = len(text.characters)
    counts = np.full((size, size), 0.5)
    np.add.at(counts, (text.train[:-1], text.train[1:]), 1)
    p = counts / counts.sum(axis=1, keepdims=True)
    loss = -np.log(p[text.held_out[:-1], text.held_out[1:]]).mean()
    empty = {"rate": 0, "seed": 0, "first": 0, "second": 0}
    return {"kind": "pairs", "weights": size * size, "held_out": f"{loss:.5g}", **empty}


def make_runs(text: Reading) -> Iterator[dict[str, Any]]:
    for kind in SIZES:
        tuning = [one_run(text, kind, rate, 0) for rate in RATES]
        yield from tuning
        best = min(tuning, key=lambda row: float(row["held_out"]))["rate"]
        for seed in SEEDS:
            yield one_run(text, kind, best, seed)
    yield pairs_row(text)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs again")
    if options.parse_args().write:
        torch.set_num_threads(1)
        found = []
        for row in make_runs(reading()):
            print(row, flush=True)
            found.append(row)
        write_rows(STORED, found)
    for kind in part_kinds():
        for run in part_runs(kind):
            print(kind, run)


if __name__ == "__main__":
    main()
