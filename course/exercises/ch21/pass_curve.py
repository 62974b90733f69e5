"""Exercise 21.4: pass@k over many problems, of which some were tried more often than others."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "21.4",
    minutes=10,
    hints=(
        "For one problem it is what you had in chapter 17: 1 minus the chance that k of its draws, "
        "taken at random, are all wrong. What changes from problem to problem?",
        "For each k: go through the problems that have k draws or more, compute theirs, and take the "
        "mean. math.comb counts with whole numbers of any size, so nothing can overflow.",
        "1 - math.comb(n - c, k) / math.comb(n, k) for a problem with n draws, c of them right, if "
        "n >= k. The mean is over as many problems as fulfil that.",
    ),
)
def pass_curve(drawn: list[int], right: list[int], ks: list[int]) -> torch.Tensor:
    """pass@k over many problems, of which some were tried more often than others.

    pass@k of one problem is the chance that at least one is right, of k different ones of
    its draws, taken at random. The curve is the mean of that over the problems. A problem with fewer
    than k draws cannot say anything about k, and is left out at that k.

    drawn: how many replies were drawn for each problem, from 1 to some ten thousand.
    right: how many of them are right.
    ks: the k to look at, in any order. At least one problem has so many draws.
    Returns the mean pass@k for each k, shape (k,).
    """
    curve = []
    for k in ks:
        found = [
            1 - math.comb(n - c, k) / math.comb(n, k)
            for n, c in zip(drawn, right, strict=True)
            if n >= k
        ]
        curve.append(sum(found) / len(found))
    return torch.tensor(curve)


@pass_curve.also_right
def _one_after_the_other(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    curve = []
    for k in ks:
        found = []
        for n, c in zip(drawn, right, strict=True):
            if n < k:
                continue
            all_wrong = 1.0
            for taken in range(k):
                all_wrong *= max(n - c - taken, 0) / (n - taken)
            found.append(1 - all_wrong)
        curve.append(math.fsum(found) / len(found))
    return torch.tensor(curve)


@pass_curve.also_right
def _by_logarithms(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    def log_comb(n: Tensor, k: int) -> Tensor:
        return torch.lgamma(n + 1) - math.lgamma(k + 1) - torch.lgamma(n - k + 1)

    curve = []
    for k in ks:
        n, c = (torch.tensor(each, dtype=torch.float64) for each in (drawn, right))
        n, c = n[n >= k], c[n >= k]
        enough_wrong = n - c >= k
        log_all_wrong = log_comb((n - c).clamp(min=k), k) - log_comb(n, k)
        curve.append((1 - log_all_wrong.exp().where(enough_wrong, 0.0)).mean())
    return torch.stack(curve)


@pass_curve.also_right
def _as_in_the_paper(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    curve = torch.zeros(len(ks), dtype=torch.float64)
    for place, k in enumerate(ks):
        found = []
        for n, c in zip(drawn, right, strict=True):
            if n >= k:
                of = torch.arange(n - c + 1, n + 1, dtype=torch.float64)
                found.append(1.0 if n - c < k else 1 - float((1 - k / of).prod()))
        curve[place] = sum(found) / len(found)
    return curve


Estimate = Callable[[int, int, int], float]


def _one(n: int, c: int, k: int) -> float:
    """The right pass@k of one problem."""
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def _mean(drawn: list[int], right: list[int], ks: list[int], of_one: Estimate) -> Tensor:
    """The curve from an estimate of one's own for each problem."""
    curve = []
    for k in ks:
        pairs = [(n, c) for n, c in zip(drawn, right, strict=True) if n >= k]
        curve.append(sum(of_one(n, c, k) for n, c in pairs) / len(pairs))
    return torch.tensor(curve)


@pass_curve.wrong(
    "Can a reply be taken twice? No. 1 - (1 - c / n) ** k puts each one back, and is too low on "
    "average: c / n is an estimate itself, and the power bends its error."
)
def _with_replacement(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    return _mean(drawn, right, ks, lambda n, c, k: 1 - (1 - c / n) ** k)


@pass_curve.wrong(
    "Are all draws in one pot? Each problem has its own. With all thrown together, a few easy problems "
    "let the hard ones look solvable, if one only tries often enough."
)
def _one_pot(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    curve = []
    for k in ks:
        pairs = [(n, c) for n, c in zip(drawn, right, strict=True) if n >= k]
        curve.append(_one(sum(n for n, _ in pairs), sum(c for _, c in pairs), k))
    return torch.tensor(curve)


@pass_curve.wrong(
    "And k? More replies, more chances. This is the share of right replies at each k, which is pass@k "
    "for a single one only."
)
def _share_of_right(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    return _mean(drawn, right, ks, lambda n, c, k: c / n)


@pass_curve.wrong(
    "Which problems count at a k? Those with k draws or more. Here a problem with fewer counts as "
    "unsolved."
)
def _short_ones_unsolved(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    pairs = list(zip(drawn, right, strict=True))
    return torch.tensor([sum(_one(n, c, k) for n, c in pairs if n >= k) / len(pairs) for k in ks])


@pass_curve.wrong(
    "Which problems count at a k? Those with k draws or more. Here a problem with fewer takes part "
    "with all the draws that it has: what it could reach with k is not known."
)
def _short_ones_with_what_they_have(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    pairs = list(zip(drawn, right, strict=True))
    return torch.tensor([sum(_one(n, c, min(k, n)) for n, c in pairs) / len(pairs) for k in ks])


@pass_curve.wrong(
    "Does a problem with exactly k draws count? It does: all of them are taken. Here it needs more "
    "than k."
)
def _more_than_k(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    curve = []
    for k in ks:
        found = [_one(n, c, k) for n, c in zip(drawn, right, strict=True) if n > k]
        curve.append(sum(found) / max(len(found), 1))
    return torch.tensor(curve)


@pass_curve.wrong(
    "Is a problem with more draws worth more? No: each problem counts the same. Here the mean is "
    "weighted by the number of draws."
)
def _weighted_by_draws(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    curve = []
    for k in ks:
        pairs = [(n, c) for n, c in zip(drawn, right, strict=True) if n >= k]
        curve.append(sum(n * _one(n, c, k) for n, c in pairs) / sum(n for n, _ in pairs))
    return torch.tensor(curve)


@pass_curve.wrong("At least one, or all k? A single right one among them is enough.")
def _all_right(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    return _mean(drawn, right, ks, lambda n, c, k: math.comb(c, k) / math.comb(n, k))


@pass_curve.wrong("Which chance is asked for? That one is right. This is the chance that none is.")
def _none_right(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    return 1 - pass_curve.reference(drawn, right, ks)


@pass_curve.wrong(
    "Do the chances of k draws add up? They would pass 1. Ask how likely it is that all are wrong."
)
def _chances_added(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    return _mean(drawn, right, ks, lambda n, c, k: min(1.0, k * c / n))


@pass_curve.wrong(
    "Is a problem solved as soon as any of its draws is right? Only if all of them are taken. Here k "
    "plays no part."
)
def _ever_solved(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    return _mean(drawn, right, ks, lambda n, c, k: float(c > 0))


@pass_curve.wrong(
    "Do problems without a right reply count? They do, as 0: they are what practice is for. Here they "
    "are left out."
)
def _unsolved_left_out(drawn: list[int], right: list[int], ks: list[int]) -> Tensor:
    curve = []
    for k in ks:
        found = [_one(n, c, k) for n, c in zip(drawn, right, strict=True) if n >= k and c]
        curve.append(sum(found) / max(len(found), 1))
    return torch.tensor(curve)


@pass_curve.inputs
def _tried(rng: torch.Generator) -> Iterator[tuple[list[int], list[int], list[int]]]:
    yield [4, 4], [1, 2], [1, 2]
    yield [4, 8, 8], [1, 0, 3], [1, 4, 8]
    yield [10, 6, 10], [8, 0, 1], [5, 2, 7]
    shapes = ((5, 16), (7, 32), (4, 64), (9, 50), (6, 100), (12, 40), (3, 200), (5, 20_000))
    for problems, most in shapes:
        drawn = torch.randint(most // 4, most + 1, (problems,), generator=rng)
        drawn[0], drawn[1] = most, most // 2
        # most problems are hard, and some are never solved
        chance = torch.rand(problems, generator=rng).pow(3) * 0.4
        right = (chance * drawn).round().long()
        right[0], right[2] = max(1, most // 16), 0
        ks = [1, most // 2, int(torch.randint(2, most // 8 + 2, (), generator=rng)), most // 4]
        yield drawn.tolist(), right.tolist(), ks[: 2 + problems % 3]
