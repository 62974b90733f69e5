"""Figures of deep stacks: they show the numbers that they are given."""

import pytest
import torch

from utils.pictures.depth_pictures import (
    by_layer_figure,
    depth_map_figure,
    layer_reading_figure,
    wiring_figure,
)
from utils.pictures.figures import img


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_each_wiring_has_its_parts():
    figure, alt = wiring_figure()
    parts = {ax.get_title(loc="center"): sorted(words(ax)) for ax in figure.axes}
    assert parts == {
        "plain": ["layer", "z"],
        "residual": ["+", "layer", "z"],
        "norm after": ["+", "layer", "norm", "z"],
        "norm before": ["+", "layer", "norm", "z"],
    }
    heights = {
        ax.get_title(loc="center"): {
            text.get_text(): text.get_position() for text in ax.texts if text.get_text() != "z"
        }
        for ax in figure.axes
    }
    after, before = heights["norm after"], heights["norm before"]
    assert after["norm"][0] == 0 and after["norm"][1] > after["+"][1]  # on the stream, behind
    assert before["norm"][0] > 0 and before["norm"][1] < before["layer"][1]  # on the branch
    assert "normalised" in alt and img(figure, alt)


def test_curves_by_layer_and_single_points():
    numbers = {"one": [1e-3, 1e-2, 0.5], "two": torch.tensor([4.0, 2.0, 1.0])}
    figure, alt = by_layer_figure(numbers, "length", points={"a list": {3: 0.2, 1: 0.1}})
    (ax,) = figure.axes
    one, two, points = ax.lines
    assert list(one.get_xdata()) == [1, 2, 3] and list(one.get_ydata()) == [1e-3, 1e-2, 0.5]
    assert list(two.get_ydata()) == [4, 2, 1]
    assert list(points.get_xdata()) == [3, 1] and list(points.get_ydata()) == [0.2, 0.1]
    assert ax.get_yscale() == "log" and "one 1.0e-03 and 5.0e-01" in alt
    assert by_layer_figure(numbers, "length", yscale="linear")[0].axes[0].get_yscale() == "linear"


def test_blocks_are_counted_from_zero():
    figure, alt = by_layer_figure({"one": [1.0, 2.0]}, "length", xlabel="block", first=0)
    (ax,) = figure.axes
    assert list(ax.lines[0].get_xdata()) == [0, 1] and ax.get_xlabel() == "block"
    assert "in the first block" in alt


def test_what_is_all_but_zero_does_not_stretch_the_picture():
    figure, _ = by_layer_figure({"tiny": [1e-200, 1e-50, 1.0], "zero": [0.0, 0.0, 1.0]}, "length")
    assert figure.axes[0].get_ylim()[0] == 1e-40
    figure, _ = by_layer_figure({"usual": [1e-3, 1.0]}, "length")
    assert figure.axes[0].get_ylim()[0] > 1e-5


def test_a_map_for_each_optimizer():
    tables = {"SGD": torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])}
    tables["Adam"] = tables["SGD"] + 0.3
    figure, alt = depth_map_figure(tables, ["plain", "b", "c"], [2, 80])
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["SGD", "Adam"]
    for ax, first in zip(figure.axes, (0.1, 0.4), strict=True):
        found = {text.get_position(): float(text.get_text()) for text in ax.texts}
        expected = {(x, y): first + 0.1 * (2 * y + x) for x in (0, 1) for y in (0, 1, 2)}
        assert found == pytest.approx(expected)
        assert min(text.get_fontsize() for text in ax.texts) >= 9
        assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "80"]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["plain", "b", "c"]
    assert "with SGD plain 0.20, b 0.40, c 0.60" in alt and "with Adam plain 0.50" in alt


def test_a_run_that_broke_is_no_accuracy():
    tables = {"SGD": torch.tensor([[0.1, 0.0], [0.3, 0.4]]), "Adam": torch.ones(2, 2)}
    figure, alt = depth_map_figure(tables, ["a", "b"], [2, 80])
    ax, _ = figure.axes
    found = {text.get_position(): text.get_text() for text in ax.texts}
    assert found == {(0, 0): "0.10", (1, 0): "broke", (0, 1): "0.30", (1, 1): "0.40"}
    assert ax.images[0].get_array().mask.tolist() == [[False, True], [False, False]]
    assert "with SGD a broke, b 0.40; with Adam a 1.00" in alt


def test_a_reading_with_infinities_is_drawn():
    numbers = torch.tensor([1e-30, 1.0, float("inf")])
    figure, alt = layer_reading_figure(numbers, numbers, torch.tensor([0.1, 0.5, float("nan")]))
    gradient, size, alike = (ax.lines[0].get_ydata() for ax in figure.axes)
    assert gradient[0] == pytest.approx(1e-30) and gradient[2] != gradient[2] and size[1] == 1
    assert alike[1] == 0.5
    assert img(figure, alt) and "3 layers" in alt
