"""Trainings of several kinds of network, each at the rate that suits it: what the commands that
store them have in common.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from course.runs.architecture_tables import TUNING_SEED, quickest_rate
from course.runs.stored import make_missing


class Run(NamedTuple):
    """One training: of which network, at which highest learning rate."""

    kind: str
    rate: float
    seed: int


def make_tuned(
    path: Path,
    rates: Mapping[str, Sequence[float]],
    seeds: Sequence[int],
    make: Callable[[Run], Sequence[Mapping[str, Any]]],
) -> None:
    """Make what the file does not have yet: each kind with its `rates` and the tuning seed, and
    then each kind with every one of `seeds`, at its quickest rate.

    path: a file in course/runs; its columns have those of Run, and `right`.
    """
    tuning = [Run(kind, rate, TUNING_SEED) for kind, own in rates.items() for rate in own]
    make_missing(path, tuning, make)
    quickest = {kind: quickest_rate(kind, path.name) for kind in rates}
    make_missing(path, [Run(kind, quickest[kind], seed) for seed in seeds for kind in rates], make)
