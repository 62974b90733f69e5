"""A fact far back in a text, told in several ways, and what SmolLM2 makes of it.

    python benchmarks/far_fact_runs.py            (shows the table)
    python benchmarks/far_fact_runs.py --write    (makes what is not stored: of all, a minute
                                                    of processor time)

Writes course/runs/far_facts.csv: a row for each wording, place and word. `place` is the number of
fillers before the fact, of 12. `chance` is the probability of the word, `first` whether it is the
likeliest of the eight, and `other` the probability of the word of Bob's key.
"""

import argparse
import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

from functools import cache

from course.runs.stored import make_missing, stored
from utils import load
from utils.interpretability.far_facts import WORDS, chances, far_text, other_word

FILE = "far_facts.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
START, MIDDLE, END = 1, 6, 11
PLACES = {
    "copy": (START, MIDDLE, END),
    "reworded": (START, MIDDLE, END),
    "Bob after": (START,),
    "Bob before": (START,),
    "nowhere": (0,),  # without a fact there is no place to tell apart
}


class Run(NamedTuple):
    """One text."""

    wording: str
    place: int
    word: str


def all_runs() -> list[Run]:
    """Each wording at its places, with each word."""
    return [
        Run(wording, place, word)
        for wording, places in PLACES.items()
        for place in places
        for word in WORDS
    ]


def one_run(run: Run) -> list[dict[str, Any]]:
    """One row."""
    found = _chances(far_text(run.wording, run.word, run.place))
    return [
        {
            **run._asdict(),
            "chance": f"{found[run.word]:.4f}",
            "first": int(max(found, key=found.__getitem__) == run.word),
            "other": f"{found[other_word(run.word)]:.4f}",
        }
    ]


@cache
def _chances(text: str) -> dict[str, float]:
    model, tok = _smollm2()
    return chances(model, tok, text)


@cache
def _smollm2() -> Any:
    return load("smollm2")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="make what is not stored")
    if options.parse_args().write:
        make_missing(STORED, all_runs(), one_run)
    for row in stored(FILE):
        print(*row.values())


if __name__ == "__main__":
    main()
