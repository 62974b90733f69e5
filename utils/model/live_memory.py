"""How much memory a computation holds while it runs: what its tensors take after each operation.

Every tensor that an operation of torch gives is watched until nothing refers to it any more. So the
line goes up while a forward pass keeps what the backward pass will need, and down as that is used.
It works on the CPU, on a GPU, and on torch's device "meta", where tensors have shapes and no
numbers: there a model can be larger than any memory.
"""

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def live_bytes(run: Callable[[], object]) -> list[int]:
    """The bytes of all tensors that `run()` has made and that are still in use, after each of its
    operations and once more at the end.

    What was there before does not count: a model's weights, its inputs. What an operation needs for
    itself, while it runs, is not seen.
    """
    watch = _Watch()
    with watch:
        run()
    return [*watch.line, watch.now]


class _Watch(TorchDispatchMode):
    """Sees each operation, also those of the backward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.line = 0, list[int]()
        self._known = dict[int, weakref.ref[torch.UntypedStorage]]()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        self._note((args, kwargs), is_new=False)
        result = func(*args, **(kwargs or {}))
        self._note(result, is_new=True)
        self.line.append(self.now)
        return result

    def _note(self, tensors: Any, is_new: bool) -> None:
        """Know the memory of these tensors from now on, and count it if it is new."""
        for tensor in tree_leaves(tensors):
            if isinstance(tensor, Tensor):
                self._follow(tensor.untyped_storage(), is_new)

    def _follow(self, storage: torch.UntypedStorage, is_new: bool) -> None:
        place = storage._cdata  # tells one memory from another, also on "meta", where there is none
        if place in self._known:
            return
        size = storage.nbytes() if is_new else 0

        def gone(_: object) -> None:
            self.now -= size
            del self._known[place]

        self.now += size
        self._known[place] = weakref.ref(storage, gone)
