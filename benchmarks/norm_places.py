"""Norms before or after the additions of a small GPT, with and without warm-up: the runs behind a
table of the chapter on deep stacks.

    python benchmarks/norm_places.py            (shows the means)
    python benchmarks/norm_places.py --write    (makes the runs again, 1 to 2 minutes of processor time)

Writes course/runs/norm_places.csv, a row for each run: a GPT of 12 layers of width 32 reads the
plays, letter by letter, for STEPS batches with Adam. `loss` is the mean over the last 20 batches,
in nats a letter. The rate is one that suits the norm before. The command, versions and
machine decide every digit.
"""

import argparse
import csv
import itertools
import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from utils import GPT, GPTConfig
from utils.data.shakespeare import play, plays
from utils.predecessors.post_norm import PostNormGPT
from utils.training.losses import next_token_losses

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "norm_places.csv"
MODELS = {"before": GPT, "after": PostNormGPT}
WARMUPS, RATE, SEEDS = (0, 50), 0.003, range(3)
STEPS, BATCH, CONTEXT = 120, 8, 32
SIZES = {"n_layer": 12, "n_head": 4, "d_model": 32, "context_length": CONTEXT}


class Run(NamedTuple):
    """One run."""

    norm: str
    warmup: int
    rate: float
    seed: int


@cache
def letters() -> tuple[torch.Tensor, int]:
    """The plays as ids, one for each letter, and how many different ones there are."""
    text = "".join(play(name) for name in plays())
    symbols = sorted(set(text))
    number_of = {letter: number for number, letter in enumerate(symbols)}
    return torch.tensor([number_of[letter] for letter in text]), len(symbols)


def one_run(run: Run) -> dict[str, object]:
    """A row of the table."""
    torch.set_num_threads(1)
    ids, vocab_size = letters()
    torch.manual_seed(run.seed)
    model = MODELS[run.norm](GPTConfig(vocab_size=vocab_size, **SIZES))
    adam = torch.optim.Adam(model.parameters(), lr=run.rate, betas=(0.9, 0.98))
    rng = torch.Generator().manual_seed(run.seed)
    losses = []
    for step in range(STEPS):
        adam.param_groups[0]["lr"] = run.rate * min(1, (step + 1) / (run.warmup + 1))
        starts = torch.randint(len(ids) - CONTEXT, (BATCH,), generator=rng)
        batch = torch.stack([ids[start : start + CONTEXT] for start in starts])
        loss = next_token_losses(model(batch), batch).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return {**run._asdict(), "loss": f"{sum(losses[-20:]) / 20:.4g}"}


def write(rows: list[dict[str, object]]) -> None:
    with STORED.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def show() -> None:
    with STORED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for norm, warmup in itertools.product(MODELS, WARMUPS):
        found = [row["loss"] for row in rows if (row["norm"], row["warmup"]) == (norm, str(warmup))]
        print(f"norm {norm:6} warm-up {warmup:2}: {' '.join(found)}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs again, and write them")
    options.add_argument("--jobs", type=int, default=2, help="how many runs at a time")
    chosen = options.parse_args()
    if chosen.write:
        labels = itertools.product(MODELS, WARMUPS, [RATE], SEEDS)
        with ProcessPoolExecutor(chosen.jobs) as pool:
            write(list(pool.map(one_run, [Run(*label) for label in labels])))
    show()


if __name__ == "__main__":
    main()
