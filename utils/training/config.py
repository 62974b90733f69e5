"""All numbers that shape a training run, in one place, and refused at once where they make no
sense.
"""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from utils.model.device import pick_dtype

# see utils.training.optimizer
OPTIMIZERS = ("sgd", "momentum", "sign", "adamw", "muon")
_LOWEST = {"steps": 1, "warmup_steps": 0, "batches_per_step": 1, "seed": 0, "evaluate_every": 1}


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How to train.

    The same config, model and data give the same losses, on one machine to the last bit.
    """

    steps: int  # updates of the weights
    optimizer: str = "adamw"  # one of OPTIMIZERS
    learning_rate: float | int = 1e-3  # the highest; see utils.training.schedule
    warmup_steps: int = 0
    floor: float | int = 0.1  # the learning rate of the last step, as a share of the highest
    weight_decay: float | int = 0.1  # not for all parameters; see utils.training.optimizer
    betas: tuple[float | int, float | int] = (
        0.9,
        0.95,
    )  # of AdamW; as for GPT-3 (Brown et al. 2020)
    momentum: float | int = 0.9  # of "momentum", "sign" and "muon"
    # the longest gradient, all parameters together; a longer one is scaled down
    clip: float | int | None = 1.0
    # more than one is gradient accumulation; several processes share them
    batches_per_step: int = 1
    # Of the matrix products: "bfloat16" and "float16" are faster on a GPU, and "float32" where a
    #     CPU cannot do them.
    precision: str = "float32"
    recompute: bool = False  # activation checkpointing; see utils.training.activation_checkpointing
    # several processes keep a part of each weight instead of all; see utils.training.weight_shards
    shard_weights: bool = False
    seed: int = 0  # for random numbers that the loss or the model draws
    evaluate_every: int = 100  # steps
    save_seconds: float | int = 30.0  # at most so much work is lost; 0: save at every step

    def __post_init__(self) -> None:
        for name, lowest in _LOWEST.items():
            self._check(
                name, _is_whole(getattr(self, name), lowest), f"a whole number from {lowest} up"
            )
        self._check("optimizer", self.optimizer in OPTIMIZERS, f"one of {', '.join(OPTIMIZERS)}")
        self._check(
            "learning_rate", _is_within(self.learning_rate, math.inf, above=0), "a number above 0"
        )
        self._check(
            "floor", _is_within(self.floor, 1), "a share from 0 to 1 of the highest learning rate"
        )
        self._check("weight_decay", _is_within(self.weight_decay, math.inf), "a number from 0 up")
        self._check(
            "betas",
            all(_is_within(b, 1) and b < 1 for b in self.betas),
            "two numbers from 0 to below 1",
        )
        self._check(
            "momentum",
            _is_within(self.momentum, 1) and self.momentum < 1,
            "a number from 0 to below 1",
        )
        limited = self.clip is not None
        self._check(
            "clip",
            not limited or _is_within(self.clip, math.inf, above=0),
            "a number above 0, or None",
        )
        self._check(
            "save_seconds", _is_within(self.save_seconds, math.inf), "a number of seconds from 0 up"
        )
        if self.warmup_steps >= self.steps:
            raise ValueError(
                f"{self.warmup_steps} of {self.steps} steps are warm-up: leave at least one step "
                "after it."
            )
        if self.shard_weights and self.optimizer == "muon":
            raise ValueError(
                "weights in shards cannot be trained with Muon, which needs whole matrices: give "
                'optimizer="adamw".'
            )
        if self.shard_weights and self.precision == "float16":
            raise ValueError(
                "weights in shards cannot be trained in float16, as each process would choose a "
                'loss scale of its own: give precision="bfloat16".'
            )
        pick_dtype(self.precision)

    def _check(self, name: str, good: bool, wanted: str) -> None:
        if not good:
            raise ValueError(f"{name} is {getattr(self, name)!r}; give {wanted}.")


def _is_whole(value: Any, lowest: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= lowest


def _is_within(value: Any, highest: float | int, above: float | int | None = None) -> bool:
    """From 0 to `highest`, or truly above `above`; never NaN nor infinity."""
    return (
        isinstance(value, Real)
        and math.isfinite(value)
        and 0 <= float(value) <= highest
        and (above is None or float(value) > above)
    )
