"""Read a pickle that holds numpy arrays in tuples and lists, and nothing else: `read_arrays(file)`.

A pickle is a small program. Reading it runs it, and it may call any function that it can name. So
here it can name three things only, those that an array needs. Each stands for a class of this file
that writes down what it is told and checks it. numpy's own `dtype` would not do: it believes what a
pickle says about the memory behind an array.
"""

import io
import pickle
from typing import Any, Literal

import numpy as np

_NUMBERS = {"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}
_STRUCTURE = (None, None, None)  # no sub-array, no field names, no fields


class _Refused(ValueError):
    """Says in one sentence what this pickle has or does that a pickle of arrays does not."""

    def __init__(self, what: str):
        super().__init__(
            f"this pickle {what}, but only arrays of numbers in tuples and lists are read here: "
            "nothing of it was run; "
            "take the file from a source that you trust, or store it in another form, such as JSON."
        )


Order = Literal["<", ">", "|"]  # little end first, big end first, or a single byte
_ORDERS: dict[str, Order] = {"<": "<", ">": ">", "|": "|"}


class _Dtype:
    """In place of numpy.dtype: a plain type of number and its byte order."""

    def __init__(self, name: str | bytes, _align: Any = False, _copy: Any = False):
        self.name = _text(name)
        self.order: Order | Literal["="] = "="
        if self.name not in _NUMBERS:
            raise _Refused(f"holds an array of dtype {self.name!r:.60}")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, order, *rest = state
        known = _ORDERS.get(_text(order))
        if known is None or tuple(rest[:3]) != _STRUCTURE:
            raise _Refused(f"describes its numbers as {state!r:.80}")
        self.order = known

    def plain(self) -> np.dtype:
        return np.dtype(self.name).newbyteorder(self.order)


class _Array:
    """In place of numpy's empty array, which a pickle makes first and fills then."""

    value: np.ndarray | None = None

    def __init__(self, _type: Any, _shape: Any, _typecode: Any):
        pass

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, dtype, by_columns, raw = state
        if type(dtype) is not _Dtype or type(raw) is not bytes:
            raise _Refused("holds an array that is not made of a dtype and bytes")
        self.value = np.frombuffer(raw, dtype.plain()).reshape(
            shape, order="F" if by_columns else "C"
        )


_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if (module, name) not in _ALLOWED:
            wanted = f"{module}.{name}"
            raise _Refused(f"asks for {wanted!r:.80}")
        return _ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise _Refused(f"points to {pid!r:.60} outside of itself")


def read_arrays(source: io.BufferedIOBase | bytes) -> Any:
    """The arrays of a pickle, in the tuples and lists in which they were written. The arrays are
    read-only.

    `source`: the pickle, or an open file with it. Reads what Python 2 and numpy 1 wrote. Nothing
    that the pickle names is imported or called. Raises ValueError, one sentence, if it holds or
    asks for anything else, or is damaged.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        # Python 2's strings stay bytes: text would be decoded, and the arrays' 200 MB encoded
        # again.
        return _unpacked(_Unpickler(file, encoding="bytes").load())
    except _Refused:
        raise
    # damage can show as any exception: the documentation of pickle promises none
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(
            f"this is not a whole pickle of numpy arrays ({reason:.120}): get the file again."
        ) from error


def _unpacked(value: Any) -> Any:
    if type(value) in (tuple, list):
        return type(value)(map(_unpacked, value))
    if type(value) is not _Array or value.value is None:
        raise _Refused(
            f"holds a piece of type {type(value).__name__.strip('_').lower()} that is no finished "
            "array"
        )
    return value.value


def _text(name: str | bytes) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)
