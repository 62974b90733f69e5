"""The majority of several answers to one question (self-consistency; Wang et al.,
arXiv:2203.11171).
"""

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

Answer = TypeVar("Answer")


def majority_vote(answers: Iterable[Answer | None]) -> Answer:
    """The answer that is given most often; of equals, the one that came first.

    answers: None for a reply without an answer, which has no vote. Raises ValueError if none has
        one.
    """
    votes = Counter(answer for answer in answers if answer is not None)
    if not votes:
        raise ValueError("no reply has an answer, so there is nothing to vote on; draw more.")
    return max(votes, key=votes.__getitem__)  # the first of the largest
