"""A call of a tool in a text: a name in capitals, what it is asked in brackets, and an equals sign.

In `Half of it? CALC(12*(9+1))=` the tool CALC is asked `12*(9+1)`. The equals sign says that the
answer comes next; brackets without it are text like any other.
"""

import re
from dataclasses import dataclass

NAME = re.compile(r"[A-Z][A-Z_]*")
# the name, where a word begins, and the bracket that opens
_OPENING = re.compile(rf"\b({NAME.pattern})\(")


@dataclass(frozen=True)
class Call:
    """A call, and where it stands: `text[start:end]`, from its name to its equals sign."""

    name: str
    argument: str
    start: int
    end: int


def find_call(text: str) -> Call | None:
    """The first whole call in `text`; None if there is none, or none is whole yet.

    Brackets may stand within brackets. A call stands on one line: where the line ends before the
    bracket is closed, there is no call.
    """
    for opening in _OPENING.finditer(text):
        close = _closing(text, opening.end())
        if close is not None and text.startswith("=", close + 1):
            argument = text[opening.end() : close]
            return Call(opening[1], argument, opening.start(), close + 2)
    return None


def _closing(text: str, start: int) -> int | None:
    """Where the bracket is closed that was opened before `start`; None if it is not on this line."""
    depth = 1
    for place in range(start, len(text)):
        if text[place] == "\n":
            return None
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return place
    return None
