"""The explorer of rounding says how far off the ordinary weights are."""

import re

import pytest
import torch

from utils.widgets.rounding import rounding_explorer


def test_the_mean_error_is_that_of_all_weights_but_the_large_one():
    weights = torch.linspace(-0.3, 0.3, 64)
    controls, picture = rounding_explorer(weights, place=11).children
    n_bits, largest, group = controls.children
    n_bits.value, largest.value, group.value = 3, 1.5, 32
    before = weights.clone()
    before[11] = 1.5
    error = []
    for at, weight in enumerate(before.tolist()):
        neighbours = before[:32] if at < 32 else before[32:]
        step = float(neighbours.abs().max()) / 3
        candidates = [step * code for code in range(-3, 4)]
        nearest = min(candidates, key=lambda one: abs(one - weight))
        error.append(abs(nearest - weight))
    del error[11]
    shown = float(re.search(r"the others are off by ([0-9.]+)", picture.value)[1])
    assert shown == pytest.approx(sum(error) / 63, abs=6e-4)
    assert "3 bits, a scale for 32 weights, one of them 1.5:" in picture.value


def test_every_step_of_a_control_changes_the_picture():
    """Three bits leave only zeros beside a weight of 2 or of 4: the points alone look the same."""
    controls, picture = rounding_explorer(torch.linspace(-0.3, 0.3, 64), place=11).children
    n_bits, largest, _ = controls.children
    n_bits.value = 3
    before = picture.value
    largest.value = 4.0
    assert picture.value != before
