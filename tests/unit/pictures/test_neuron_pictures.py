"""The figures of neurons: curves and dots are where the numbers put them."""

import math

import pytest
import torch

from utils.pictures.neuron_pictures import Neuron, neuron_figure, stroke_figure


def test_curves_of_neurons_and_their_thresholds():
    figure, words = neuron_figure(Neuron(8, -2), Neuron(-4, 2, "ReLU"))
    first, dot, second, other_dot = figure.axes[0].lines
    x, y = first.get_xdata(), first.get_ydata()
    assert (x[0], x[-1]) == (-1, 2)
    for a, answer in zip(x[::60], y[::60], strict=True):
        assert answer == pytest.approx(1 / (1 + math.exp(-(8 * a - 2))), abs=1e-6)
    assert [*dot.get_xdata(), *dot.get_ydata()] == pytest.approx([0.25, 0.5])
    for a, answer in zip(second.get_xdata()[::60], second.get_ydata()[::60], strict=True):
        assert answer == pytest.approx(max(0, 2 - 4 * a), abs=1e-5)
    assert [*other_dot.get_xdata(), *other_dot.get_ydata()] == pytest.approx([0.5, 0])
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert names == ["sigmoid(8·a -2)", "ReLU(-4·a +2)"]
    assert "sigmoid(8·a -2) rises, threshold at 0.25; ReLU(-4·a +2) falls, threshold" in words


@pytest.mark.parametrize(("weight", "bias"), [(0, 3), (1, 7)])
def test_a_threshold_out_of_sight_has_no_dot(weight, bias):
    figure, words = neuron_figure(Neuron(weight, bias))
    assert len(figure.axes[0].lines) == 1
    assert ("nothing reaches it" in words) == (weight == 0)


def test_a_stroke_and_what_it_answers():
    weights = torch.zeros(5, 7)
    weights[2, 1:4], weights[1] = 0.8, -0.2
    sums = [3.0, -1.0, 2.5, 0.0, 9.0, 4.0, 1.0, 7.0, 2.0, -3.0]
    figure, words = stroke_figure(weights, sums)
    image, bars = figure.axes
    assert image.images[0].get_array().tolist() == weights.tolist()
    assert image.images[0].get_clim() == pytest.approx((-0.8, 0.8))
    assert [bar.get_height() for bar in bars.patches] == sums
    assert "largest for the 4, then for 7 and 5, smallest for the 9" in words
