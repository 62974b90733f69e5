"""What a process keeps between two steps of training, in bytes."""

from collections.abc import Iterable

from torch import Tensor
from torch.distributed.optim import ZeroRedundancyOptimizer
from torch.optim import Optimizer

from utils.training.weight_shards import own_part


def held_bytes(parameters: Iterable[Tensor], optimizer: Optimizer) -> dict[str, int]:
    """Bytes of "weights", "gradients" and "optimizer" state here: of shards only the own part.

    Call it after a backward pass and a step.
    """
    own = list(parameters)
    if isinstance(optimizer, ZeroRedundancyOptimizer):
        optimizer = optimizer.optim  # the one of this process, for its own parameters
    state = [value for per_weight in optimizer.state.values() for value in per_weight.values()]
    return {
        "weights": _bytes(own),
        "gradients": _bytes(p.grad for p in own if p.grad is not None),
        "optimizer": _bytes(value for value in state if isinstance(value, Tensor)),
    }


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(own_part(tensor).nbytes for tensor in tensors)
