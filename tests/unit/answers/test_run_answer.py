"""An answer that does not come back with results says how it ended, as a fact and in words."""

import pytest

from course.answers.run_answer import Stopped, run
from course.answers.time_limit import TooSlow


class MissingNameError(NameError):
    """One of a learner's own."""


def undefined(n: int) -> int:
    return n + nowhere


def speaks_of_it(n: int) -> int:
    raise ValueError("is that a NameError?")


def own_error(n: int) -> int:
    raise MissingNameError


def endless(n: int) -> int:
    while True:
        n += 1


@pytest.mark.parametrize(
    ("function", "kind", "words"),
    [
        (undefined, NameError, "NameError: name 'nowhere' is not defined"),
        (speaks_of_it, ValueError, "ValueError: is that a NameError?"),
        (own_error, MissingNameError, "MissingNameError"),
        (lambda n: exit(n), SystemExit, "SystemExit: 3"),
        (lambda n: bytearray(1 << 60), MemoryError, "MemoryError"),
        (lambda: 1, TypeError, "could not be called"),
        (endless, TooSlow, "input 1 of 2"),
    ],
)
def test_what_stopped_an_answer_is_its_kind(function, kind, words):
    with pytest.raises(Stopped) as stopped:
        run(function, [(3,), (4,)], seconds=0.3 if kind is TooSlow else 60)
    assert stopped.value.kind is kind and words in str(stopped.value)
