"""What weight decay is for: few data read many times, and many data read once, with more and less of
it: the runs behind the table of chapter 07.

    python benchmarks/weight_decay.py            (shows the stored table)
    python benchmarks/weight_decay.py --write    (makes the runs again, 6 minutes of processor time)

Writes course/runs/weight_decay_runs.csv, a row for each run of STEPS steps of AdamW. `characters` is
the length of the text that the run reads, over and over, `decay` TrainConfig.weight_decay, `train`
the mean loss of the last 20 batches, `lowest` and `held_out` the lowest and the last loss on text
that no run reads, in nats per character, looked at every 50 steps.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from course.runs.stored import write_rows
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.small_reader import Reading, held_out_loss, new_reader, reading, windows

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "weight_decay_runs.csv"
SEEDS, STEPS, RATE, FEW = (1, 2, 3, 4, 5), 400, 0.005, 6_000
DECAYS_OF_FEW, DECAYS_OF_ALL = (0.0, 0.1, 1.0, 4.0), (0.0, 1.0)


def one_run(text: Reading, decay: float, seed: int) -> dict[str, Any]:
    model = new_reader(text, seed)
    config = TrainConfig(
        steps=STEPS,
        learning_rate=RATE,
        warmup_steps=20,
        weight_decay=decay,
        seed=seed,
        evaluate_every=50,
    )
    history = train(
        model,
        windows(model, text, seed),
        config,
        evaluate=lambda _: held_out_loss(model, text),
        progress=False,
    )
    return {
        "characters": len(text.train),
        "decay": decay,
        "seed": seed,
        "train": f"{history.recent('losses'):.4f}",
        "lowest": f"{min(history.evaluations):.4f}",
        "held_out": f"{history.evaluations[-1]:.4f}",
    }


def all_runs() -> Iterable[dict[str, Any]]:
    """Each one as soon as it is made."""
    text = reading()
    few = replace(text, train=text.train[:FEW])
    for of_text, decays in ((few, DECAYS_OF_FEW), (text, DECAYS_OF_ALL)):
        for decay in decays:
            for seed in SEEDS:
                row = one_run(of_text, decay, seed)
                print(row, flush=True)
                yield row


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs again")
    if options.parse_args().write:
        torch.set_num_threads(1)
        rows = list(all_runs())
        write_rows(STORED, rows)
    print(STORED.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
