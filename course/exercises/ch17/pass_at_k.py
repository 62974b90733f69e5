"""Exercise 17.6: how likely one of k answers is right, from n that were drawn."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "17.6",
    minutes=8,
    hints=(
        "Ask for the opposite: how likely is it that all k are wrong?",
        "There are n - right wrong answers. Of all ways to choose k of n answers, how many choose "
        "wrong ones only? math.comb(n, k) counts the ways.",
        "1 - math.comb(n - right, k) / math.comb(n, k). math.comb gives 0 where k is more than there "
        "are, which is just what is wanted.",
    ),
)
def pass_at_k(n: int, right: int, k: int) -> float:
    """How likely at least one is right, of k answers that are taken from n at random.

    All k are different ones of the n: none is taken twice.

    n: how many answers were drawn and checked.
    right: how many of them are right, from 0 to n.
    k: how many are taken, from 1 to n.
    """
    return 1 - math.comb(n - right, k) / math.comb(n, k)


@pass_at_k.also_right
def _one_after_the_other(n: int, right: int, k: int) -> float:
    all_wrong = 1.0
    for taken in range(k):
        all_wrong *= max(0, n - right - taken) / (n - taken)
    return 1 - all_wrong


@pass_at_k.also_right
def _as_in_the_paper(n: int, right: int, k: int) -> float:
    if n - right < k:
        return 1.0
    places = torch.arange(n - right + 1, n + 1, dtype=torch.float64)
    return float(1 - (1 - k / places).prod())


@pass_at_k.wrong(
    "Can one answer be taken twice? No. 1 - (1 - p) ** k is for answers that are put back each time, "
    "and gives too little."
)
def _with_replacement(n: int, right: int, k: int) -> float:
    return 1 - (1 - right / n) ** k


@pass_at_k.wrong("All k, or at least one? One right answer among the k is enough.")
def _all_right(n: int, right: int, k: int) -> float:
    return math.comb(right, k) / math.comb(n, k)


@pass_at_k.wrong("Which chance is asked for? That one is right. This is the chance that none is.")
def _none_right(n: int, right: int, k: int) -> float:
    return math.comb(n - right, k) / math.comb(n, k)


@pass_at_k.wrong(
    "Do chances of several draws add up? They would pass 1. Ask how likely all k are wrong."
)
def _chances_added(n: int, right: int, k: int) -> float:
    return min(1.0, k * right / n)


@pass_at_k.wrong("And k? More answers, more chances: this is what a single answer has.")
def _share_of_right(n: int, right: int, k: int) -> float:
    return right / n


@pass_at_k.wrong(
    "At least one, or exactly one? Two right ones among the k are as good as one: count them, too."
)
def _exactly_one(n: int, right: int, k: int) -> float:
    return right * math.comb(n - right, k - 1) / math.comb(n, k)


@pass_at_k.inputs
def _counts(rng: torch.Generator) -> Iterator[tuple[int, int, int]]:
    yield 4, 1, 2
    yield 10, 8, 5
    yield 12, 0, 3
    for n in (20, 32, 50, 64, 100, 200, 40, 80, 30):
        right = int(torch.randint(2, n // 4, (), generator=rng))
        yield n, right, int(torch.randint(2, n // 4, (), generator=rng))
    yield 400, 3, 60
