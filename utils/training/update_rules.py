"""Update rules that torch lacks, or has in late releases only: sign descent, Muon, and two
optimizers that work as one.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from utils.training.newton_schulz import newton_schulz

# The root mean square of a step of AdamW, in learning rates, as measured in large models: Muon's
# steps get the same size, so that one learning rate does for both (Liu et al. 2025).
_SIZE_OF_ADAMWS_STEP = 0.2


class SignDescent(Optimizer):
    """Every weight moves by the learning rate, up or down: against the sign of its mean gradient
    (signum, Bernstein et al. 2018).

    `momentum` is the share of the old mean that is kept. A mean of exactly 0 moves nothing.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | int,
        momentum: float | int = 0.9,
        weight_decay: float | int = 0.0,
    ):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of all parameters that have a gradient."""
        for group in self.param_groups:
            for parameter, gradient in _with_gradient(group):
                mean = _running_sum(self.state[parameter], parameter)
                mean.lerp_(gradient, 1 - group["momentum"])
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.sub_(group["lr"] * mean.sign())


class Muon(Optimizer):
    """Momentum, orthogonalised: each step of a matrix has singular values of about 1, so that no
    direction is left behind (Jordan et al. 2024). For the matrices of hidden layers only.

    Nesterov's form of momentum, and the step's size that Liu et al. (2025) give it:
    0.2 * sqrt(max(rows, columns)) times the learning rate.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | int,
        momentum: float | int = 0.95,
        weight_decay: float | int = 0.0,
    ):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.ndim != 2:
                    raise ValueError(
                        f"Muon was given a parameter of shape {tuple(parameter.shape)}; it is for "
                        "matrices: give the others to AdamW."
                    )

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of all matrices that have a gradient."""
        for group in self.param_groups:
            for matrix, gradient in _with_gradient(group):
                total = _running_sum(self.state[matrix], matrix)
                total.mul_(group["momentum"]).add_(gradient)
                ahead = gradient + group["momentum"] * total  # Nesterov: as if one step on
                size = _SIZE_OF_ADAMWS_STEP * max(matrix.shape) ** 0.5
                matrix.mul_(1 - group["lr"] * group["weight_decay"])
                matrix.sub_(group["lr"] * size * newton_schulz(ahead))


class Together(Optimizer):
    """Several optimizers as one, each with parameters of its own: their groups, their states."""

    def __init__(self, *optimizers: Optimizer):
        self.optimizers = optimizers
        # the very same dicts: whoever sets a learning rate here sets it there
        super().__init__([g for one in optimizers for g in one.param_groups], {})
        self.state = defaultdict(dict)
        for one in optimizers:
            one.state = self.state

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update by each of them."""
        for one in self.optimizers:
            one.step()


def _with_gradient(group: dict[str, Any]) -> list[tuple[Tensor, Tensor]]:
    return [(one, one.grad) for one in group["params"] if one.grad is not None]


def _running_sum(state: dict[str, Tensor], parameter: Tensor) -> Tensor:
    """What is remembered of earlier gradients; zeros before the first."""
    if "momentum_buffer" not in state:
        state["momentum_buffer"] = torch.zeros_like(parameter)
    return state["momentum_buffer"]
