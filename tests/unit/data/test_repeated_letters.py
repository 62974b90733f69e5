"""The task of copied letters: each row goes on with what it has said before."""

import pytest

from utils.data.repeated_letters import LETTERS, copied_letters


def test_each_row_repeats_from_the_25th_letter_on_at_the_latest():
    rows = copied_letters(seed=3, rows=40, length=50).tolist()
    periods = set()
    for row in rows:
        (period, *_) = [p for p in range(1, 25) if row[p:] == row[:-p]]
        periods.add(period)
    assert min(periods) >= 6  # 26 letters: that a shorter one fits by chance is out of the question
    assert len(periods) > 10


@pytest.mark.parametrize(("rows", "length"), [(3, 48), (5, 7)])
def test_its_shape_and_its_letters(rows, length):
    ids = copied_letters(1, rows, length)
    assert ids.shape == (rows, length)
    assert 0 <= ids.min() <= ids.max() < LETTERS
    assert ids.tolist() == copied_letters(1, rows, length).tolist()
    assert ids.tolist() != copied_letters(2, rows, length).tolist()
