"""torch's functions and the methods of its tensors, as they were when the course was loaded.

A cell may have replaced one: `torch.Tensor.__eq__ = ...`, a softmax with prints in it. While an
answer is tried, torch's own stand in their places, on all sides alike. What a cell has added under
a name that torch does not know stays.
"""

import types
from typing import Any

import torch
import torch.nn.functional

_OWNERS: tuple[types.ModuleType | type, ...] = (torch, torch.nn.functional, torch.Tensor)
_OWN: list[dict[str, Any]] = [
    {name: value for name, value in vars(owner).items() if callable(value)} for owner in _OWNERS
]
# what a tensor has without torch.Tensor saying so; these cannot be replaced, only hidden
_INHERITED = frozenset(vars(torch._C.TensorBase)) - frozenset(vars(torch.Tensor))

Replaced = list[tuple[types.ModuleType | type, str, Any]]


def put_back() -> Replaced:
    """Put torch's own in their places again; gives what stood there instead."""
    replaced: Replaced = []
    for owner, own in zip(_OWNERS, _OWN, strict=True):
        now = vars(owner)
        replaced += [
            (owner, name, now[name]) for name in own if name in now and now[name] is not own[name]
        ]
    hidden = _INHERITED.intersection(vars(torch.Tensor))
    replaced += [(torch.Tensor, name, vars(torch.Tensor)[name]) for name in hidden]
    for owner, name, _ in replaced:
        own = _OWN[_OWNERS.index(owner)]
        if name in own:
            setattr(owner, name, own[name])
        else:
            delattr(owner, name)
    return replaced


def replace_again(replaced: Replaced) -> None:
    """Undo `put_back`: what it found stands there again, and nothing that came meanwhile."""
    put_back()
    for owner, name, value in replaced:
        setattr(owner, name, value)
