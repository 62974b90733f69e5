"""Nets of attention alone learn to continue what they have read: with two layers, and with
one. The bend in the chapter on emergence.

    python benchmarks/induction_runs.py            (shows the last row of each run)
    python benchmarks/induction_runs.py --write    (makes the runs that are not stored; with the
                                                     table deleted all of them, some 4 minutes of
                                                     processor time)

Writes course/runs/induction_runs.csv, a row for every 16 steps of each run. On texts of two copies of
24 tokens: `first` and `second` are the losses on the first and the second copy in nats, `right` the
share of the second copy that is the likeliest token, `previous` the highest previous-token score in
the first layer, `induction` the highest induction score in the last. `no_note` is the second copy's
loss if no head of the first layer can see the token before its own, `no_other` if it is the token
two before; `no_find` and `no_beside` the same for the last layer, and the token behind the earlier
copy, or two behind. `short` is the share right with segments of 6 tokens, `far` with copies 36 tokens
apart: the training has neither. The command, versions and machine decide every digit.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing, stored
from utils.model.gpt import GPT
from utils.predecessors.induction_birth import (
    LONGEST,
    Reading,
    far_texts,
    new_attention_net,
    read,
    share_right,
    texts_to_test,
    watch_training,
    without_look,
)

FILE = "induction_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
EVERY = 16

Row = dict[str, Any]


class Setting(NamedTuple):
    """A number of layers, how long it trains, and how often."""

    layers: int
    steps: int
    seeds: int


SETTINGS = {
    "two layers": Setting(2, 480, 10),
    "one layer": Setting(1, 480, 10),
}


class Run(NamedTuple):
    """One training."""

    setting: str
    seed: int


def one_run(run: Run, steps: int | None = None) -> list[Row]:
    torch.set_num_threads(1)
    setting = SETTINGS[run.setting]
    net = new_attention_net(setting.layers, run.seed)
    birth = watch_training(net, steps or setting.steps, every=EVERY, seed=run.seed)
    rows = zip(birth.readings, birth.nets, strict=True)
    return [{**run._asdict(), **_row(reading, net)} for reading, net in rows]


def _row(reading: Reading, net: GPT) -> Row:
    last = net.config.n_layer - 1
    numbers = {
        "first": reading.first,
        "second": reading.second,
        "right": reading.right,
        "previous": float(reading.previous[0].max()),
        "induction": float(reading.induction[-1].max()),
        "no_note": _second_without(net, 0, 1),
        "no_other": _second_without(net, 0, 2),
        "no_find": _second_without(net, last, LONGEST - 1),
        "no_beside": _second_without(net, last, LONGEST - 2),
        "short": share_right(net, texts_to_test(period=6), last=5),
        "far": share_right(net, far_texts(), last=11),
    }
    return {"step": reading.step, **{name: f"{one:.4f}" for name, one in numbers.items()}}


def _second_without(net: GPT, layer: int, distance: int) -> float:
    with without_look(net, layer, distance):
        return read(net, texts_to_test()).second


def show() -> None:
    for row in stored(FILE):
        if row["step"] == SETTINGS[str(row["setting"])].steps:
            print(*row.values())


def main() -> None:
    if asked_to_write(__doc__):
        runs = [Run(name, seed) for name, one in SETTINGS.items() for seed in range(one.seeds)]
        make_missing(STORED, runs, one_run)
    show()


if __name__ == "__main__":
    main()
