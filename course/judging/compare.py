"""Say how an answer differs from what was expected, in words that do not give the expected values
away.

Both sides are plain data as course/answers/read_answer.py reads it. Shapes, types and places may be
told; values only those that the learner gave.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch

from course.answers.read_answer import Odd, kind_of, show


@dataclass(frozen=True)
class Tolerance:
    """Relative to each expected number, and to the largest one of the same result."""

    rtol: float
    atol: float


def difference(expected: Any, given: Any, tolerance: Tolerance) -> str:
    """One or two sentences on the first thing in which `given` differs; empty if it does not."""
    if isinstance(expected, torch.Tensor):
        return _tensor(expected, given, tolerance)
    if isinstance(expected, list):
        return _list(expected, given, tolerance)
    if isinstance(expected, bool | str | Odd | None):
        return _exact(expected, given)
    return _number(expected, given, tolerance)


def _other_kind(expected: Any, given: Any) -> str:
    if given is None:
        return "It gives nothing back (None). Does it reach a `return`, with a value behind it?"
    return f"It gives {kind_of(given)}; {kind_of(expected)} was expected."


def _exact(expected: Any, given: Any) -> str:
    if type(expected) is not type(given):
        return _other_kind(expected, given)
    return "" if expected == given else f"It gives {show(given)}, and that is not it."


def _number(expected: float, given: Any, tolerance: Tolerance) -> str:
    if isinstance(given, torch.Tensor):
        return f"It gives a tensor of shape {tuple(given.shape)}; a single number was expected."
    if type(given) not in ((int,) if isinstance(expected, int) else (int, float)):
        return _other_kind(expected, given)
    if isinstance(expected, int):
        return "" if expected == given else f"It gives {show(given)}, and that is not it."
    given = _as_float(given)
    if (math.isnan(expected) and math.isnan(given)) or expected == given:
        return ""
    if not math.isfinite(given):
        return _not_finite(math.isnan(given), "")
    # a single number is the largest of its result
    allowed = (tolerance.rtol + tolerance.atol) * abs(expected)
    if math.isfinite(expected) and abs(given - expected) <= allowed:
        return ""
    return _off(given, expected, "")


def _as_float(number: float) -> float:
    """As a float; infinity for a whole number that is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _not_finite(nan: bool, where: str) -> str:
    if nan:
        return f"It gives NaN, “not a number”{where}. That comes from 0/0, inf − inf, inf/inf or log of a negative."
    return f"It gives infinity{where}. That comes from exp of a large number, the log of 0 or a division by 0."


_CLOSE = 0.01  # relative


def _off(given: float, expected: float, where: str) -> str:
    words = (
        "close, but further off than rounding explains"
        if abs(given - expected) < _CLOSE * abs(expected)
        else "too large"
        if given > expected
        else "too small"
    )
    return f"It gives {show(float(given))}{where}: {words}."


def _list(expected: list[Any], given: Any, tolerance: Tolerance) -> str:
    if not isinstance(given, list):
        return _other_kind(expected, given)
    for index, (right, item) in enumerate(zip(expected, given, strict=False)):
        if words := difference(right, item, tolerance):
            return f"At place {index} of the list (the first is 0): {words[0].lower()}{words[1:]}"
    if len(given) == len(expected):
        return ""
    return f"The list {show(given)} {'ends too early' if len(given) < len(expected) else 'goes on for too long'}."


def _kind(dtype: torch.dtype) -> str:
    if dtype == torch.bool:
        return "True and False (torch.bool)"
    return "floating-point numbers" if dtype.is_floating_point else "whole numbers"


def _tensor(expected: torch.Tensor, given: Any, tolerance: Tolerance) -> str:
    if not isinstance(given, torch.Tensor):
        return _other_kind(expected, given)
    if given.shape != expected.shape:
        return (
            f"Its result has the shape {tuple(given.shape)}; {tuple(expected.shape)} was expected."
        )
    if given.device != expected.device:
        return f"Its result is on the device {given.device}; the inputs are on {expected.device}."
    wanted, name = _kind(expected.dtype), str(given.dtype)
    if _kind(given.dtype) != wanted:
        return f"Its result holds {_kind(given.dtype)} ({name}); {wanted} were expected."
    if expected.dtype.is_floating_point and given.dtype.itemsize < 4:
        return f"Its result is {name}, which is too coarse; float32 and float64 are both fine."
    if not expected.dtype.is_floating_point:
        return _whole_numbers(expected, given)
    return _values(expected.double(), given.double(), tolerance)


def _at(place: list[int]) -> str:
    return f" at index {tuple(place) if len(place) > 1 else place[0]}"


def _whole_numbers(expected: torch.Tensor, given: torch.Tensor) -> str:
    wrong = (given != expected).nonzero().tolist()
    return (
        f"It gives {given[tuple(wrong[0])].item()}{_at(wrong[0])}, and that is not it."
        if wrong
        else ""
    )


def _fits(expected: torch.Tensor, given: torch.Tensor, tolerance: Tolerance) -> torch.Tensor:
    """Where a number is near enough to the expected one, or is the same infinity or NaN."""
    size, finite = expected.abs(), expected.isfinite()
    # the usual case, in half the time: then no number that is not finite is near enough
    if finite.all():
        return (given - expected).abs() <= tolerance.rtol * size + tolerance.atol * size.max()
    largest = size[finite].max() if finite.any() else 0.0
    near = (given - expected).abs() <= tolerance.rtol * size + tolerance.atol * largest
    same = (given == expected) | (given.isnan() & expected.isnan())
    return same | (given.isfinite() & finite & near)


def _values(expected: torch.Tensor, given: torch.Tensor, tolerance: Tolerance) -> str:
    if torch.equal(expected, given):
        return ""
    fine = _fits(expected, given, tolerance)
    if fine.all():
        return ""
    unfit = ~fine & ~given.isfinite()
    # what is far off anywhere is no matter of rounding, even where it happens to come close
    far = ~fine & ~((given - expected).abs() < _CLOSE * expected.abs())
    first = next(places for places in (unfit, far, ~fine) if places.any())
    place = first.nonzero()[0].tolist()
    value, right = (tensor[tuple(place)].item() for tensor in (given, expected))
    if first is unfit:
        return _not_finite(math.isnan(value), _at(place))
    return _off(value, right, _at(place))
