"""Days and dollars, against published runs."""

import pytest

from utils.training.bill import ACCELERATORS, dollars, fewest_that_hold, training_days
from utils.training.flops import training_flops


def test_days_by_hand():
    # 1,000 a second, of which half is used, for a day
    assert training_days(86_400 * 500, 1, 1000.0, 0.5) == 1
    assert training_days(86_400 * 500, 4, 1000.0, 1) == pytest.approx(1 / 8)


def test_llama_2_took_as_long_as_its_paper_says():
    """1,720,320 hours of A100 (arXiv:2307.09288, table 2): 43 % of the highest speed."""
    flops, peak = training_flops(68.98e9, 2e12), ACCELERATORS["A100"].flops_per_second
    assert training_days(flops, 1, peak, 0.428) * 24 == pytest.approx(1_720_320, rel=0.01)


def test_dollars_are_for_hours_of_every_processor():
    assert dollars(days=2, count=3, per_hour=5.0) == 2 * 24 * 3 * 5


def test_how_many_hold_it():
    assert [fewest_that_hold(n, 80e9) for n in (1, 80e9, 80e9 + 1, 700e9)] == [1, 1, 2, 9]


@pytest.mark.parametrize(("count", "utilisation"), [(0, 0.5), (3, 0), (3, 1.2), (3, 40)])
def test_what_is_refused(count, utilisation):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        training_days(1e20, count, 1e12, utilisation)
