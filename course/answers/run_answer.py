"""Run an answer on every input of an exercise: copied inputs, a time limit, and nothing left
behind.

Nothing here knows what is right.
"""

import copy
import linecache
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any

import torch

from course.answers.read_answer import read
from course.answers.session import fresh_session
from course.answers.time_limit import TooSlow, run_within
from course.answers.torchs_own import put_back

_OURS = str(Path(__file__).resolve().parents[1])
_LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)


@dataclass(frozen=True)
class Outcome:
    """What came back from one call, as plain data, and which inputs (by place) were changed."""

    value: Any
    changed: tuple[int, ...]


class Stopped(Exception):
    """The answer raised an exception or ran out of time. The message says it to the learner.

    `kind`: the type of that exception; TooSlow where time ran out.
    """

    def __init__(self, words: str, kind: type[BaseException]):
        super().__init__(words)
        self.kind = kind


def _same(before: Any, after: Any) -> bool:
    """Whether an input of ours is what it was.

    Its type is compared first, because a learner may have put in others.
    """
    if type(before) is not type(after):
        return False
    if isinstance(before, torch.Tensor):
        return (
            before.shape == after.shape
            and before.dtype == after.dtype
            and bool((before == after).all())
        )
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    return before is after if callable(before) else before == after


def run(
    function: Callable[..., Any], cases: Sequence[tuple[Any, ...]], seconds: float
) -> list[Outcome]:
    """Call `function` with copies of the arguments of each case.

    Stopped, if it raises or needs more than `seconds`.
    """
    outcomes: list[Outcome] = []

    def all_cases() -> None:
        for args in cases:
            own = copy.deepcopy(args)
            given = function(*own)
            put_back()  # an answer that replaces what it is compared with convinces nobody
            value = read(given)
            changed = tuple(
                place for place, pair in enumerate(zip(args, own, strict=True)) if not _same(*pair)
            )
            outcomes.append(Outcome(value, changed))

    try:
        with fresh_session():
            run_within(seconds, all_cases)
    except TooSlow:
        which = f"input {len(outcomes) + 1} of {len(cases)}"
        words = f"Too slow: it had not come back after {seconds:g} seconds of work ({which})."
        raise Stopped(f"{words} Is there a loop that never ends?", TooSlow) from None
    except KeyboardInterrupt:
        raise
    # whatever the learner's code raises, sys.exit() included, is shown to the learner
    except BaseException as error:
        raise Stopped(_in_words(error), type(error)) from None
    return outcomes


def _in_words(error: BaseException) -> str:
    """Type, message, and the line of the learner's code where it happened."""
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be shown)"
    said = f"{type(error).__name__}: {message[:300]}".rstrip(": ")
    place = _own_line(error.__traceback__)
    if place is None:
        return f"It could not be called as the exercise asks. {said}"
    number, line = place
    return f"Your code raised an exception in line {number}{f', `{line}`' if line else ''}. {said}"


def _own_line(traceback: TracebackType | None) -> tuple[int, str] | None:
    """Number and text of the innermost line that is the learner's: neither of the course, nor of a
    library.
    """
    own = None
    for frame, number in walk_tb(traceback):
        file = frame.f_code.co_filename
        if not file.startswith((_OURS, *_LIBRARIES)):
            own = number, linecache.getline(file, number, frame.f_globals).strip()
    return own
