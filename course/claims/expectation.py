"""What a measurement of a claim should come out as: a small language for the ledger's column
`expect`.

    49152                   exactly this number
    2.996 ± 0.0005          a number and how far from it the measurement may lie
    0.5..0.9                a number from 0.5 to 0.9, both included; `1000..` and `..0.1` are open
    at one end true, false             yes or no
    cat > moon > mat        a name and a number each, strictly in this order
    sum: 1 ± 0.01; max: 3   several parts, each measured under its own name

`parse(text)` gives an object whose `differs(measured)` says in words how a measurement disagrees,
or "" if it agrees, and whose `show(measured)` writes a measurement for a reader. Orderings and
parts are measured by a mapping from name to value, and take exactly the names that they list.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Protocol

from course.measured_number import as_number, plain, show_number


def _named(measured: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """The measurement as a mapping with exactly these names."""
    wanted = ", ".join(names)
    if not isinstance(measured, Mapping):
        raise ValueError(
            f"a mapping with a number for each of {wanted} was expected, and {measured!r} was given"
        )
    if set(measured) != set(names):
        raise ValueError(
            f"the names {wanted} were expected, and {', '.join(map(str, measured))} were given"
        )
    return measured


class Expectation(Protocol):
    """What every kind of expectation can do.

    `names`: of its parts or of what it orders; empty for a single value.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """What its values are called."""
        ...

    def differs(self, measured: Any) -> str:
        """How the measurement disagrees, in words; empty if it agrees. ValueError if it is none."""
        ...

    def show(self, measured: Any) -> str:
        """The measurement for a reader."""
        ...


@dataclass(frozen=True)
class Truth:
    """`true` or `false`."""

    value: bool
    names: ClassVar[tuple[str, ...]] = ()

    def differs(self, measured: Any) -> str:
        """Empty if `measured` is this truth value."""
        value = plain(measured)
        if not isinstance(value, bool):
            raise ValueError(f"True or False was expected, and {value!r} was given")
        return (
            ""
            if value is self.value
            else f"the ledger expects {self.show(self.value)}, and {self.show(value)} was measured"
        )

    def show(self, measured: Any) -> str:
        """In words."""
        return "yes" if plain(measured) else "no"


@dataclass(frozen=True)
class Range:
    """A number between two limits, both included; a number with its tolerance is such a range too."""

    low: float
    high: float
    text: str
    names: ClassVar[tuple[str, ...]] = ()

    def differs(self, measured: Any) -> str:
        """Empty if `measured` lies within the limits."""
        value = as_number(measured)
        if self.low <= value <= self.high:
            return ""
        return f"the ledger expects {self.text}, and {value!r} was measured"

    def show(self, measured: Any) -> str:
        """With four significant digits."""
        return show_number(as_number(measured))


@dataclass(frozen=True)
class Ordering:
    """Names, the largest first."""

    names: tuple[str, ...]

    def differs(self, measured: Any) -> str:
        """Empty if each name's number is larger than the next one's."""
        values = {name: as_number(value) for name, value in _named(measured, self.names).items()}
        if all(values[first] > values[second] for first, second in pairwise(self.names)):
            return ""
        return f"the ledger expects {' > '.join(self.names)}, and {self.show(values)} was measured"

    def show(self, measured: Any) -> str:
        """All names with their numbers, the largest first."""
        ranked = sorted(measured.items(), key=lambda item: -as_number(item[1]))
        return ", ".join(f"{name} {show_number(as_number(value))}" for name, value in ranked)


@dataclass(frozen=True)
class Parts:
    """Several expectations by name."""

    parts: Mapping[str, Expectation]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts, as they are written."""
        return tuple(self.parts)

    def differs(self, measured: Any) -> str:
        """Empty if every part agrees; otherwise what differs, part by part."""
        values = _named(measured, self.parts)
        found = {name: part.differs(values[name]) for name, part in self.parts.items()}
        return "; ".join(f"{name}: {words}" for name, words in found.items() if words)

    def show(self, measured: Any) -> str:
        """Each part with its name."""
        return "; ".join(
            f"{name}: {part.show(measured[name])}" for name, part in self.parts.items()
        )


_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?"


def _parse_one(text: str) -> Truth | Range | Ordering | None:
    if text in ("true", "false"):
        return Truth(text == "true")
    if match := re.fullmatch(rf"({_NUMBER})(?:\s*±\s*({_NUMBER}))?", text):
        value, tolerance = float(match[1]), float(match[2] or 0)
        return Range(value - tolerance, value + tolerance, text) if tolerance >= 0 else None
    if match := re.fullmatch(rf"({_NUMBER})?\.\.({_NUMBER})?", text):
        low, high = float(match[1] or -math.inf), float(match[2] or math.inf)
        return Range(low, high, text) if low < high and (match[1] or match[2]) else None
    names = tuple(name.strip() for name in text.split(">"))
    if len(set(names)) == len(names) > 1 and all(names):
        return Ordering(names)
    return None


def parse(text: str) -> Expectation:
    """The expectation that `text` writes down (see the top of this file).

    ValueError quotes a text that is none.
    """
    found: Expectation | None
    pieces = [piece.partition(":") for piece in text.split(";")]
    if any(colon for _, colon, _ in pieces):
        parsed = {name.strip(): _parse_one(rest.strip()) for name, _, rest in pieces}
        parts = {name: part for name, part in parsed.items() if part is not None}
        found = Parts(parts) if len(parts) == len(pieces) and all(parts) else None
    else:
        found = _parse_one(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is no expectation; write for example 2.996 ± 0.0005, 0.5..0.9, true or cat "
            "> mat"
        )
    return found
