"""The explorer of deep stacks: it shows what a pass through the chosen stack gives."""

import re

import pytest
import torch

from utils.predecessors.deep_stack import DeepStack, Recipe, read_layers
from utils.widgets.depth_explorer import depth_explorer

X = torch.randn(9, 12, generator=torch.Generator().manual_seed(1))
LABELS = torch.arange(9)


def expected(recipe, depth):
    torch.manual_seed(0)
    return read_layers(DeepStack(recipe, depth, inputs=12).double(), X.double(), LABELS)


def ratio(html):
    return float(re.search(r"a ratio of ([\d.e+-]+)\.", html)[1])


def test_each_control_changes_the_stack():
    controls, picture = depth_explorer(X, LABELS).children
    activation, depth, gain, residual, norm = controls.children
    depth.value, gain.value = 20, 1.4
    choices = {"activation": "ReLU", "gain": 1.4, "residual": False, "norm": "none"}
    for control, name, value in (
        (activation, "activation", "tanh"),
        (residual, "residual", True),
        (norm, "norm", "after"),
        (gain, "gain", 0.7),
        (norm, "norm", "before"),
    ):
        control.value = choices[name] = value
        reading = expected(Recipe(**choices), 20)
        first_over_last = float(reading.gradients[0] / reading.gradients[-1])
        assert ratio(picture.value) == pytest.approx(first_over_last, rel=0.06)
    assert "tanh, gain 0.70, residual on, norm before. 20 layers." in picture.value


@pytest.mark.parametrize("gain", [0.1, 2.5])
def test_the_ends_of_its_sliders_are_pictures(gain):
    controls, picture = depth_explorer(X, LABELS).children
    controls.children[2].value = gain
    for depth in (2, 80):
        controls.children[1].value = depth
        assert f"gain {gain:.2f}" in picture.value and f". {depth} layers." in picture.value


def test_it_leaves_the_random_numbers_of_others_alone():
    torch.manual_seed(5)
    expected_next = torch.rand(3)
    torch.manual_seed(5)
    depth_explorer(X, LABELS)
    assert torch.equal(torch.rand(3), expected_next)


def test_a_gradient_that_underflows_is_drawn():
    controls, picture = depth_explorer(X, LABELS).children
    activation, _, gain, *_ = controls.children
    activation.value, gain.value = "sigmoid", 0.1
    assert "sigmoid, gain 0.10" in picture.value and "<img alt=" in picture.value
