"""Elo against worked numbers, against the gradient that torch computes, and against the likeliest
scores.
"""

import math
import random

import pytest
import torch

from utils.alignment import elo_history, elo_scale, fit_scores, win_chance
from utils.alignment.elo import drawn_matches


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (0, 1 / 2),
        (400, 10 / 11),
        (-400, 1 / 11),
        (800, 100 / 101),
        (4, 0.506),
        (136, 0.686),
        (225, 0.785),
        (27, 0.539),
        (-107, 0.351),
    ],
)
def test_the_chance_of_winning(ahead, expected):
    assert win_chance(1613, 1613 - ahead) == pytest.approx(expected, abs=5e-4)


def test_a_difference_without_bounds_is_certainty_and_no_error():
    assert (win_chance(1e6, 0), win_chance(0, 1e6)) == (1, 0)


def test_three_matches_by_hand():
    history = elo_history([(0, 1), (0, 1), (2, 0)], n=3, k=32, start=1000)
    first = 16.0
    second = 32 / (1 + 10 ** (32 / 400))
    third = 32 / (1 + 10 ** (-(first + second) / 400))
    expected = [
        [1000, 1000, 1000],
        [1000 + first, 1000 - first, 1000],
        [1000 + first + second, 1000 - first - second, 1000],
        [1000 + first + second - third, 1000 - first - second, 1000 + third],
    ]
    assert history.tolist() == [pytest.approx(row) for row in expected]


def some_matches(strengths, n_matches, seed):
    rng, players = random.Random(seed), range(len(strengths))
    matches = []
    for _ in range(n_matches):
        a, b = rng.sample(players, 2)
        a_wins = rng.random() < 1 / (1 + 10 ** ((strengths[b] - strengths[a]) / 400))
        matches.append((a, b) if a_wins else (b, a))
    return matches


def test_a_match_is_a_step_up_the_gradient_of_its_log_likelihood():
    matches = some_matches([900, 1000, 1200, 1100], 30, seed=3)
    history = elo_history(matches, n=4, k=24, start=1500)
    for before, after, (winner, loser) in zip(history, history[1:], matches, strict=False):
        ratings = before.clone().requires_grad_()
        unit = math.log(10) / 400
        torch.nn.functional.logsigmoid((ratings[winner] - ratings[loser]) * unit).backward()
        assert torch.allclose(after, before + 24 / unit * ratings.grad)


def test_the_mean_stays_and_the_order_counts():
    matches = [(0, 1)] * 5 + [(1, 0)] * 5
    there, back = (elo_history(one, n=2)[-1] for one in (matches, matches[::-1]))
    assert there.mean() == pytest.approx(1000) and back.mean() == pytest.approx(1000)
    assert there[1] > there[0] and back[0] > back[1]


def test_the_likeliest_scores_know_no_order_and_have_the_chances_of_the_shares():
    matches = [(0, 1)] * 30 + [(1, 0)] * 10
    there, back = (elo_scale(fit_scores(one, n=2)) for one in (matches, matches[::-1]))
    assert torch.allclose(there, back) and there.mean() == pytest.approx(1000)
    assert win_chance(*there.tolist()) == pytest.approx(30 / 40, abs=1e-3)
    assert there[0] - there[1] == pytest.approx(400 * math.log10(3), abs=0.5)


def test_many_matches_bring_both_near_the_true_strengths():
    strengths = [900.0, 1000.0, 1150.0, 950.0]
    matches = some_matches(strengths, 8000, seed=1)
    fitted = elo_scale(fit_scores(matches, n=4))
    # the last quarter's mean, as single matches still move the ratings
    rated = elo_history(matches, n=4, k=8)[6000:].mean(0)
    assert fitted.tolist() == pytest.approx(strengths, abs=20)
    assert rated.tolist() == pytest.approx(strengths, abs=30)


@pytest.mark.parametrize("match", [(0, 0), (0, 3), (-1, 1)])
def test_a_match_that_cannot_be_is_refused(match):
    with pytest.raises(ValueError, match="two different players, from 0 to 2"):
        elo_history([match], n=3)


def test_drawn_matches_have_the_chances_of_the_ratings():
    matches = drawn_matches((1200, 1000, 800), 6000, seed=2)
    assert len(matches) == 6000 and matches == drawn_matches((1200, 1000, 800), 6000, seed=2)
    assert matches != drawn_matches((1200, 1000, 800), 6000, seed=3)
    assert all(winner != loser for winner, loser in matches)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        won, lost = matches.count((a, b)), matches.count((b, a))
        chance = 1 / (1 + 10 ** (-200 * (b - a) / 400))
        assert won / (won + lost) == pytest.approx(chance, abs=0.04)
        assert won + lost == pytest.approx(2000, abs=150)


def test_no_matches_leave_all_at_the_start():
    assert elo_history([], n=3, start=1500).tolist() == [[1500.0] * 3]
