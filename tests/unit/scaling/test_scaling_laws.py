"""Fits to the losses of several sizes, against laws whose numbers are known."""

import math

import numpy as np
import pytest

from utils.scaling.scaling_laws import (
    bootstrap,
    fit_power_law,
    mean_and_error,
    middle_share,
    optimal_size,
    parabola_minimum,
    reading_years,
)


@pytest.mark.parametrize(("factor", "exponent"), [(5.0, -0.076), (0.3, 0.5), (12.0, -0.34)])
def test_a_power_law_is_found_again(factor, exponent):
    sizes = [3e3, 1.5e4, 8e4, 9e5]
    law = fit_power_law(sizes, [factor * n**exponent for n in sizes])
    assert law.factor == pytest.approx(factor, rel=1e-9)
    assert law.exponent == pytest.approx(exponent, rel=1e-9)
    assert law(7e6) == pytest.approx(factor * 7e6**exponent, rel=1e-9)


def test_noise_is_weighed_as_scipy_does_on_logarithms():
    rng = np.random.default_rng(3)
    sizes = [10.0**k for k in range(3, 9)]
    losses = [4 * n**-0.1 * math.exp(0.05 * rng.normal()) for n in sizes]
    x, y = np.log(sizes), np.log(losses)
    normal = np.linalg.solve(
        [[len(x), x.sum()], [x.sum(), (x * x).sum()]], [y.sum(), (x * y).sum()]
    )
    law = fit_power_law(sizes, losses)
    assert (math.log(law.factor), law.exponent) == pytest.approx(tuple(normal), rel=1e-9)


@pytest.mark.parametrize("best", [2.5e3, 4e4, 7e10])
def test_the_lowest_point_of_a_parabola(best):
    sizes = [best * ratio for ratio in (0.2, 0.5, 1.7, 3.0, 8.0)]
    losses = [1.9 + 0.03 * math.log(n / best) ** 2 for n in sizes]
    size, loss = parabola_minimum(sizes, losses)
    assert size == pytest.approx(best, rel=1e-6) and loss == pytest.approx(1.9, rel=1e-9)


def test_a_parabola_that_bends_down_has_no_lowest_point():
    with pytest.raises(ValueError, match="bends downwards; give sizes on both sides"):
        parabola_minimum([1, 10, 100], [1.0, 2.0, 1.0])


@pytest.mark.parametrize(
    ("x", "y"), [([1, 2], [1]), ([3, 3], [1, 2]), ([1, -2], [1, 2]), ([1, 2], [0, 2])]
)
def test_what_cannot_be_fitted_is_refused(x, y):
    with pytest.raises(ValueError, match="as many of both, all above 0, at 2 or more"):
        fit_power_law(x, y)


@pytest.mark.parametrize(("budget", "ratio"), [(3.14e23, 20), (1e12, 7.5), (5.76e23, 140)])
def test_the_best_size_spends_the_budget(budget, ratio):
    size = optimal_size(budget, ratio)
    assert 6 * size * (ratio * size) == pytest.approx(budget, rel=1e-12)


def test_reading_years_by_days():
    # 200 words a minute, 3 hours a day: 36,000 words a day
    assert reading_years(36_000 * 365.25 * 7, 200, 3) == pytest.approx(7, rel=1e-12)
    assert reading_years(2.25e11) == pytest.approx(1797, rel=1e-3)


def test_error_of_a_mean_by_hand():
    mean, error = mean_and_error([1, 2, 3, 6])
    assert mean == pytest.approx(3)
    assert error == pytest.approx((14 / 3 / 4) ** 0.5)  # squares 4 + 1 + 0 + 9, of 3, of 4
    with pytest.raises(ValueError, match="1 values tell nothing of their spread"):
        mean_and_error([2.0])


def test_bootstrap_scatters_as_the_mean_does():
    rng = np.random.default_rng(1)
    group = rng.normal(5, 2, size=400).tolist()
    found = bootstrap([group], lambda means: means[0], draws=2000)
    low, high = middle_share(found)
    error = np.std(group) / 20  # of a mean of 400
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert found == sorted(found)


def test_groups_are_drawn_each_for_itself():
    found = bootstrap([[1.0], [2.0, 2.0], [7.0]], lambda means: sum(means), draws=5)
    assert found == [10.0] * 5


def test_a_fit_that_mostly_fails_is_no_interval():
    def never(means):
        raise ValueError("no lowest point")

    with pytest.raises(ValueError, match="20 of 20 redrawn sets cannot be fitted"):
        bootstrap([[1.0, 2.0]], never, draws=20)
