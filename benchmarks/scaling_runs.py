"""Small GPTs of many widths that read Shakespeare: the runs behind chapter 14.

    python benchmarks/scaling_runs.py            (shows the mean loss of each kind of run)
    python benchmarks/scaling_runs.py --write    (makes the runs that are not stored: of all, some
                                                  15 minutes of processor time)

Writes course/runs/scaling_runs.csv, a row for each run. `experiment` is

    rates       three widths at the smallest budget with a grid of learning rates
    flops       a budget of FLOPs, spent on each of several widths
    checks      one width at the next budget, one at the largest: with the rule's rate, with half of
                it, and with twice
    text rates  four widths on the same characters with a grid of learning rates
    text        each width reads the same number of characters
    repeats     one width reads the same number of characters, from ever less text

The sweeps and the checks have seeds of their own. The learning rate of `flops` follows the rule of
`rates`, that of `text` and `repeats` the rule of `text rates`: the lowest point of the parabola
through each width's losses, and a power law of the width through these points. `weights` are
those that a character is multiplied by (blocks and unembedding), `flops` all that the run took,
attention's included; `characters` are those read, of which the first `unique` of the plays were
there to read: where that is less, the run repeats. `held_out` is the loss on the last tenth of the
plays, which no run reads, in nats per character. `text` is what the first model of each kind wrote
after `flops` (a line's end is stored as "\\n"). The command, versions and machine decide every
digit.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from course.runs.stored import Row, make_missing, rows_of
from utils.model.weight_counts import matrix_weights
from utils.scaling.scaling_laws import PowerLaw, fit_power_law, parabola_minimum
from utils.training.small_reader import Reading, held_out_loss
from utils.training.small_scaling import (
    all_plays,
    characters_for,
    train_width,
    training_flops_per_character,
    write_text,
)

STORED = Path(__file__).resolve().parents[1] / "course" / "runs"
FILE = "scaling_runs.csv"
# The widths for each budget of FLOPs: the best of them is to have worse ones on both sides.
WIDTHS = {1e10: (8, 12, 16, 24, 32), 3e10: (12, 16, 24, 32, 48), 9e10: (16, 24, 32, 48, 64)}
SEEDS = {1e10: (1, 2, 3), 3e10: (1, 2), 9e10: (1, 2)}
SMALLEST, NEXT = list(WIDTHS)[:2]
SWEPT, RATES, RATE_SEEDS = (16, 24, 48), (0.005, 0.01, 0.02, 0.04), (11, 12, 13)
CHECKED, CHECK_SEEDS = {24: NEXT, 64: list(WIDTHS)[-1]}, (11, 12)
TEXT_SWEPT = (8, 16, 64, 128)
TEXT_RATES = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)
TEXT_RATE_SEEDS = (11, 12)
SHORT_TEXT, LONG_TEXT = 131_072, 262_144
TEXT_WIDTHS, TEXT_SEEDS = (8, 16, 32, 64, 128), (1, 2, 3)
REPEATED, REPEAT_WIDTH, REPEAT_SEEDS = 131_072, 32, (1, 2, 3)
UNIQUE = (131_072, 32_768, 8_192, 2_048)
WRITTEN = 400


class Run(NamedTuple):
    """What a run is told."""

    experiment: str
    width: int
    budget: float  # 0 where the characters are given
    characters: int
    unique: int
    rate: float
    seed: int


Rule = Callable[[int], float]  # from a width to its learning rate


def sweeps(text: Reading) -> list[Run]:
    """The runs with a grid of learning rates."""
    at_a_budget = [
        flops_run(text, "rates", width, SMALLEST, rate, seed)
        for seed in RATE_SEEDS
        for width in SWEPT
        for rate in RATES
    ]
    on_a_text = [
        text_run(text, "text rates", width, SHORT_TEXT, rate, seed)
        for seed in TEXT_RATE_SEEDS
        for width in TEXT_SWEPT
        for rate in TEXT_RATES
    ]
    return at_a_budget + on_a_text


def rate_rule(rows: list[Row], sweep: str) -> PowerLaw:
    """The learning rate as a power of the width, from the rows of a sweep ("rates").

    ValueError if the best rate of a width is the lowest or the highest of the grid, or beyond.
    """
    losses: dict[int, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["experiment"] == sweep:
            losses[int(row["width"])][float(row["rate"])].append(float(row["held_out"]))
    best = {width: best_rate(tried) for width, tried in losses.items()}
    return fit_power_law(list(best), list(best.values()))


def best_rate(tried: dict[float, list[float]]) -> float:
    """The lowest point of the parabola through the four rates in a row that have the lowest losses."""
    rates = sorted(tried)
    means = [sum(tried[rate]) / len(tried[rate]) for rate in rates]
    first = min(range(len(rates) - 3), key=lambda place: sum(means[place : place + 4]))
    four = slice(first, first + 4)
    best, _ = parabola_minimum(rates[four], means[four])
    if not rates[0] < best < rates[-1]:
        raise ValueError(f"the best rate, {best:.3g}, is not inside its grid {rates}: widen it.")
    return best


def after_the_sweeps(text: Reading, rule: Rule, text_rule: Rule) -> list[Run]:
    """All other runs."""
    return [
        *flops_runs(text, rule),
        *check_runs(text, rule),
        *text_runs(text, text_rule, SHORT_TEXT),
        *repeat_runs(text_rule),
        *text_runs(text, text_rule, LONG_TEXT),
    ]


def check_runs(text: Reading, rule: Rule) -> list[Run]:
    """Whether the rule still holds at larger budgets."""
    return [
        flops_run(text, "checks", width, budget, factor * rule(width), seed)
        for seed in CHECK_SEEDS
        for width, budget in CHECKED.items()
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


def text_runs(text: Reading, rule: Rule, characters: int) -> list[Run]:
    """Every width on the same characters."""
    return [
        text_run(text, "text", width, characters, rule(width), seed)
        for seed in TEXT_SEEDS
        for width in TEXT_WIDTHS
    ]


def repeat_runs(rule: Rule) -> list[Run]:
    """One width on ever less text, that is read ever more often."""
    rate = rounded(rule(REPEAT_WIDTH))
    return [
        Run("repeats", REPEAT_WIDTH, 0, REPEATED, unique, rate, seed)
        for seed in REPEAT_SEEDS
        for unique in UNIQUE
    ]


def flops_run(
    text: Reading, experiment: str, width: int, budget: float, rate: float, seed: int
) -> Run:
    """A run that takes the budget, but for less than a step."""
    characters = characters_for(text, width, budget)
    return Run(experiment, width, budget, characters, len(text.train), rounded(rate), seed)


def text_run(
    text: Reading, experiment: str, width: int, characters: int, rate: float, seed: int
) -> Run:
    """A run that reads so many characters, whatever it takes."""
    return Run(experiment, width, 0, characters, len(text.train), rounded(rate), seed)


def rounded(rate: float) -> float:
    """To three digits, so that the table has what the run had."""
    return float(f"{rate:.3g}")


def one_run(text: Reading, run: Run) -> list[Row]:
    """The row of a run."""
    unique = None if run.unique == len(text.train) else run.unique
    model = train_width(text, run.width, run.characters, run.rate, run.seed, unique)
    written = ""
    if run.experiment == "flops" and run.seed == 1:
        written = write_text(model, text, WRITTEN, seed=1).replace("\n", "\\n")
    row = {
        **run._asdict(),
        "weights": matrix_weights(model.config),
        "flops": run.characters * training_flops_per_character(text, run.width),
        "held_out": round(held_out_loss(model, text), 4),
        "text": written,
    }
    print({name: value for name, value in row.items() if name != "text"}, flush=True)
    return [row]


def make(folder: Path, only: str | None) -> None:
    """The runs that are not stored yet, on one thread."""
    torch.set_num_threads(1)
    text = all_plays()
    path = folder / FILE
    make_missing(path, sweeps(text), lambda run: one_run(text, run))
    rows = rows_of(path)
    planned = after_the_sweeps(text, rate_rule(rows, "rates"), rate_rule(rows, "text rates"))
    wanted = [run for run in planned if only in (None, run.experiment)]
    make_missing(path, wanted, lambda run: one_run(text, run))


def show(rows: list[Row]) -> None:
    """The mean loss over the seeds."""
    losses: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in rows:
        what = tuple(str(row[name]) for name in (*Run._fields[:6], "weights"))
        losses[what].append(float(row["held_out"]))
    for what, found in losses.items():
        print(" ".join(f"{one:>9.9}" for one in what), f"{sum(found) / len(found):.3f}", len(found))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--write", action="store_true", help="make the runs that are not stored")
    options.add_argument("--folder", type=Path, default=STORED, help="where the file goes")
    options.add_argument("--only", help="one of the experiments that follow the sweeps")
    chosen = options.parse_args()
    if chosen.write:
        make(chosen.folder, chosen.only)
    show([r for r in rows_of(chosen.folder / FILE) if chosen.only in (None, r["experiment"])])


if __name__ == "__main__":
    main()
