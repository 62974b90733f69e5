"""A number that several seeds give at each step, averaged."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Curve:
    """One number against the step: its mean over the seeds, and the standard error of the mean."""

    steps: list[float]
    mean: Float[Tensor, " step"]
    error: Float[Tensor, " step"]

    @classmethod
    def of(cls, steps: list[float], values: Float[Tensor, "step seed"]) -> "Curve":
        """From what each seed (two or more) gives at each step."""
        return cls(steps, values.mean(dim=1), values.std(dim=1) / values.shape[1] ** 0.5)
