"""What a small GPT knows of facts that it was told so and so often, in one direction or in both, with
and without questions: the runs behind chapter 16.

    python benchmarks/fact_runs.py            (shows the means)
    python benchmarks/fact_runs.py --write    (makes the runs that are not stored: of all, 4 minutes
                                                of processor time)

Writes course/runs/fact_runs.csv, a row for each group of questions of each run. `setting` names the
world and how it was read (SETTINGS), `seed` draws the world, the first weights and the order.
`group` is that of utils.data.made_up_facts. `right`, `kind`, `sure` and `of_right` are those of
utils.training.word_reader.Score, over `asked` questions. The command, versions and machine decide
every digit.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing, stored
from utils.data.made_up_facts import World, capitals, mayors, residents
from utils.training.word_reader import new_word_reader, score

FILE = "fact_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE


class Setting(NamedTuple):
    """A world, and how it is read."""

    world: Callable[..., World]
    seeds: int
    d_model: int
    passes: float
    batch_size: int
    rate: float


SETTINGS = {
    "capitals": Setting(capitals, 10, 32, 1, 8, 0.004),
    **{
        f"residents, {patterns}": Setting(partial(residents, patterns), 5, 64, 80, 64, 0.003)
        for patterns in ("none", "right", "shuffled")
    },
    "mayors": Setting(mayors, 5, 64, 90, 128, 0.003),
    "mayors, other roles": Setting(partial(mayors, other_roles=True), 5, 64, 90, 128, 0.003),
}


class Run(NamedTuple):
    """One training."""

    setting: str
    seed: int


def one_run(run: Run, passes: float | None = None) -> list[dict[str, Any]]:
    """A row for each group of questions. `passes`: other than those of the setting."""
    torch.set_num_threads(1)
    setting = SETTINGS[run.setting]
    world = setting.world(seed=run.seed)
    reader = new_word_reader(world.words, run.seed, setting.d_model)
    reader.read(
        world.sentences,
        passes=passes or setting.passes,
        batch_size=setting.batch_size,
        rate=setting.rate,
        seed=run.seed,
    )
    rows = []
    for group in dict.fromkeys(question.group for question in world.questions):
        found = score(reader, world, group)._asdict()
        shares = {name: round(value, 4) for name, value in found.items()}
        rows.append({**run._asdict(), "group": group, **shares})
    return rows


def show() -> None:
    """The mean over the seeds of what is right and of the right kind, by setting and group."""
    groups = defaultdict(list)
    for row in stored(FILE):
        groups[row["setting"], row["group"]].append((float(row["right"]), float(row["kind"])))
    for (setting, group), found in groups.items():
        right, kind = (fmean(column) for column in zip(*found, strict=True))
        print(f"{setting:22} {group!s:26} right {right:4.0%}, kind {kind:4.0%}, {len(found)} seeds")


def main() -> None:
    if asked_to_write(__doc__):
        most = max(setting.seeds for setting in SETTINGS.values())
        seeds = range(1, most + 1)
        runs = [Run(name, n) for n in seeds for name, one in SETTINGS.items() if n <= one.seeds]
        make_missing(STORED, runs, one_run)
    show()


if __name__ == "__main__":
    main()
