"""Scores from rankings, against the closed form for two replies and against their order."""

import math

import pytest

from utils.alignment import fit_scores


@pytest.mark.parametrize(("wins", "losses"), [(9, 1), (3, 1), (1, 1), (2, 5)])
def test_two_replies_are_apart_by_the_logarithm_of_the_odds(wins, losses):
    first, second = fit_scores([[0, 1]] * wins + [[1, 0]] * losses, n=2).tolist()
    assert first - second == pytest.approx(math.log(wins / losses), abs=1e-3)
    assert first + second == pytest.approx(0, abs=1e-5)


def test_the_scores_keep_the_order_that_most_raters_gave():
    scores = fit_scores([[2, 0, 3, 1]] * 5 + [[0, 2, 3, 1], [2, 3, 0, 1]], n=4)
    assert scores.argsort(descending=True).tolist() == [2, 0, 3, 1]


def test_a_reply_that_nobody_ranked_has_no_score_of_its_own():
    scores = fit_scores([[0, 1], [1, 0], [0, 1]], n=3)
    assert scores[2] == pytest.approx(float(scores[:2].mean()), abs=1e-5)


def test_nothing_to_compare_is_refused():
    with pytest.raises(ValueError, match="nothing is compared"):
        fit_scores([[0], []], n=2)
