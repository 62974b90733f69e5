import math
from fractions import Fraction
from itertools import combinations

import pytest
import torch

from utils.alignment.pass_at_k import mean_pass_at_k, pass_at_k


@pytest.mark.parametrize(("n", "right"), [(1, 0), (1, 1), (5, 2), (6, 1), (7, 7), (7, 0), (8, 5)])
def test_every_choice_of_k_counted(n, right):
    answers = [place < right for place in range(n)]
    for k in range(1, n + 1):
        found = [any(choice) for choice in combinations(answers, k)]
        assert pass_at_k(n, right, k) == pytest.approx(sum(found) / len(found), rel=1e-14)


@pytest.mark.parametrize(
    ("n", "right", "k"),
    [(100, 3, 60), (400, 3, 60), (400, 60, 3), (20_000, 37, 5_000), (20_000, 5_000, 37)],
)
def test_large_numbers_by_exact_fractions(n, right, k):
    exact = 1 - Fraction(math.comb(n - right, k), math.comb(n, k))
    assert pass_at_k(n, right, k) == pytest.approx(float(exact), rel=1e-13)


def test_a_very_small_chance_is_not_lost():
    """1 of 10^18: in floats 1 - (1 - 1e-18) would be 0."""
    assert pass_at_k(10**18, 1, 1) == pytest.approx(1e-18, rel=1e-12, abs=0)
    assert pass_at_k(10**9, 2, 3) == pytest.approx(
        float(1 - Fraction(math.comb(10**9 - 2, 3), math.comb(10**9, 3))), rel=1e-12, abs=0
    )


def test_it_is_right_on_average_and_the_power_is_not():
    """All results of n draws that are right with chance p, each with its chance."""
    n, p, k = 12, 0.15, 5
    chances = [math.comb(n, c) * p**c * (1 - p) ** (n - c) for c in range(n + 1)]
    truth = 1 - (1 - p) ** k
    ours = sum(chance * pass_at_k(n, c, k) for c, chance in enumerate(chances))
    power = sum(chance * (1 - (1 - c / n) ** k) for c, chance in enumerate(chances))
    assert ours == pytest.approx(truth, rel=1e-12)
    assert power < truth - 0.02


def test_problems_count_the_same():
    is_right = torch.tensor([[True, False, False, False], [False] * 4, [True, True, True, False]])
    for k in (1, 2, 4):
        of_each = []
        for row in is_right.tolist():
            found = [any(choice) for choice in combinations(row, k)]
            of_each.append(sum(found) / len(found))
        assert mean_pass_at_k(is_right, k) == pytest.approx(sum(of_each) / 3)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((4, 5, 1), "5 of 4 answers"),
        ((4, -1, 1), "-1 of 4"),
        ((4, 2, 5), "k is 5, with 4 answers drawn"),
        ((4, 2, 0), "k is 0"),
    ],
)
def test_impossible_counts_are_refused(args, words):
    with pytest.raises(ValueError, match=words):
        pass_at_k(*args)


def test_no_problems_are_refused():
    with pytest.raises(ValueError, match="no problems"):
        mean_pass_at_k(torch.zeros(0, 3, dtype=torch.bool), 1)
