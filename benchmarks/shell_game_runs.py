"""An RNN, an LSTM and attention follow a ball under three cups: a task with a running state, in the
chapter on architectures, beside the one that attention is made for.

    python benchmarks/shell_game_runs.py            (shows the ends)
    python benchmarks/shell_game_runs.py --write    (makes the runs that the table does not have;
                                                      with the table deleted all of them, some 3
                                                      minutes of processor time)

Writes course/runs/shell_game_runs.csv. `kind` is the architecture, `rate` the highest learning rate;
the rates were tried with seed 0, and the other seeds have the quickest one of each kind. `steps` are
those of the training so far. `right` is the share of 500 new games in which the model knows where
the ball is: on the mean over all swaps where `distance` is 0, else after so many swaps. The command,
versions and machine decide every digit.
"""

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn

from course.runs.stored import asked_to_write, stored
from course.runs.tuned import Run, make_tuned
from utils.predecessors.contestants import new_contestant
from utils.predecessors.recall import recall_training
from utils.predecessors.shell_game import (
    SWAPS,
    ShellGames,
    ball_found,
    shell_game_loss,
    shell_games,
)
from utils.training.loop import train

FILE = "shell_game_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
RATES = {
    "rnn": (0.001, 0.003, 0.01),
    "lstm": (0.001, 0.003, 0.01),
    "attention": (0.0003, 0.001, 0.003, 0.01),
}
SEEDS = 1, 2, 3
LENGTH, EVERY = 32, 100
STEPS = {"rnn": 500, "lstm": 500, "attention": 800}
TEST = shell_games(500, LENGTH, torch.Generator().manual_seed(10**9))

Row = dict[str, Any]


def one_run(run: Run, steps: int, every: int = EVERY) -> list[Row]:
    """A training: a row for each look at it, and at its end one for each number of swaps."""
    torch.set_num_threads(1)
    model = new_contestant(run.kind, len(SWAPS), LENGTH, run.seed)
    config = recall_training(steps, run.rate, every)
    rows: list[Row] = []

    def row(at: int, distance: int, right: float) -> Row:
        return {**run._asdict(), "steps": at, "distance": distance, "right": f"{right:.4f}"}

    def look(model: nn.Module) -> float:
        right = float(ball_found(model, TEST).float().mean())
        rows.append(row(len(rows) * every, 0, right))
        return right

    games = ShellGames(LENGTH, seed=run.seed)
    train(model, games, config, loss=shell_game_loss, evaluate=look, progress=False)
    shares = ball_found(model, TEST).float().mean(dim=0).tolist()
    return rows + [row(steps, swaps, share) for swaps, share in enumerate(shares, start=1)]


def show() -> None:
    for row in stored(FILE):
        if row["steps"] == STEPS[str(row["kind"])] and row["distance"] == 0:
            print(row["kind"], row["rate"], row["seed"], row["right"])


def main() -> None:
    if asked_to_write(__doc__):
        make_tuned(STORED, RATES, SEEDS, lambda run: one_run(run, STEPS[run.kind]))
    show()


if __name__ == "__main__":
    main()
