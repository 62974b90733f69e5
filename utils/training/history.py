"""What happened at each step of a training run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import torch
from jaxtyping import Float64
from torch import Tensor

from utils.pictures.figures import show
from utils.pictures.loss_curve import loss_figure


@dataclass
class History:
    """One entry for each step; `show()` draws the losses.

    The loss of a step is that of its batches before the step changed the weights, and the
    gradient's length is that before clipping. `tokens` are those that were predicted.
    """

    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    tokens: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    evaluated_at: list[float] = field(default_factory=list)  # after so many steps
    evaluations: list[float] = field(default_factory=list)  # `evaluate` gave this

    @property
    def steps(self) -> list[int]:
        """The numbers of the steps made, from 0."""
        return list(range(len(self.losses)))

    @property
    def tokens_per_second(self) -> list[float]:
        """Of each step."""
        return [count / seconds for count, seconds in zip(self.tokens, self.seconds, strict=True)]

    def add(
        self, loss: float, rate: float, norm: float, tokens: float | int, seconds: float
    ) -> None:
        """One more step."""
        columns = (self.losses, self.learning_rates, self.gradient_norms, self.tokens, self.seconds)
        for column, value in zip(columns, (loss, rate, norm, tokens, seconds), strict=True):
            column.append(float(value))

    def recent(self, column: str, steps: int = 20) -> float:
        """The mean of the last entries of a column, NaN if there are none yet."""
        values = getattr(self, column)[-steps:]
        return sum(values) / len(values) if values else math.nan

    def to_tensors(self) -> dict[str, Float64[Tensor, " entry"]]:
        """Every column; float64 holds Python's numbers without loss."""
        return {
            column.name: torch.tensor(getattr(self, column.name), dtype=torch.float64)
            for column in fields(self)
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Float64[Tensor, " entry"]]) -> "History":
        """The history that `to_tensors` was called on."""
        return cls(**{name: tensor.tolist() for name, tensor in tensors.items()})

    def show(self) -> None:
        """Draw the losses, in a notebook; a script prints them in words."""
        figure, alt = loss_figure(self)
        show(figure, alt)
