"""Five optimizers on one small GPT, each over a grid of learning rates and five seeds, and some of
them without a part of the recipe: the runs behind the tables of chapter 07.

    python benchmarks/optimizer_runs.py            (shows the table of held-out losses)
    python benchmarks/optimizer_runs.py --write    (makes the runs that are not stored: of all, 22
                                                    minutes of processor time)

Writes course/runs/optimizer_runs.csv, a row for each run. `held_out` is the loss on text that no
run reads, after the last step, in nats per character; `inf` for a run whose loss stopped being a
number. `clip` is the longest gradient that is left as it is (`inf`: no clipping), `warmup` the
steps of warm-up, `floor` the last learning rate as a share of the highest (1: no decay), `others`
the learning rate of the embedding and of the norms' gains, in units of `rate`: Muon leaves those to
AdamW. The command, versions and machine decide every digit.
"""

import argparse
import csv
import math
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import torch

from utils.model.gpt import GPT
from utils.training.batch_loss import next_token_loss
from utils.training.config import TrainConfig
from utils.training.optimizer import make_optimizer, scale_gradients
from utils.training.schedule import learning_rate
from utils.training.small_reader import (
    Reading,
    held_out_loss,
    new_reader,
    reading,
    train_reader,
    windows,
)

STORED = Path(__file__).resolve().parents[1] / "course" / "runs"
STEPS = 200
# Where the grids begin was seen with seed 0; the stored runs are others, seen once.
GRID_SEEDS = (1, 2, 3, 4, 5)
GRID = {
    "sgd": (0.125, 0.25, 0.5, 1.0, 2.0),
    "momentum": (0.05, 0.1, 0.2, 0.4, 0.8),
    "sign": (0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008),
    "adamw": (0.00125, 0.0025, 0.005, 0.01, 0.02),
    "muon": (0.01, 0.02, 0.04),
}
MOMENTUM = {"muon": 0.95}  # as its authors have it; 0.9 for the others


class Recipe(NamedTuple):
    """What a run may differ in from the others of its optimizer."""

    optimizer: str
    rate: float
    clip: float = 1.0
    warmup: int = 20
    floor: float = 0.1
    others: float = 1.0

    def config(self, seed: int) -> TrainConfig:
        """No weight decay: 200 steps are too few for it to be felt."""
        return TrainConfig(
            steps=STEPS,
            optimizer=self.optimizer,
            learning_rate=self.rate,
            momentum=MOMENTUM.get(self.optimizer, 0.9),
            weight_decay=0.0,
            clip=None if math.isinf(self.clip) else self.clip,
            warmup_steps=self.warmup,
            floor=self.floor,
            seed=seed,
        )


Row = dict[str, Any]


def one_run(text: Reading, recipe: Recipe, seed: int) -> Row:
    """The row of a run."""
    label = {**recipe._asdict(), "seed": seed}
    model = new_reader(text, seed)
    try:
        if recipe.others == 1:
            train_reader(model, text, recipe.config(seed), seed)
        else:
            train_with_two_rates(model, text, recipe, seed)
    except FloatingPointError as error:
        print(f"{label}: {error}")
        return {**label, "held_out": math.inf}
    return {**label, "held_out": held_out_loss(model, text)}


def train_with_two_rates(model: GPT, text: Reading, recipe: Recipe, seed: int) -> None:
    """As `train_reader` does it, with a learning rate of its own for all but the matrices of the
    blocks.
    """
    config, batches = recipe.config(seed), windows(model, text, seed)
    optimizer = make_optimizer(model, config)
    for step in range(config.steps):
        optimizer.zero_grad()
        total, count = next_token_loss(model, batches[step])
        total.backward()
        scale_gradients(model.parameters(), 1 / count, config.clip)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        # the group of those that are no matrices of the blocks comes last
        optimizer.param_groups[-1]["lr"] *= recipe.others
        optimizer.step()


def mean_losses(rows: list[Row]) -> dict[str, dict[float, float]]:
    """The mean held-out loss of each rate of each optimizer, rates from the lowest up."""
    losses: dict[tuple[str, float], list[float]] = defaultdict(list)
    for row in rows:
        losses[row["optimizer"], row["rate"]].append(row["held_out"])
    return {
        name: {
            rate: sum(losses[name, rate]) / len(losses[name, rate])
            for rate in sorted(rate for other, rate in losses if other == name)
        }
        for name in GRID
    }


def best_rates(rows: list[Row]) -> dict[str, float]:
    """The rate with the lowest mean loss, for each optimizer."""
    return {name: min(means, key=means.__getitem__) for name, means in mean_losses(rows).items()}


def beyond_the_edge(rows: list[Row]) -> list[tuple[Recipe, int]]:
    """For an optimizer whose best rate is the lowest or highest of its grid, the next one: nothing
    is tuned whose best lies at an edge.
    """
    best, means = best_rates(rows), mean_losses(rows)
    wider = {min: 0.5, max: 2.0}
    return [
        (Recipe(name, factor * best[name]), seed)
        for name in GRID
        for end, factor in wider.items()
        if best[name] == end(means[name])
        for seed in GRID_SEEDS
    ]


def further(best: dict[str, float]) -> list[tuple[Recipe, int]]:
    """What becomes of the best rates without a part of the recipe, of Adam and Muon with each
    other's rate for what Muon leaves to Adam, of Adam with two rates that both are higher, and of
    SGD and momentum at a constant rate that is higher.
    """
    at_best = {name: Recipe(name, rate) for name, rate in best.items()}
    adam, sgd, momentum, muon = (at_best[name] for name in ("adamw", "sgd", "momentum", "muon"))
    between = muon.rate / adam.rate
    recipes = [
        adam._replace(warmup=0),
        adam._replace(floor=1.0),
        adam._replace(rate=4 * adam.rate, floor=1.0),
        sgd._replace(floor=1.0),
        *(one._replace(clip=math.inf) for one in (sgd, momentum, adam)),
        *(sgd._replace(rate=sgd.rate / part, clip=math.inf) for part in (2, 4)),
        adam._replace(others=between),
        muon._replace(others=1 / between),
        adam._replace(rate=2 * adam.rate, others=between),
        *(one._replace(rate=2 * one.rate, warmup=0, floor=1.0) for one in (sgd, momentum)),
        *(
            one._replace(rate=one.rate / part, warmup=0, floor=1.0)
            for one in at_best.values()
            for part in (1, 2)
        ),
    ]
    return [(recipe, seed) for recipe in recipes for seed in GRID_SEEDS]


def make_runs(folder: Path) -> None:
    """All runs that are not stored yet, one after the other, on one thread."""
    torch.set_num_threads(1)
    text = reading()
    planned = [
        (Recipe(name, rate), seed)
        for name, rates in GRID.items()
        for rate in rates
        for seed in GRID_SEEDS
    ]
    while planned:
        make(text, planned, folder)
        planned = beyond_the_edge(usual(folder))
    make(text, further(best_rates(usual(folder))), folder)


def usual(folder: Path) -> list[Row]:
    """The stored runs of the grid, with the usual recipe."""
    recipe = Recipe("", 0.0)
    return [
        row
        for row in read(folder / FILE)
        if row["seed"] in GRID_SEEDS
        and all(row[name] == getattr(recipe, name) for name in Recipe._fields[2:])
    ]


def make(text: Reading, planned: list[tuple[Recipe, int]], folder: Path) -> None:
    """Each run is stored as soon as it is made, so that the command can be stopped and called
    again.
    """
    for recipe, seed in planned:
        stored = [{name: row[name] for name in KEY} for row in read(folder / FILE)]
        if {**recipe._asdict(), "seed": seed} in stored:
            continue
        row = one_run(text, recipe, seed)
        print(row, flush=True)
        append(row, folder / FILE)


FILE = "optimizer_runs.csv"
KEY = (*Recipe._fields, "seed")


def append(row: Row, path: Path) -> None:
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(row), lineterminator="\n")
        if new:
            table.writeheader()
        table.writerow({k: f"{v:.5g}" if isinstance(v, float) else v for k, v in row.items()})


def read(path: Path) -> list[Row]:
    """The rows of a table, numbers as numbers; none if it is not there yet."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {k: v if k == "optimizer" else float(v) for k, v in row.items()}
            for row in csv.DictReader(file)
        ]


def show(folder: Path) -> None:
    for row in read(folder / FILE):
        print("  ".join(f"{name} {value}" for name, value in row.items()))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--write", action="store_true", help="make the runs that are not stored yet"
    )
    options.add_argument("--folder", type=Path, default=STORED, help="where the file goes")
    chosen = options.parse_args()
    if chosen.write:
        make_runs(chosen.folder)
    show(chosen.folder)


if __name__ == "__main__":
    main()
