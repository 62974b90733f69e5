"""Numbers that a cell measured: from whatever library they come, and as a reader sees them."""

import math
from typing import Any


def plain(measured: Any) -> Any:
    """A Python value for a numpy scalar or a 0-d tensor; anything else as it is.

    ValueError for an array of several.
    """
    shape = getattr(measured, "shape", None)
    if shape is None or not hasattr(measured, "item"):
        return measured
    if tuple(shape):
        raise ValueError(f"one number was expected, and an array of shape {tuple(shape)} was given")
    return measured.item()


def as_number(measured: Any) -> int | float:
    """The measurement as a finite int or float. ValueError says what it is instead."""
    value = plain(measured)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"a number was expected, and {value!r} was given")
    if abs(value) > 1e300 or math.isnan(value):
        raise ValueError(f"a finite number was expected, and {value} was given")
    return value


def show_number(value: int | float) -> str:
    """A number for a reader: four significant digits, or all digits before the point, with
    thousands separators.
    """
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e15 else f"{value:.4g}"
