"""Read what a learner's function gave back, without trusting it.

`read` turns it into plain data: numbers, texts, lists and tensors of exactly torch's own type, all
copied. Everything else becomes an `Odd`, which only says what it was. After that, no method of the
learner's objects is ever called, so that an object that calls itself equal to everything convinces
nobody.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

_NUMPY_SCALARS = {np.dtype(code).type for code in np.typecodes["AllInteger"] + "efd?"}
_DEEPEST, _LONGEST = 4, 100_000


@dataclass(frozen=True)
class Odd:
    """Something that no exercise asks for, in words: "a dictionary"."""

    words: str


def read(value: Any, depth: int = 0) -> Any:
    """Plain data: None, bool, int, float, str, a list of such, a tensor with one axis or more; else
    an Odd.

    0-d tensors, 0-d arrays and numpy scalars count as numbers, and a tuple counts as a list.
    """
    kind = type(value)  # isinstance would ask the object itself
    if value is None or kind in (bool, int, float, str, Odd):  # an Odd has been read before
        return value
    if kind in (torch.Tensor, torch.nn.Parameter):
        return _tensor(value)
    if kind in _NUMPY_SCALARS:
        return kind.item(value)
    if kind is np.ndarray and value.shape == () and value.dtype.type in _NUMPY_SCALARS:
        return np.ndarray.item(value)
    # `return a, b` makes a tuple
    if kind in (list, tuple) and depth < _DEEPEST and len(value) <= _LONGEST:
        return [read(item, depth + 1) for item in value]
    return Odd(_words(kind))


def _tensor(value: torch.Tensor) -> Any:
    if value.layout is not torch.strided or value.is_quantized:
        return Odd("a sparse or quantized tensor")
    if value.dtype.is_complex:
        return Odd("a tensor of complex numbers")
    copy = torch.Tensor.clone(torch.Tensor.detach(value))
    if copy.dim() == 0 and copy.device.type != "meta":
        return copy.item()
    return copy


def _words(kind: type) -> str:
    if issubclass(kind, torch.Tensor):
        return f"a subclass of torch.Tensor ({kind.__name__})"
    known = {
        tuple: "a huge tuple",
        dict: "a dictionary",
        np.ndarray: "a numpy array",
        range: "a range",
        list: "a huge list",
    }
    return known.get(kind, f"an object of the type {kind.__name__}")


def kind_of(data: Any) -> str:
    """What plain data is, in words, without its values."""
    if isinstance(data, Odd):
        return data.words
    if isinstance(data, torch.Tensor):
        return "a tensor" if data.dim() else "a number without a value"
    words = {
        bool: "True or False",
        int: "a whole number (int)",
        float: "a number (float)",
        str: "a text",
        list: "a list",
    }
    return words.get(type(data), "nothing (None)")


_MOST_SHOWN = 12  # numbers of one list or tensor
_LONGEST_TEXT = 60  # characters


def shown_whole(data: Any) -> bool:
    """Whether `show` leaves nothing of it out but digits: what it shows can be tried again."""
    if isinstance(data, Odd):
        return False
    if isinstance(data, torch.Tensor):
        return data.device.type != "meta" and 0 < data.numel() <= _MOST_SHOWN
    if isinstance(data, list):
        return len(data) <= _MOST_SHOWN and all(map(shown_whole, data))
    return isinstance(data, float) or len(repr(data)) <= _LONGEST_TEXT


def show(data: Any, digits: int = 4) -> str:
    """Plain data for a reader: short, and with its values."""
    if isinstance(data, Odd):
        return data.words
    if isinstance(data, bool | None):
        return str(data)
    if isinstance(data, float):
        text = f"{data:.{digits}g}"
        # a learner who copies it shall get a float
        return f"{text}.0" if text.lstrip("-").isdigit() else text
    if isinstance(data, torch.Tensor):
        return _show_tensor(data, digits)
    if isinstance(data, list):
        shown = ", ".join(show(item, digits) for item in data[:_MOST_SHOWN])
        return f"[{shown}{', …' if len(data) > _MOST_SHOWN else ''}]"
    text = repr(data)
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _show_tensor(data: torch.Tensor, digits: int) -> str:
    about = f"a tensor of shape {tuple(data.shape)}"
    if data.device.type == "meta" or not data.numel():
        return about
    if data.numel() <= _MOST_SHOWN:
        return f"torch.tensor({show(data.tolist(), digits)})"
    low, high = data.min().item(), data.max().item()
    return f"{about}, values from {show(low, digits)} to {show(high, digits)}"
