"""The stored runs of the chapter on deep stacks: made by benchmarks/deep_stacks.py, which says what
its columns are.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from course.runs.stored import matching, stored

_FILE = "deep_stacks.csv"


def recipes() -> list[str]:
    """The recipes in the order of the table."""
    return list(dict.fromkeys(str(row["recipe"]) for row in stored(_FILE)))


def depths() -> list[int]:
    """The depths, the shallowest first."""
    return sorted({int(row["depth"]) for row in stored(_FILE)})


def best_rate(recipe: str, optimizer: str, depth: int) -> float:
    """The rate that did best with the first start; all were tried. Of equals, the smallest.

    Raises ValueError if no such run is stored.
    """
    tried = [row for row in _runs(recipe, optimizer, depth) if row["seed"] == 0]
    return float(max(tried, key=lambda row: float(row["accuracy"]))["rate"])


def accuracies(recipe: str, optimizer: str, depth: int) -> list[float]:
    """What each start reached at the best rate, on new digits.

    Raises ValueError if no such run is stored.
    """
    rate = best_rate(recipe, optimizer, depth)
    runs = _runs(recipe, optimizer, depth)
    return [float(row["accuracy"]) for row in runs if row["rate"] == rate]


def mean_accuracies(optimizer: str) -> Float[Tensor, "recipe depth"]:
    """The mean over the starts, for each field of the map."""
    means = [
        [torch.tensor(accuracies(recipe, optimizer, depth)).mean() for depth in depths()]
        for recipe in recipes()
    ]
    return torch.tensor(means)


def _runs(recipe: str, optimizer: str, depth: int) -> list[dict[str, float | str]]:
    missing = f"no run of {recipe!r} with {optimizer} and {depth} layers is"
    return matching(_FILE, missing, recipe=recipe, optimizer=optimizer, depth=depth)
