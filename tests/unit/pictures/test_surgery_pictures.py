"""The loss by block: a line through the means, and a band from the least to the most."""

import pytest

from utils.pictures.surgery_pictures import rises_by_block


def test_a_panel_for_each_name_with_mean_and_band():
    rises = {
        "left out": {0: [8.0, 10.0], 1: [0.1, 0.5], 2: [-0.2, 0.4]},
        "noise": {1: [1.0], 0: [2.0]},
    }
    first, second = rises_by_block(rises).axes
    line = first.lines[0]
    assert list(line.get_xdata()) == [0, 1, 2]
    assert list(line.get_ydata()) == pytest.approx([9.0, 0.3, 0.1])
    assert list(second.lines[0].get_ydata()) == [2.0, 1.0]
    band = first.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(-0.2) and band.max() == pytest.approx(10.0)
    assert first.get_yscale() == "symlog" and first.get_ylabel() == "nats more"
    assert (first.get_title(loc="left"), second.get_xlabel()) == ("left out", "block")
