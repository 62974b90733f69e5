"""One odd batch in a training run, with clipping and without: the runs behind the table of chapter 07.

    python benchmarks/odd_batch.py            (shows the stored table)
    python benchmarks/odd_batch.py --write    (makes the runs again, 3 minutes of processor time)

Writes course/runs/odd_batch_runs.csv, a row for each run of STEPS steps. The odd batch is 16 windows
of one character, the rarest of the text, at step ODD_AT; `odd` is 1 in the runs that have it. `clip`
is the longest gradient that is left as it is (`inf`: no clipping), `length` that of the gradient of
step ODD_AT before clipping, `after` the mean loss of the ten batches behind it, and `held_out` the
loss on text that no run reads, after the last step, in nats per character.
"""

import argparse
import csv
import math
from itertools import product
from pathlib import Path
from typing import Any

import torch

from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.small_reader import (
    CONTEXT,
    Reading,
    held_out_loss,
    new_reader,
    reading,
    windows,
)

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "odd_batch_runs.csv"
# The recipe was chosen while looking at seed 0; the stored runs are others, seen once.
SEEDS, STEPS, ODD_AT = (1, 2, 3, 4, 5), 160, 120
RATES = {"sgd": 0.25, "adamw": 0.0025}


def rarest_alone(text: Reading) -> dict[str, torch.Tensor]:
    """16 windows that say nothing but the rarest character."""
    counts = torch.bincount(torch.tensor(text.train), minlength=len(text.characters))
    rarest = int(counts.masked_fill(counts == 0, len(text.train)).argmin())
    return {"ids": torch.full((16, CONTEXT + 1), rarest)}


def one_run(text: Reading, optimizer: str, clip: float, odd: int, seed: int) -> dict[str, Any]:
    model = new_reader(text, seed)
    usual = windows(model, text, seed)
    batches = [usual[number] for number in range(STEPS)]
    if odd:
        batches[ODD_AT] = rarest_alone(text)
    config = TrainConfig(
        steps=STEPS,
        optimizer=optimizer,
        learning_rate=RATES[optimizer],
        warmup_steps=20,
        floor=1.0,
        weight_decay=0.0,
        clip=None if math.isinf(clip) else clip,
        seed=seed,
    )
    history = train(model, batches, config, progress=False)
    behind = history.losses[ODD_AT + 1 : ODD_AT + 11]
    return {
        "optimizer": optimizer,
        "clip": clip,
        "odd": odd,
        "seed": seed,
        "length": f"{history.gradient_norms[ODD_AT]:.4g}",
        "after": f"{sum(behind) / len(behind):.4f}",
        "held_out": f"{held_out_loss(model, text):.4f}",
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs again")
    if options.parse_args().write:
        torch.set_num_threads(1)
        text = reading()
        runs = product(RATES, (1.0, math.inf), (0, 1), SEEDS)
        rows = [one_run(text, *run) for run in runs]
        with STORED.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    print(STORED.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
