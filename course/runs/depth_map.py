"""The stored runs of the chapter on deep stacks: made by benchmarks/deep_stacks.py, which says what
its columns are.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from course.runs.stored import stored

_FILE = "deep_stacks.csv"


def recipes() -> list[str]:
    """The recipes in the order of the table."""
    return list(dict.fromkeys(str(row["recipe"]) for row in stored(_FILE)))


def depths() -> list[int]:
    """The depths, the shallowest first."""
    return sorted({int(row["depth"]) for row in stored(_FILE)})


def final_runs(recipe: str, optimizer: str, depth: int) -> list[dict[str, float | str]]:
    """The rows of the runs at the best rate, one for each seed.

    Raises ValueError if no such run is stored.
    """
    wanted = (recipe, optimizer, depth, "final")
    names = ("recipe", "optimizer", "depth", "part")
    found = [row for row in stored(_FILE) if tuple(row[name] for name in names) == wanted]
    if not found:
        raise ValueError(
            f"no run of {recipe!r} with {optimizer} and {depth} layers is stored; "
            f"course/runs/{_FILE} lists those that are."
        )
    return found


def accuracies(recipe: str, optimizer: str, depth: int) -> list[float]:
    """What each seed reached on the test digits."""
    return [float(row["accuracy"]) for row in final_runs(recipe, optimizer, depth)]


def best_rate(recipe: str, optimizer: str, depth: int) -> float:
    """The rate that did best on held-out pictures, before the final runs."""
    return float(final_runs(recipe, optimizer, depth)[0]["rate"])


def mean_accuracies(optimizer: str) -> Float[Tensor, "recipe depth"]:
    """The mean over the seeds, for each field of the map."""
    return torch.tensor(
        [
            [torch.tensor(accuracies(recipe, optimizer, depth)).mean() for depth in depths()]
            for recipe in recipes()
        ]
    )
