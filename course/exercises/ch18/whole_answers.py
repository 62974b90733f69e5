"""Exercise 18.5: from digits right to answers right, and how good digits must be for half of them."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "18.5",
    minutes=5,
    hints=(
        "An answer of k digits is right if all of them are. If they go wrong independently of each "
        "other, what is the probability of that?",
        "It is p · p · … · p, k times: p ** k. For the second number turn it round: which p has "
        "p ** k = 1/2?",
        "Return [p ** k, 0.5 ** (1 / k)].",
    ),
)
def whole_answers(p: float, k: int) -> list[float]:
    """How many answers are right, and how good the digits must be for half of them.

    Suppose each digit of an answer is right with probability p, and independently of the
    others.

    p: from 0 to 1.
    k: how many digits an answer has, 1 or more.
    Returns two numbers: the probability that all k digits are right, and the p at which
    this probability would be one half.
    """
    return [p**k, 0.5 ** (1 / k)]


@whole_answers.also_right
def _with_logarithms(p: float, k: int) -> list[float]:
    whole = math.exp(k * math.log(p)) if p > 0 else 0.0
    return [whole, 2 ** (-1 / k)]


@whole_answers.also_right
def _by_halving(p: float, k: int) -> list[float]:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if math.prod([middle] * k) < 0.5:
            low = middle
        else:
            high = middle
    return [math.prod([p] * k), high]


@whole_answers.wrong(
    "All digits right, or at least one? This is the probability that not all of them are wrong."
)
def _at_least_one(p: float, k: int) -> list[float]:
    return [1 - (1 - p) ** k, 1 - 0.5 ** (1 / k)]


@whole_answers.wrong(
    "Added or multiplied? The probability that all of several independent things happen is the "
    "product."
)
def _added(p: float, k: int) -> list[float]:
    return [min(1.0, k * p), 0.5 / k]


@whole_answers.wrong("Is a whole answer as often right as a digit? Only if k is 1.")
def _the_same(p: float, k: int) -> list[float]:
    return [p, 0.5]


@whole_answers.wrong(
    "One probability for all errors? This takes away k errors of 1 - p each, which is near the truth "
    "only while they are rare, and falls below 0."
)
def _errors_added(p: float, k: int) -> list[float]:
    return [1 - k * (1 - p), 1 - 0.5 / k]


@whole_answers.wrong(
    "p to the k, or k to the p? p is the base: it is multiplied by itself k times."
)
def _k_to_the_p(p: float, k: int) -> list[float]:
    return [float(k) ** p, math.log(0.5) / math.log(k) if k > 1 else 0.5]


@whole_answers.wrong(
    "What is the second number? The p itself at which half the answers are right; this gives the "
    "share of answers at p = 1/2."
)
def _share_at_a_half(p: float, k: int) -> list[float]:
    return [p**k, 0.5**k]


@whole_answers.wrong(
    "Which of the two comes first? The probability of a whole answer, then the p that half needs."
)
def _turned_round(p: float, k: int) -> list[float]:
    return [0.5 ** (1 / k), p**k]


@whole_answers.inputs
def _numbers(rng: torch.Generator) -> Iterator[tuple[float, int]]:
    yield 0.9, 2
    yield 0.8, 5
    yield 1.0, 3
    yield 0.0, 4
    for k in (1, 2, 3, 5, 8, 13, 40):
        yield float(torch.rand((), generator=rng)), k
    for k in (4, 20):
        yield 1 - 0.1 * float(torch.rand((), generator=rng)), k
