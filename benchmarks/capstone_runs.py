"""The capstone's own cells with the course's parts and other seeds: how often its assistants are right.

    python benchmarks/capstone_runs.py            (shows the stored table)
    python benchmarks/capstone_runs.py --write    (makes the runs that are not stored; about a minute
                                                   of processor time each)

Writes course/runs/capstone_runs.csv, a row for each measure of each run. A seed decides the market's
sums and pages, the first weights, the batches and the conversations.

- "base loss" is the mean of the last 20 steps of the pre-training, "at once loss" and "with the tool
  loss" those of the last 20 steps of each assistant's, in nats a token;
- "cache" is the largest difference of a logit between the whole pass and the pass with the cache;
- "at once", "with the tool": the share of 100 held-out sums that is right;
- "8 bits", "4 bits", "2 bits": the same of the assistant with the tool, rounded;
- "at once, read": of the one without a tool, on 100 sums that it has read;
- "at once, longer": of one without a tool that has four times as many steps, on the held-out sums.

The command, versions and machine decide every digit.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.building.chapter import Chapter, read_chapter
from course.exercises import exercises, of_chapter
from course.harness.lesson_run import computing_cells, run_with_parts
from course.runs.capstone_tables import FILE
from course.runs.stored import asked_to_write, make_missing, stored

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "course" / "runs" / FILE
LESSON = ROOT / "course" / "chapters" / "25_capstone.md"
SEEDS = range(1, 4)
SEED_OF_THE_LESSON = "SEED = 1 "
FACE = "capstone_tables"  # what those cells import that show these runs
LONGER = 4  # times as many steps
PEAK = 3e-3  # the lesson's rate for conversations
LAST = 20  # steps whose losses count


class Run(NamedTuple):
    """One of them."""

    seed: int


def measures(names: dict[str, Any]) -> dict[str, float]:
    """What a run came to, from the names that the cells leave."""
    found = {
        "base loss": fmean(names["losses"][-LAST:]),
        "at once loss": fmean(names["direct_losses"][-LAST:]),
        "with the tool loss": fmean(names["caller_losses"][-LAST:]),
        "cache": names["difference"],
        "at once": fmean(names["of_direct"]),
        "with the tool": fmean(names["of_caller"]),
    }
    found |= {f"{bits} bits": fmean(each) for bits, each in names["of_bits"].items()}
    return found | {"at once, read": read(names), "at once, longer": longer(names)}


def read(names: dict[str, Any]) -> float:
    """The share that the assistant without a tool gets right of sums that it has read."""
    held_out, names["held_out"] = names["held_out"], names["seen"][: len(names["held_out"])]
    right = fmean(names["marks"](names["direct"]))
    names["held_out"] = held_out
    return right


def longer(names: dict[str, Any]) -> float:
    """The share of one whose conversations go on for LONGER times as many steps."""
    steps = LONGER * len(names["direct_losses"])
    talks = names["conversations"](False, steps, names["SEED"])
    trained, _ = names["fit"](names["base"], names["talk_loss"], talks, peak=PEAK)
    return fmean(names["marks"](trained))


def one_run(lesson: Chapter, run: Run) -> Sequence[dict[str, Any]]:
    torch.set_num_threads(1)
    ids = [*lesson.parts, *(one.id for one in of_chapter(lesson.number))]
    parts = {id: exercises()[id].reference for id in ids}
    cells = computing_cells(_own(lesson), {SEED_OF_THE_LESSON: f"SEED = {run.seed} "})
    found = measures(run_with_parts(cells, parts))
    return [
        {**run._asdict(), "measure": name, "value": f"{value:.5g}"} for name, value in found.items()
    ]


def _own(lesson: Chapter) -> Chapter:
    """The lesson without the cells that show what is stored here."""
    return replace(lesson, cells=tuple(one for one in lesson.cells if FACE not in one.source))


def show() -> None:
    """Each measure of each seed."""
    values = defaultdict(list)
    for row in stored(FILE):
        values[row["measure"]].append(float(row["value"]))
    for measure, found in values.items():
        print(f"{measure:20}", *(f"{value:10.4g}" for value in found))


def main() -> None:
    if asked_to_write(__doc__):
        lesson = read_chapter(LESSON)
        make_missing(STORED, map(Run, SEEDS), lambda run: one_run(lesson, run))
    show()


if __name__ == "__main__":
    main()
