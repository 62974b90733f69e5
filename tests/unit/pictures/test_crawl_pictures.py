"""The pictures of a crawl show the numbers that they are given, and say them in words."""

import numpy as np
import pytest

from utils.pictures.crawl_pictures import (
    caught_curve,
    funnel,
    score_by_share,
    signatures_in_bands,
)


def test_bars_of_the_funnel_are_as_long_as_the_counts():
    left = {"all": {"good": 7, "copy": 3, "bad": 5}, "end": {"good": 6, "copy": 0, "bad": 2}}
    fig, alt = funnel(left)
    (ax,) = fig.axes
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == [7, 6, 3, 0, 5, 2]
    assert [text.get_text().strip() for text in ax.texts] == ["15", "8"]
    assert "good from 7 to 6; copy from 3 to 0; bad from 5 to 2" in alt


def test_bands_that_are_equal_in_all_rows_are_framed():
    one = np.arange(12, dtype=np.uint64)
    other = one.copy()
    other[[1, 9]] = 99  # in the first and in the fourth band of three rows
    fig, alt = signatures_in_bands(one, other, bands=4, rows=3)
    framed = [patch for patch in fig.axes[0].patches if not patch.get_fill()]
    assert [patch.get_x() for patch in framed] == [1, 2]
    assert "equal in 83% of the places, and in all rows of 2 bands" in alt


def test_the_curve_says_what_was_caught():
    similarities = np.array([0.1, 0.1, 0.8, 0.9, 0.95])
    caught = np.array([True, False, True, True, False])
    fig, alt = caught_curve(similarities, caught, 14, 8, alike=0.75)
    curve = fig.axes[0].lines[0]
    assert curve.get_ydata()[150] == pytest.approx(1 - (1 - 0.75**8) ** 14)
    assert "of 3 pairs from 0.75 on 2 are caught, and of 2 others 1" in alt


def test_scores_are_said():
    _, alt = score_by_share(
        [0.0, 0.5, 1.0], {"ours": [0.0, 0.7, 1.0], "theirs": [0.0, 0.1, 1.0]}, 0.65
    )
    assert "ours passes 0.65 at a share of 0.50; theirs passes 0.65 at a share of 1.00" in alt
