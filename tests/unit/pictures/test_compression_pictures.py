"""Pictures of compression: intervals where they belong, tokens with their bits, bars and means."""

import re

import pytest
from matplotlib.patches import Rectangle

from utils.pictures.compression_pictures import (
    coloured_bits,
    interval_rows,
    shares_by,
    size_bars,
)

SHARES = {"sun": 0.5, "rain": 0.3, "fog": 0.2}


def test_each_word_narrows_the_interval_to_its_share():
    figure, alt = interval_rows(SHARES, ["rain", "fog"])
    assert "rain: 0.5 to 0.8, then fog: 0.74 to 0.8" in alt
    (ax,) = figure.axes
    ends = [text.get_text() for text in ax.texts if re.match(r"[\d.]+$", text.get_text())]
    assert ends == ["0", "1", "0.5", "0.8", "0.74", "0.8"]
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    widths = [round(box.get_width(), 6) for box in boxes]
    assert widths == [0.5, 0.3, 0.2] * 3
    chosen = [box for box in boxes if box.get_linewidth() > 2]
    assert [box.get_x() for box in chosen] == pytest.approx([0.5, 0.8])


def test_a_word_without_a_share_is_named():
    with pytest.raises(ValueError, match="'hail' has no share"):
        interval_rows(SHARES, ["hail"])


def test_tokens_show_their_bits_and_are_tinted_by_them():
    html = coloured_bits(["The", " <b>", "\n", "x"], [0.2, 6.0, 40.0, 3.0])
    tints = [float(tint) for tint in re.findall(r"rgba\(213,94,0,([\d.]+)\)", html)]
    assert tints == pytest.approx([0.01, 0.38, 0.75, 0.19], abs=0.006)
    assert re.findall(r"font-size:12px\">(\d+)<", html) == ["0", "6", "40", "3"]
    assert "&lt;b&gt;" in html and "<b>" not in html and "⏎" in html
    with pytest.raises(ValueError, match="2 tokens and 1 numbers"):
        coloured_bits(["a", "b"], [1.0])


def test_bars_have_the_sizes_under_their_names():
    sizes = {"speech": {"model": 12.0, "zip": 40.0}, "noise": {"model": 99.0, "zip": 90.0}}
    figure, alt = size_bars(sizes, unit="bytes")
    (ax,) = figure.axes
    assert [bar.get_width() for bar in ax.patches] == [12, 99, 40, 90]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["speech", "noise"]
    assert "speech: model 12, zip 40; noise: model 99, zip 90" in alt
    assert ax.get_xlabel() == "bytes"


def test_means_have_two_standard_errors_of_the_seeds():
    groups = {"seen": [[0.2, 0.4], [1.0, 1.0]], "unseen": [[0.0, 0.0], [0.5, 0.7]]}
    figure, alt = shares_by([1, 10], groups, xlabel="times", ylabel="right")
    (ax,) = figure.axes
    bars = {one.get_label(): one for one in ax.containers}
    line, _, (reach,) = bars["seen"].lines
    assert line.get_ydata().tolist() == pytest.approx([30, 100])
    low, high = reach.get_segments()[0][:, 1]
    assert (high - low) / 2 == pytest.approx(2 * 10)  # the standard error of 20 and 40 is 10
    assert "seen: 30 at 1, 100 at 10; unseen: 0 at 1, 60 at 10" in alt


def test_the_axis_is_logarithmic_unless_told_otherwise():
    groups = {"seen": [[0.2, 0.4], [1.0, 1.0]]}
    for scale, more in (("log", {}), ("linear", {"xscale": "linear"})):
        figure, _ = shares_by([1, 10], groups, xlabel="times", ylabel="right", **more)
        (ax,) = figure.axes
        assert ax.get_xscale() == scale
