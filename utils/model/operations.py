"""Which operations a computation is made of, as torch carries them out."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode


def count_operations(run: Callable[[], object]) -> Counter[str]:
    """How often `run()` uses each operation of torch, by its short name: "mm", "silu", "add"."""
    counter = _Counter()
    with counter:
        run()
    return counter.found


class _Counter(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.found = Counter[str]()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        self.found[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))
