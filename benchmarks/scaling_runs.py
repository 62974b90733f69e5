"""Small GPTs of many widths that read Shakespeare: the runs behind chapter 14.

    python benchmarks/scaling_runs.py            (shows the mean loss of each kind of run)
    python benchmarks/scaling_runs.py --write    (makes the runs that are not stored: of all, 8
                                                  minutes of processor time)

Writes course/runs/scaling_runs.csv, a row for each run, and for some of them a text that the model
wrote into course/runs/scaling_texts.csv (a line's end is stored as "\\n"). `experiment` is

    rates    four widths at the smallest budget with a grid of learning rates (a seed of its own)
    checks   two widths at the next budget, with the rule's rate, with half of it, and with twice
    flops    a budget of FLOPs, spent on each of several widths
    text     each width reads the same number of characters
    repeats  one width reads the same number of characters, from ever less text

The learning rate of all but the sweep follows one rule: the lowest point of the parabola through
each width's losses in the sweep, and a power law of the width through these points. `weights` are
those that a character is multiplied by (blocks and unembedding), `flops` all that the run took,
attention's included; `characters` are those read, of which the first `unique` of the plays were
there to read: where that is less, the run repeats. `held_out` is the loss on the last tenth of the
plays, which no run reads, in nats per character. The command, versions and machine decide every
digit.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

from utils.model.weight_counts import matrix_weights
from utils.training.scaling_laws import PowerLaw, fit_power_law, parabola_minimum
from utils.training.small_reader import Reading, held_out_loss
from utils.training.small_scaling import (
    all_plays,
    characters_for,
    train_width,
    training_flops_per_character,
    write_text,
)

STORED = Path(__file__).resolve().parents[1] / "course" / "runs"
RUNS, TEXTS = "scaling_runs.csv", "scaling_texts.csv"
# The widths for each budget of FLOPs: the best of them is to have worse ones on both sides.
WIDTHS = {2e10: (8, 16, 24, 32, 48), 6e10: (16, 24, 32, 48, 64), 1.8e11: (16, 24, 32, 48, 64)}
SEEDS = {2e10: (1, 2, 3, 4), 6e10: (1, 2, 3), 1.8e11: (1, 2)}
SMALLEST, NEXT = list(WIDTHS)[:2]
SWEPT, RATES, RATE_SEEDS = (16, 24, 32, 48), (0.005, 0.01, 0.02, 0.04), (11,)
CHECKED = (24, 48)
SAME_TEXT, SAME_TEXT_WIDTHS, SAME_TEXT_SEEDS = 131_072, (8, 16, 32, 64, 128), (1, 2, 3)
LONGER_TEXT, LONGER_SEEDS = 2 * SAME_TEXT, (1,)
REPEATED, REPEAT_WIDTH, REPEAT_SEEDS = 262_144, 32, (1, 2, 3)
UNIQUE = (262_144, 65_536, 16_384, 4_096)
WRITTEN = 400


class Run(NamedTuple):
    """What a run is told. `unique` 0: all the text may be read."""

    experiment: str
    width: int
    budget: float  # 0 where the characters are given
    characters: int
    unique: int
    rate: float
    seed: int


Rule = Callable[[int], float]  # from a width to its learning rate


def sweep(text: Reading) -> list[Run]:
    """The runs with a grid of learning rates."""
    return [
        flops_run(text, "rates", width, SMALLEST, rate, seed)
        for seed in RATE_SEEDS
        for width in SWEPT
        for rate in RATES
    ]


def rate_rule(rows: list["Row"]) -> PowerLaw:
    """The learning rate as a power of the width, from the rows of the sweep."""
    best = []
    for width in SWEPT:
        tried: dict[float, list[float]] = defaultdict(list)
        for row in rows:
            if row["experiment"] == "rates" and int(float(row["width"])) == width:
                tried[float(row["rate"])].append(float(row["held_out"]))
        means = [sum(found) / len(found) for found in tried.values()]
        rate, _ = parabola_minimum(list(tried), means)
        best.append(min(max(rate, RATES[0]), RATES[-1]))  # nothing was tried beyond the grid
    return fit_power_law(SWEPT, best)


def after_the_sweep(text: Reading, rule: Rule) -> list[Run]:
    """All other runs: the first seeds before the others, so that a command that is cut short has
    something of everything.
    """
    runs = [
        *flops_runs(text, rule),
        *text_runs(rule),
        *repeat_runs(rule),
        *check_runs(text, rule),
    ]
    return sorted(runs, key=lambda run: (run.seed > 1 and run.budget != SMALLEST, run.seed))


def check_runs(text: Reading, rule: Rule) -> list[Run]:
    """Whether the rule still holds at the next budget."""
    return [
        flops_run(text, "checks", width, NEXT, factor * rule(width), seed)
        for seed in RATE_SEEDS
        for width in CHECKED
        for factor in (0.5, 1.0, 2.0)
    ]


def flops_runs(text: Reading, rule: Rule) -> list[Run]:
    """Every budget with its first seed, then with the next one."""
    return [
        flops_run(text, "flops", width, budget, rule(width), seed)
        for seed in SEEDS[SMALLEST]
        for budget in WIDTHS
        if seed in SEEDS[budget]
        for width in WIDTHS[budget]
    ]


def flops_run(
    text: Reading, experiment: str, width: int, budget: float, rate: float, seed: int
) -> Run:
    """A run that takes the budget, but for less than a step."""
    characters = characters_for(text, width, budget)
    return Run(experiment, width, budget, characters, 0, rounded(rate), seed)


def text_runs(rule: Rule) -> list[Run]:
    """Every width on the same characters; first few, then eight times as many."""
    sizes = [(SAME_TEXT, SAME_TEXT_SEEDS), (LONGER_TEXT, LONGER_SEEDS)]
    return [
        Run("text", width, 0, characters, 0, rounded(rule(width)), seed)
        for characters, seeds in sizes
        for seed in seeds
        for width in SAME_TEXT_WIDTHS
    ]


def repeat_runs(rule: Rule) -> list[Run]:
    """One width on ever less text, that is read ever more often."""
    rate = rounded(rule(REPEAT_WIDTH))
    return [
        Run("repeats", REPEAT_WIDTH, 0, REPEATED, unique, rate, seed)
        for seed in REPEAT_SEEDS
        for unique in UNIQUE
    ]


def rounded(rate: float) -> float:
    """To three digits, so that the table has what the run had."""
    return float(f"{rate:.3g}")


Row = dict[str, Any]


def one_run(text: Reading, run: Run) -> tuple[Row, Row]:
    """The row of a run, and that of what the model wrote."""
    model = train_width(text, run.width, run.characters, run.rate, run.seed, run.unique or None)
    row = {
        **run._asdict(),
        "unique": run.unique or len(text.train),
        "weights": matrix_weights(model.config),
        "flops": run.characters * training_flops_per_character(text, run.width),
        "held_out": round(held_out_loss(model, text), 4),
    }
    written = write_text(model, text, WRITTEN, seed=1)
    key = {name: row[name] for name in ("experiment", "width", "budget", "characters", "seed")}
    return row, {**key, "text": written.replace("\n", "\\n")}


def make_runs(folder: Path, most_seeds: int) -> None:
    """All runs that are not stored yet, but for seeds above `most_seeds`, on one thread; each is
    stored as soon as it is made.
    """
    torch.set_num_threads(1)
    text = all_plays()
    make(text, sweep(text), folder)
    others = after_the_sweep(text, rate_rule(read(folder / RUNS)))
    make(text, [run for run in others if run.seed <= most_seeds], folder)


def make(text: Reading, planned: list[Run], folder: Path) -> None:
    done = {key_of(row) for row in read(folder / RUNS)}
    for run in planned:
        row = {**run._asdict(), "unique": run.unique or len(text.train)}
        if key_of(row) in done:
            continue
        row, written = one_run(text, run)
        print(row, flush=True)
        append(row, folder / RUNS)
        if run.experiment in ("flops", "text") and run.seed == 1:
            append(written, folder / TEXTS)


def key_of(row: Row) -> tuple[str, ...]:
    numbers = (f"{float(row[name]):.4g}" for name in Run._fields[1:])
    return (row["experiment"], *numbers)


def append(row: Row, path: Path) -> None:
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(row), lineterminator="\n")
        if new:
            table.writeheader()
        table.writerow(row)


def read(path: Path) -> list[Row]:
    """The rows of a table; none if it is not there yet."""
    if not path.exists():
        return []
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def show(rows: list[Row]) -> None:
    """The mean loss over the seeds."""
    losses: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in rows:
        what = tuple(str(row[name]) for name in (*Run._fields[:6], "weights"))
        losses[what].append(float(row["held_out"]))
    for what, found in losses.items():
        print(" ".join(f"{one:>8.8}" for one in what), f"{sum(found) / len(found):.3f}", len(found))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    options.add_argument("--folder", type=Path, default=STORED, help="where the files go")
    options.add_argument("--most-seeds", type=int, default=99, help="only seeds up to this one")
    options.add_argument("--only", help="one of the experiments")
    chosen = options.parse_args()
    if chosen.write:
        make_runs(chosen.folder, chosen.most_seeds)
    show([row for row in read(chosen.folder / RUNS) if chosen.only in (None, row["experiment"])])


if __name__ == "__main__":
    main()
