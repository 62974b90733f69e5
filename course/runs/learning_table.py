"""The stored runs on the order of learning: made by benchmarks/learning_order.py, which says what
their columns are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from course.runs.stored import select, stored
from utils.data.reading_tests import COUNT

_FILE = "learning_order.csv"
TESTS = ("spelling", "names", "words", "agreement")


@dataclass(frozen=True)
class Learning:
    """Means over the seeds at each look, and the last look seed by seed."""

    characters: Sequence[float]  # read so far
    losses: Sequence[float]  # on unread text, nats per character
    shares: dict[str, list[float]]  # of pairs found right, by test
    last: dict[str, list[float]]  # by test, the shares of the last look, seed by seed
    pairs: int  # of a test


def learning() -> Learning:
    """The looks at a model that reads all plays once."""
    looks = sorted({float(row["characters"]) for row in stored(_FILE)})
    return Learning(
        looks,
        [_mean(look, "held_out") for look in looks],
        {test: [_mean(look, test) for look in looks] for test in TESTS},
        {test: _column(looks[-1], test) for test in TESTS},
        COUNT,
    )


def _column(characters: float, name: str) -> list[float]:
    return [float(row[name]) for row in select(_FILE, characters=characters)]


def _mean(characters: float, name: str) -> float:
    found = _column(characters, name)
    return sum(found) / len(found)
