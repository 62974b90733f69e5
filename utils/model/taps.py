"""Read or replace any named activation of a model, in a `with` block.

    with trace(model) as t:
        model(ids)
    t["blocks.3.attn.pattern"]                        # (batch, head, query, key)

    with trace(model, replace={"blocks.3.mlp.out": torch.zeros_like}):
        model(ids)                                    # runs as if that layer said nothing

A module that derives from `Tapped` passes its intermediate values through `self.tap(name, value)`.
Outside a `with` block that is one look at an empty tuple. Recorded tensors are the ones of the
computation itself: they still carry their graph, so `torch.autograd.grad(loss,
t["blocks.0.resid.pre"])` works.
"""

import difflib
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from torch import Tensor, nn

Observer = Callable[[str, Tensor], Tensor]
Replacement = Tensor | Callable[[Tensor], Tensor]


class Tapped(nn.Module):
    """A module whose intermediate values have names.

    `taps` lists the names that it hands to `tap`.
    """

    taps: ClassVar[tuple[str, ...]] = ()
    observers: tuple[Observer, ...] = ()

    def tap(self, name: str, value: Tensor) -> Tensor:
        """Show `value` to whoever traces this module, and go on with what they give back."""
        for observe in self.observers:
            value = observe(name, value)
        return value


class trace:
    """Record every named activation of `model`, and replace some of them.

    `replace` maps a name to a tensor, or to a function from the old value to the new one, of the
    same shape. Each name keeps the value of the latest call. Names that do not exist raise KeyError
    with the nearest ones that do. An inner `with` acts before an outer one, so an outer trace
    records what an inner one put in place.
    """

    def __init__(self, model: nn.Module, replace: Mapping[str, Replacement] | None = None):
        self._tapped = {
            path: module for path, module in model.named_modules() if isinstance(module, Tapped)
        }
        self._replace = dict(replace or {})
        self._values: dict[str, Tensor] = {}
        self._added: list[tuple[Tapped, Observer]] = []
        for name in self._replace:
            self._check_name(name)

    def names(self) -> list[str]:
        """Every name that can be read or replaced, in the order of the model's modules."""
        return [_join(path, tap) for path, module in self._tapped.items() for tap in module.taps]

    def __getitem__(self, name: str) -> Tensor:
        if name in self._values:
            return self._values[name]
        self._check_name(name)
        raise KeyError(
            f"{name!r} has no value yet: call the model inside `with trace(model) as t:` first."
        )

    def __enter__(self) -> "trace":
        for path, module in self._tapped.items():
            observer = partial(self._visit, path)
            module.observers = (observer, *module.observers)
            self._added.append((module, observer))
        return self

    def __exit__(self, *exc_info: object) -> None:
        for module, observer in self._added:
            module.observers = tuple(other for other in module.observers if other is not observer)
        self._added.clear()

    def _visit(self, path: str, tap: str, value: Tensor) -> Tensor:
        name = _join(path, tap)
        if name in self._replace:
            value = _replaced(name, value, self._replace[name])
        self._values[name] = value
        return value

    def _check_name(self, name: str) -> None:
        known = self.names()
        if name in known:
            return
        near = difflib.get_close_matches(name, known, n=4, cutoff=0.5) or known[:4]
        raise KeyError(
            f"this model has no activation {name!r}; near matches: {', '.join(near)}; t.names() "
            "lists all."
        )


def _join(path: str, tap: str) -> str:
    return f"{path}.{tap}" if path else tap


def _replaced(name: str, old: Tensor, replacement: Replacement) -> Tensor:
    new = replacement if isinstance(replacement, Tensor) else replacement(old)
    if not isinstance(new, Tensor) or new.shape != old.shape:
        given = (
            f"a tensor of shape {tuple(new.shape)}"
            if isinstance(new, Tensor)
            else f"{type(new).__name__}"
        )
        raise ValueError(
            f"the replacement for {name!r} is {given}; give a tensor of shape {tuple(old.shape)}."
        )
    return new
