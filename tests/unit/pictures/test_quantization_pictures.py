"""The pictures of quantization draw what was measured, and say it in words."""

import pytest
import torch

from utils.pictures.quantization_pictures import roofline, rounded_weights, rounding_costs


def test_weights_are_drawn_before_and_after_for_each_title():
    before = torch.tensor([0.1, -0.2, 0.3, 2.0])
    after = {
        "coarse": torch.tensor([0.0, 0.0, 0.0, 2.0]),
        "fine": torch.tensor([0.1, -0.2, 0.0, 2.0]),
    }
    figure, alt = rounded_weights(before, after, highest=0.5)
    for ax, (title, rounded) in zip(figure.axes, after.items(), strict=True):
        circles, dots = (line.get_ydata() for line in ax.lines)
        assert torch.equal(torch.as_tensor(circles), before)
        assert torch.equal(torch.as_tensor(dots), rounded)
        assert ax.get_title(loc="left") == title
        assert ax.get_ylim() == (-0.5, 0.5)
    assert alt == (
        "coarse: 3 of 4 weights are 0 after rounding; fine: 1 of 4 weights are 0 after rounding."
    )


def test_costs_are_bars_by_bits_and_a_line_for_each_scope():
    by_bits = {8: (0.01, 0.002, 0.98), 2: (9.5, 0.3, 0.01)}
    by_scope = {
        "a row": {8: (0.02, 0.01, 0.9), 4: (0.7, 0.1, 0.5)},
        "32": {8: (0.0, 0.0), 4: (0.2, 0.1)},
    }
    figure, alt = rounding_costs(by_bits, by_scope)
    left, right = figure.axes
    assert [bar.get_height() for bar in left.patches] == [0.01, 9.5]
    assert [text.get_text() for text in left.texts] == ["+0.01", "+9.50"]
    assert [label.get_text() for label in left.get_xticklabels()] == ["8", "2"]
    (errors,) = left.collections
    assert [segment[:, 1].tolist() for segment in errors.get_segments()] == [
        pytest.approx([0.008, 0.012]),
        pytest.approx([9.2, 9.8]),
    ]
    lines = {one.get_label(): one.lines[0].get_ydata().tolist() for one in right.containers}
    assert lines == {"a row": [0.02, 0.7], "32": [0.0, 0.2]}
    assert "+9.50 with 2 bits" in alt
    assert "A scale for a row changes the loss by +0.02 with 8 bits, +0.70 with 4 bits." in alt


def test_each_work_stands_on_the_roof():
    per_byte = {"far left": 0.25, "left": 1.5, "right": 40.0}
    bandwidth, arithmetic = 3e9, 12e9  # so the roof is flat from 4 multiplications for a byte
    figure, alt = roofline(per_byte, bandwidth, arithmetic)
    (ax,) = figure.axes
    points = {line.get_label(): (*line.get_xdata(), *line.get_ydata()) for line in ax.lines[2:5]}
    assert points == {
        "far left": pytest.approx((0.25, 0.75e9)),
        "left": pytest.approx((1.5, 4.5e9)),
        "right": pytest.approx((40.0, 12e9)),
    }
    slope, flat = ax.lines[:2]
    assert list(slope.get_ydata() / slope.get_xdata()) == pytest.approx([bandwidth] * 2)
    assert list(flat.get_ydata()) == [arithmetic] * 2 and flat.get_xdata()[0] == 4
    assert "up to 4.0 multiplications" in alt and "left 1.50" in alt and "right 40.00" in alt
