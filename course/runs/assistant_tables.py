"""The stored runs of chapter 19: made by benchmarks/boundary_runs.py, habit_runs.py and near_runs.py,
which say what the columns are.
"""

from collections.abc import Sequence
from importlib.resources import files
from statistics import fmean, stdev
from typing import NamedTuple

import torch
from safetensors.torch import load

from course.runs.stored import matching, select
from utils.alignment.knowledge_boundary import new_base
from utils.training.word_reader import WordReader

_BOUNDARY, _SEARCH = "boundary_runs.csv", "search_runs.csv"
_HABITS, _NEAR = "habit_runs.csv", "near_questions.csv"
# Student's t at 97.5 %, by degrees of freedom: that far a mean of few seeds may lie from the truth
_T = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


class Mean(NamedTuple):
    """The mean of the seeds, and its 95 % interval: from `low` to `high`."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def mean_of(values: Sequence[float]) -> Mean:
    """The mean of three to ten seeds with its interval. ValueError for fewer or more."""
    if len(values) - 1 not in _T:
        raise ValueError(f"{len(values)} seeds were given; give from 3 to 10.")
    middle = fmean(values)
    reach = _T[len(values) - 1] * stdev(values) / len(values) ** 0.5
    return Mean(middle, middle - reach, middle + reach)


def shares(
    setting: str, group: str, measure: str, steps: int | None = None, **names: int
) -> list[float]:
    """Of each seed the share of replies to a group that are right, wrong or refused.

    steps: of fine-tuning; None if the setting has one number of steps only. names: `taught`,
    `refused_names`. Raises ValueError for what is not stored.
    """
    wanted: dict[str, float | str] = {"setting": setting, "group": group, **names}
    if steps is not None:
        wanted["steps"] = steps
    rows = matching(_BOUNDARY, f"no run {wanted} is", **wanted)
    if len({row["seed"] for row in rows}) < len(rows):
        raise ValueError(f"several runs of a seed are {wanted}: say which steps and names.")
    return [float(row[measure]) for row in rows]


def two_errors(setting: str, steps: int | None = None, **names: int) -> tuple[Mean, Mean]:
    """Needless refusals, as a share of the answers about known people, and false answers, as a share
    of those about people never read of.
    """
    needless = shares(setting, "known", "refused", steps, **names)
    false = shares(setting, "never", "wrong", steps, **names)
    return mean_of(needless), mean_of(false)


def thresholds() -> list[str]:
    """The settings without fine-tuning, the lowest threshold first."""
    names = {str(row["setting"]) for row in select(_BOUNDARY, group="known")}
    found = [name for name in names if name.startswith("threshold")]
    return sorted(found, key=lambda name: float(name.split()[1]))


def looked_up(setting: str, group: str, measure: str) -> list[float]:
    """Of each seed what came of a search, with true pages ("search") or with false ones."""
    return _values(_SEARCH, setting, group, measure)


def habit(setting: str, group: str, measure: str) -> list[float]:
    """Of each seed a value of the runs on names, secrets and low ranks."""
    return _values(_HABITS, setting, group, measure)


def _values(file: str, setting: str, group: str, measure: str) -> list[float]:
    wanted = {"setting": setting, "group": group, "measure": measure}
    return [float(row["value"]) for row in matching(file, f"no run {wanted} is", **wanted)]


def near(kind: str, **fields: str) -> list[dict[str, float | str]]:
    """What SmolLM2 said to the near questions of a kind."""
    return matching(
        _NEAR, f"no question of the kind {kind!r} with {fields} is", kind=kind, **fields
    )


def share_right(kind: str, **fields: str) -> float:
    """The share of them to which the answer was right."""
    return fmean(float(row["right"]) for row in near(kind, **fields))


def stored_base() -> WordReader:
    """The base model of seed 1, which has read all texts of `people(seed=1)`."""
    base = new_base(seed=1)
    weights = load((files("course.runs") / "people_base.safetensors").read_bytes())
    with torch.no_grad():
        for name, parameter in base.model.named_parameters():
            parameter.copy_(weights[name])
    return base
