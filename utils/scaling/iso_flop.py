"""Models of several sizes that took the same budget, and the size of a real one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from utils.scaling.scaling_laws import fit_power_law


@dataclass(frozen=True)
class SizedRun:
    """One size at a budget: its weights, the characters (or tokens) that it read, the mean loss,
    and what it wrote.
    """

    weights: float | int
    read: float | int
    loss: float | int
    text: str = ""


@dataclass(frozen=True)
class IsoFlop:
    """A budget in FLOPs, and the sizes that it was spent on, the smallest first."""

    budget: float | int
    runs: Sequence[SizedRun]

    def read_at(self, weights: float | int) -> float:
        """The characters that the budget pays for at a size that was not run: by the power law
        through the two sizes that are nearest.
        """
        near = sorted(self.runs, key=lambda run: abs(math.log(run.weights / weights)))[:2]
        return fit_power_law([run.weights for run in near], [run.read for run in near])(weights)


@dataclass(frozen=True)
class PublishedSize:
    """A real model: its weights and the tokens that it was trained on, by the source named."""

    name: str
    weights: float | int
    tokens: float | int
    source: str

    @property
    def tokens_per_weight(self) -> float:
        """Chinchilla's rule of thumb has 20."""
        return self.tokens / self.weights

    @property
    def flops(self) -> float:
        """By the rule of 6 FLOPs for each weight and token."""
        return 6.0 * self.weights * self.tokens
