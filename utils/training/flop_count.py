"""FLOPs of a training step as torch counts them, operation by operation."""

from collections.abc import Callable

from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode


def counted_flops(loss: Callable[[], Tensor]) -> tuple[int, int]:
    """The FLOPs of `loss()`, and of it and its backward pass together.

    Only operations that torch has a formula for count: the fused attention of a CPU is not among
    them, so it counts as nothing. Under utils.model.taps.trace attention is computed step by step,
    and all its products count.
    """
    with FlopCounterMode(display=False) as counter:
        result = loss()
        forward = counter.get_total_flops()
        result.backward()
    return forward, counter.get_total_flops()
