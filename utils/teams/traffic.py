"""How many bytes a process sends to others, by operation.

    with Traffic() as traffic:
        loss.backward()
    traffic.as_dict()  # {"all_reduce": {"calls": 3, "bytes": 5292072}}

Every operation of torch.distributed is an operator of torch, also when DistributedDataParallel or
FSDP2 calls it, so a dispatch mode sees it with its tensors. The bytes are what one of w processes
has to send, on average, for an operation on n bytes in all, if nothing is sent twice:

- all_reduce: 2 (w - 1) / w n. Pieces are added up on their way round a ring, and then the sums go
  round (Patarasuk & Yuan 2009). That is reduce_scatter, then all_gather;
- reduce_scatter, all_gather, reduce, broadcast, all_to_all: (w - 1) / w n;
- send: n; gather: (w - 1) / w of what each has; scatter: all but its own part, from the first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch.distributed as dist
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

# The operator's name -> ours, and which of its arguments holds the n bytes.
_OPERATORS = {
    "c10d::allreduce_": ("all_reduce", 0),
    "c10d::allreduce_coalesced_": ("all_reduce", 0),
    "c10d::broadcast_": ("broadcast", 0),
    "c10d::reduce_": ("reduce", 0),
    "c10d::_allgather_base_": ("all_gather", 0),
    "c10d::allgather_": ("all_gather", 0),
    "c10d::allgather_into_tensor_coalesced_": ("all_gather", 0),
    "c10d::_reduce_scatter_base_": ("reduce_scatter", 1),
    "c10d::reduce_scatter_": ("reduce_scatter", 1),
    "c10d::reduce_scatter_tensor_coalesced_": ("reduce_scatter", 1),
    "c10d::alltoall_base_": ("all_to_all", 1),
    "c10d::alltoall_": ("all_to_all", 1),
    "c10d::gather_": ("gather", 1),
    "c10d::scatter_": ("scatter", 1),
    "c10d::send": ("send", 0),
    "_c10d_functional::all_reduce": ("all_reduce", 0),
    "_c10d_functional::all_reduce_": ("all_reduce", 0),
    "_c10d_functional::broadcast": ("broadcast", 0),
    "_c10d_functional::broadcast_": ("broadcast", 0),
    "_c10d_functional::reduce_scatter_tensor": ("reduce_scatter", 0),
    "_c10d_functional::all_to_all_single": ("all_to_all", 0),
}
# Of this one the argument is the part that each has: n is as many times larger as there are.
_GATHERS_PARTS = "_c10d_functional::all_gather_into_tensor"


def sent_share(operation: str, size: int) -> float:
    """Which share of an operation's n bytes one of `size` processes sends, on average."""
    if operation == "send":
        return 1.0
    return (2 if operation == "all_reduce" else 1) * (size - 1) / size


class Traffic(TorchDispatchMode):
    """Counts what this process sends while the `with` block lasts."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Count, then do what was asked."""
        name = func.name().partition(".")[0]
        if name in _OPERATORS:
            operation, which = _OPERATORS[name]
            self._count(operation, _size_of(args[which]))
        elif name == _GATHERS_PARTS:
            self._count("all_gather", _size_of(args[0]) * dist.get_world_size())
        return func(*args, **(kwargs or {}))

    def _count(self, operation: str, size: int) -> None:
        self._calls[operation] += 1
        self._bytes[operation] += size

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Operation -> how often this process called it, and the bytes that it sent."""
        processes = dist.get_world_size()
        return {
            operation: {
                "calls": calls,
                "bytes": round(self._bytes[operation] * sent_share(operation, processes)),
            }
            for operation, calls in sorted(self._calls.items())
        }


def _size_of(tensors: Any) -> int:
    """In bytes, of a tensor or of nested lists of tensors."""
    return sum(one.nbytes for one in tree_iter(tensors) if isinstance(one, Tensor))
