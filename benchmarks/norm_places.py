"""Norms before or after the additions of a small GPT, with and without warm-up: the runs behind a
table of the chapter on deep stacks.

    python benchmarks/norm_places.py            (shows the best runs)
    python benchmarks/norm_places.py --write    (makes the runs again, 10 minutes of processor time)

Writes course/runs/norm_places.csv, a row for each run: a GPT of 12 layers of width 32 reads the
plays, letter by letter, for STEPS batches with Adam. `loss` is the mean over the last 20 batches,
in nats a letter; every batch is drawn anew from the plays. For each place of the norm, with and
without warm-up, all RATES are run with seed 0; the best one is then run with SEEDS as well. The
command, versions and machine decide every digit.
"""

import argparse
import itertools
import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.norm_places import best_rate, losses
from course.runs.stored import write_rows
from utils import GPT, GPTConfig
from utils.data.shakespeare import play, plays
from utils.predecessors.post_norm import PostNormGPT
from utils.training.losses import next_token_losses

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "norm_places.csv"
MODELS = {"before": GPT, "after": PostNormGPT}
WARMUPS, RATES, SEEDS = (0, 50), (0.0003, 0.001, 0.003, 0.01), (1, 2)
STEPS, BATCH, CONTEXT = 500, 8, 32
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


def make_all(jobs: int) -> None:
    """First every rate with seed 0; then the best ones with the other seeds."""
    ways = list(itertools.product(MODELS, WARMUPS))
    with ProcessPoolExecutor(jobs) as pool:
        tried = [Run(*way, rate, 0) for way in ways for rate in RATES]
        rows = list(pool.map(one_run, tried))
        write_rows(STORED, rows)
        more = [Run(*way, best_rate(*way), seed) for way in ways for seed in SEEDS]
        write_rows(STORED, rows + list(pool.map(one_run, more)))


def show() -> None:
    for norm, warmup in itertools.product(MODELS, WARMUPS):
        rate = best_rate(norm, warmup)
        words = " ".join(f"{loss:.3f}" for loss in losses(norm, warmup, rate))
        print(f"norm {norm:6} warm-up {warmup:2} rate {rate:<6}: {words}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs again, and write them")
    options.add_argument("--jobs", type=int, default=2, help="how many runs at a time")
    chosen = options.parse_args()
    if chosen.write:
        make_all(chosen.jobs)
    show()


if __name__ == "__main__":
    main()
