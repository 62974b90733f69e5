"""Counting at the recall task: what stands inside the window is known, and the rest is guessed."""

import pytest

from utils.predecessors.recall_by_counting import share_by_counting


@pytest.mark.parametrize(
    ("n", "pairs", "known"),
    [
        (4, 3, 0),  # "b? " alone
        (7, 3, 1 / 3),  # and the last pair
        (7, 2, 1 / 2),
    ],
)
def test_the_share_is_that_of_the_pairs_inside_the_window(n, pairs, known):
    expected = known + (1 - known) / 10
    found = share_by_counting(n, pairs, read=3000, asked=600)
    assert found == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 600) ** 0.5)


def test_nothing_read_is_nothing_known():
    assert share_by_counting(7, 2, read=1, asked=400) < 0.25
