"""What a training run costs: days and dollars, from its FLOPs and the machines that do them."""

import math
from dataclasses import dataclass

_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Accelerator:
    """A processor for training, from its maker's data sheet."""

    name: str
    flops_per_second: float  # the most in bfloat16 (float16 for V100), dense matrices
    memory: float  # bytes
    bandwidth: float  # bytes a second, between memory and processor


ACCELERATORS = {
    one.name: one
    for one in (
        Accelerator("V100", 125e12, 32e9, 0.9e12),
        Accelerator("A100", 312e12, 80e9, 2.039e12),
        Accelerator("H100", 989e12, 80e9, 3.35e12),
        Accelerator("H200", 989e12, 141e9, 4.8e12),
        Accelerator("B200", 2250e12, 180e9, 8e12),
    )
}


def training_days(
    flops: float | int,
    count: int,
    flops_per_second: float | int,
    utilisation: float | int,
) -> float:
    """Days that `count` processors need for `flops`.

    `utilisation`: the share of their highest speed that they really do (MFU, model FLOPs
    utilisation), above 0 and at most 1. ValueError if it is not, or without a processor.
    """
    if not 0 < utilisation <= 1 or count < 1:
        raise ValueError(
            f"utilisation is {utilisation} and count {count}; give a share above 0 and at most 1 "
            "(0.4 for 40 %), and at least one processor."
        )
    return flops / (count * flops_per_second * utilisation) / _SECONDS_PER_DAY


def dollars(days: float | int, count: int, per_hour: float | int) -> float:
    """What `count` processors cost for so many days, at `per_hour` dollars each."""
    return days * 24 * count * per_hour


def fewest_that_hold(n_bytes: float | int, memory: float | int) -> int:
    """How many processors with `memory` bytes each it takes to hold `n_bytes`."""
    return math.ceil(n_bytes / memory)
