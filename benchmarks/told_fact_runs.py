"""A fact in the prompt against a fact in the weights: SmolLM2 is asked for capitals of well-known and
of little-known lands, of which the prompt has said nothing, the right thing or a wrong one, near the
question or far from it. For the chapter on emergence.

    python benchmarks/told_fact_runs.py            (shows the shares)
    python benchmarks/told_fact_runs.py --write    (makes what is not stored; of all, 2 minutes of
                                                     processor time)

Writes course/runs/told_fact_runs.csv, a row for each land. utils/interpretability/told_facts.py says
what is `told`; `distance` is the number of tokens on other things between the telling and the asking,
about. `true` is 1 if the model writes the true capital, `told_one` if it writes the one that it was
told, `log_p` is that of the true one in nats. The command, versions and machine decide every digit.
"""

import os
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.of_smollm2 import make_missing_of_smollm2
from course.runs.stored import asked_to_write, stored
from utils import GPT
from utils.data.few_shot_tasks import LITTLE_KNOWN_CAPITALS, WELL_KNOWN_CAPITALS
from utils.interpretability.told_facts import answered, other_text, told_facts
from utils.text.tokenizer import Tokenizer

FILE = "told_fact_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
LANDS = {"well known": WELL_KNOWN_CAPITALS, "little known": LITTLE_KNOWN_CAPITALS}
DISTANCES = (0, 100)

Row = dict[str, Any]


class Run(NamedTuple):
    """A group of lands, asked in one way."""

    lands: str
    told: str
    distance: int


def all_runs() -> list[Run]:
    near = [Run(lands, told, 0) for lands in LANDS for told in ("nothing", "others")]
    far = [
        Run(lands, told, distance)
        for distance in DISTANCES
        for lands in LANDS
        for told in ("right", "wrong")
    ]
    return [*near, *far]


def one_run(run: Run, model: GPT, tok: Tokenizer) -> list[Row]:
    torch.set_num_threads(1)
    between = other_text(tok, run.distance)
    facts = told_facts(LANDS[run.lands], run.told, between)  # type: ignore[arg-type]
    return [
        {
            **run._asdict(),
            "land": land,
            "true": int(truth.right),
            "told_one": int(told.right) if run.told in ("right", "wrong") else "",
            "log_p": f"{truth.log_p:.4f}",
        }
        for (land, _), truth, told in zip(
            LANDS[run.lands], *answered(model, tok, facts), strict=True
        )
    ]


def show() -> None:
    """The share true of each run."""
    by_run = defaultdict(list)
    for row in stored(FILE):
        by_run[row["lands"], row["told"], row["distance"]].append(row)
    for (lands, told, distance), rows in by_run.items():
        true, said = (fmean(float(row[name] or 0) for row in rows) for name in ("true", "told_one"))
        print(
            f"{lands:12} told {told:7} {distance:3.0f} before: true {true:4.0%}, told {said:4.0%}"
        )


def main() -> None:
    if asked_to_write(__doc__):
        make_missing_of_smollm2(STORED, all_runs(), one_run)
    show()


if __name__ == "__main__":
    main()
