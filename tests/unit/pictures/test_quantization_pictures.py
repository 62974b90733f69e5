"""The pictures of quantization draw what was measured, and say it in words."""

import pytest
import torch

from utils.pictures.quantization_pictures import rounded_weights, rounding_costs


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
