"""The stored runs of chapter 20, averaged over their seeds: made by benchmarks/rlhf_runs.py, which
says what its columns are.
"""

from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from course.runs.stored import stored


@dataclass(frozen=True)
class Curve:
    """One number against the step: its mean over the seeds, and the standard error of the mean."""

    steps: list[float]
    mean: Float[Tensor, " step"]
    error: Float[Tensor, " step"]


def each_seed(method: str, beta: float, step: float, what: str) -> list[float]:
    """The column `what` after `step` steps, for each seed. Step 0 is the SFT model, whatever the
    method.

    Raises ValueError if no such run is stored, or if it has no such number.
    """
    wanted = (method, beta, step) if step else ("sft", 0.0, 0.0)
    found = [
        row[what]
        for row in stored("rlhf_runs.csv")
        if (row["method"], row["beta"], row["step"]) == wanted
    ]
    if not found or "" in found:
        raise ValueError(
            f"no {what!r} of a run of {method!r} with beta {beta} is stored at step {step}; "
            "course/runs/rlhf_runs.csv lists those that are."
        )
    return [float(value) for value in found]


@cache  # an explorer asks for the same curves again and again
def curve(method: str, beta: float, what: str) -> Curve:
    """The column `what` from the SFT model to the last stored step."""
    rows = [row for row in stored("rlhf_runs.csv") if row["method"] == method]
    steps = [0.0, *sorted({float(row["step"]) for row in rows if row["beta"] == beta})]
    values = torch.tensor([each_seed(method, beta, step, what) for step in steps])
    return Curve(steps, values.mean(dim=1), values.std(dim=1) / values.shape[1] ** 0.5)


def replies(beta: float, step: float) -> list[dict[str, float | str]]:
    """What PPO's policy of the first seed wrote at `step`: rows with question, reply, learned and
    true.
    """
    rows = stored("rlhf_samples.csv")
    seed = min(row["seed"] for row in rows)
    wanted = ("ppo", beta, seed, step)
    return [row for row in rows if (row["method"], row["beta"], row["seed"], row["step"]) == wanted]


def best_of_n(n: int, what: str) -> list[float]:
    """The column `what` of the best of `n` replies of the SFT model, for each seed.

    Raises ValueError if none are stored for this n.
    """
    rows = stored("rlhf_best_of_n.csv")
    found = [float(row[what]) for row in rows if row["n"] == n]
    if not found:
        sizes = sorted({f"{row['n']:g}" for row in rows}, key=float)
        raise ValueError(f"no best of {n} is stored; there are those of {', '.join(sizes)}.")
    return found
