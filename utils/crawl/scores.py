"""How well a filter finds what it looks for, where the truth is known."""

from collections import Counter
from collections.abc import Set
from typing import NamedTuple


class Score(NamedTuple):
    """precision: of what was found, the share that is right. recall: of what is there, the share
    that was found. Not a number where there is nothing to share.
    """

    precision: float
    recall: float

    def __str__(self) -> str:
        return f"precision {self.precision:4.0%}, recall {self.recall:4.0%}"


def score(found: Set[object], truth: Set[object]) -> Score:
    """Of sets, such as the numbers of pages."""
    return _score(len(found & truth), len(found), len(truth))


def word_score(found: str, truth: str) -> Score:
    """Of texts: words, each as often as it comes."""
    in_found, in_truth = Counter(found.split()), Counter(truth.split())
    return _score((in_found & in_truth).total(), in_found.total(), in_truth.total())


def _score(both: int, found: int, true: int) -> Score:
    nothing = float("nan")
    return Score(both / found if found else nothing, both / true if true else nothing)
