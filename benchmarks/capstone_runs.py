"""The capstone's own cells with other seeds, and with a mistake in one of its parts: how often its
assistants are right then.

    python benchmarks/capstone_runs.py            (shows the stored table)
    python benchmarks/capstone_runs.py --write    (makes the runs that are not stored; half a minute
                                                   of processor time each, 20 minutes all of them)

Writes course/runs/capstone_runs.csv, a row for each measure of each run: with the parts of the course
(`mistake` is "none"), and with a known mistake in one: the exercise, and the name of its wrong answer
in course/exercises. A seed decides the market's sums and pages, the first weights, the batches and the
conversations.

- "base loss" is the mean of the last 20 steps of the pre-training, "at once loss" and "with the tool
  loss" those of the last 20 steps of each assistant's, in nats a token;
- "cache" is the largest difference of a logit between the whole pass and the pass with the cache;
- "at once", "with the tool": the share of 100 held-out sums that is right.

And only where nothing is wrong:

- "8 bits", "4 bits", "2 bits": the same of the assistant with the tool, rounded;
- "at once, read": of the one without a tool, on 100 sums that it has read;
- "at once, longer": of one without a tool that has four times as many steps, on the held-out sums.

The command, versions and machine decide every digit.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from types import CodeType
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.building.chapter import Chapter, read_chapter
from course.exercises import exercises, of_chapter
from course.harness.lesson_run import computing_cells, run_with_parts
from course.runs.capstone_tables import FILE, MISTAKES, NONE
from course.runs.stored import asked_to_write, make_missing, stored

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "course" / "runs" / FILE
LESSON = ROOT / "course" / "chapters" / "25_capstone.md"
SEEDS = range(1, 4)
SEED_OF_THE_LESSON = "SEED = 1 "
LONGER = 4  # times as many steps
LAST = 20  # steps whose losses count


class Run(NamedTuple):
    """One of them."""

    seed: int
    mistake: str


def all_runs() -> list[Run]:
    right = [Run(seed, NONE) for seed in SEEDS]
    return right + [Run(seed, one) for seed in SEEDS for one in MISTAKES]


def cells(lesson: Chapter, run: Run) -> list[CodeType]:
    """The lesson's cells with this run's seed; the rounded copies only where nothing is wrong."""
    before = "" if run.mistake == NONE else "A smaller copy"
    return computing_cells(lesson, {SEED_OF_THE_LESSON: f"SEED = {run.seed} "}, before)


def parts_of(lesson: Chapter, run: Run) -> dict[str, Any]:
    """The course's answers, with the mistake in the place of one."""
    ids = [*lesson.parts, *(one.id for one in of_chapter(lesson.number))]
    parts: dict[str, Any] = {id: exercises()[id].reference for id in ids}
    if run.mistake != NONE:
        id, name = run.mistake.split()
        wrongs = {one.answer.__name__: one.answer for one in exercises()[id].wrongs}
        parts[id] = wrongs[name]
    return parts


def measures(names: dict[str, Any]) -> dict[str, float]:
    """What a run came to."""
    found = {
        "base loss": fmean(names["losses"][-LAST:]),
        "at once loss": fmean(names["direct_losses"][-LAST:]),
        "with the tool loss": fmean(names["caller_losses"][-LAST:]),
        "cache": names["difference"],
        "at once": fmean(names["of_direct"]),
        "with the tool": fmean(names["of_caller"]),
    }
    if "of_bits" not in names:
        return found
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
    trained, _ = names["fit"](names["base"], names["talk_loss"], talks, peak=3e-3)
    return fmean(names["marks"](trained))


def one_run(lesson: Chapter, run: Run) -> Sequence[dict[str, Any]]:
    torch.set_num_threads(1)
    found = measures(run_with_parts(cells(lesson, run), parts_of(lesson, run)))
    print(run, found, flush=True)
    return [
        {**run._asdict(), "measure": name, "value": f"{value:.5g}"} for name, value in found.items()
    ]


def show() -> None:
    """The mean over the seeds of each measure."""
    values = defaultdict(list)
    for row in stored(FILE):
        values[row["mistake"], row["measure"]].append(float(row["value"]))
    for (mistake, measure), found in values.items():
        print(f"{mistake:32} {measure:18} {fmean(found):8.3f} ({len(found)} seeds)")


def main() -> None:
    if asked_to_write(__doc__):
        lesson = read_chapter(LESSON)
        make_missing(STORED, all_runs(), lambda run: one_run(lesson, run))
    show()


if __name__ == "__main__":
    main()
