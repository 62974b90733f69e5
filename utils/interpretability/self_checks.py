"""Can a model tell a right sum from a wrong one: if it is asked, and by how likely it finds the result?"""

import random
from collections.abc import Sequence
from typing import NamedTuple

import torch

from utils.interpretability.few_shot import ReviewPrompt

_JUDGED = "{a} + {b} = {c}. Right or wrong?"
_DONE = "{a} + {b} ="


class ClaimedSum(NamedTuple):
    """A sum with a result, and whether that is true."""

    a: int
    b: int
    result: int
    true: bool


def claimed_sums(count: int, seed: int = 0) -> list[ClaimedSum]:
    """`count` sums of two numbers from 11 to 49, each once with its true result and once with one
    that is 1, 2 or 10 off.
    """
    rng = random.Random(seed)
    sums = []
    for _ in range(count):
        a, b = rng.randint(11, 49), rng.randint(11, 49)
        off = rng.choice((-10, -2, -1, 1, 2, 10))
        sums += [ClaimedSum(a, b, a + b, True), ClaimedSum(a, b, a + b + off, False)]
    return sums


def asked_to_judge(claimed: ClaimedSum, seed: int = 0) -> ReviewPrompt:
    """A prompt that asks whether the sum is right, after four that are judged, two of each kind."""
    shown = claimed_sums(2, seed=1000 + seed)
    random.Random(seed).shuffle(shown)
    words = {True: " right", False: " wrong"}
    lines = [f"{_JUDGED.format(a=a, b=b, c=c)}{words[true]}\n" for a, b, c, true in shown]
    question = _JUDGED.format(a=claimed.a, b=claimed.b, c=claimed.result)
    return ReviewPrompt("".join(lines) + question, words[True], words[False])


def asked_to_add(claimed: ClaimedSum, seed: int = 0) -> tuple[str, str]:
    """A prompt that asks for the sum, after four that are done, and the claimed result."""
    shown = claimed_sums(4, seed=1000 + seed)[::2]
    lines = [f"{_DONE.format(a=a, b=b)} {c}\n" for a, b, c, _ in shown]
    return "".join(lines) + _DONE.format(a=claimed.a, b=claimed.b), f" {claimed.result}"


def told_apart(right: Sequence[float], wrong: Sequence[float]) -> float:
    """How well a score tells right from wrong: the share of pairs, one of each, in which the right
    one has the higher score; a tie counts half. 0.5 is a coin (the area under the ROC curve).
    """
    if not right or not wrong:
        raise ValueError(
            f"{len(right)} right and {len(wrong)} wrong ones were given; give one of each at least."
        )
    differences = torch.tensor(right)[:, None] - torch.tensor(wrong)[None, :]
    return float(((differences > 0).double() + 0.5 * (differences == 0).double()).mean())
