"""Pictures of losses draw the losses that they are given, and say them in words."""

import math

import pytest
from matplotlib.colors import to_rgba

from utils.pictures import token_losses
from utils.pictures.figures import BLUE, VERMILLION
from utils.pictures.token_losses import surprise_curve, token_loss_bars, training_curve


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are shown, with their words."""
    shown = []
    monkeypatch.setattr(
        token_losses, "show", lambda figure, alt, caption="": shown.append((figure, alt, caption))
    )
    return shown


def test_the_curve_is_minus_the_logarithm_and_marks_lie_on_it(drawn):
    surprise_curve({"mat": 0.05, "": 0.5})
    ((figure, alt, _),) = drawn
    curve, *dots = figure.axes[0].lines
    assert all(y == pytest.approx(-math.log(x)) for x, y in curve.get_xydata())
    places = [value for dot in dots for value in dot.get_xydata()[0]]
    assert places == pytest.approx([0.05, math.log(20), 0.5, math.log(2)])
    assert [text.get_text() for text in figure.axes[0].texts] == ["mat 0.05: 3.00", "0.5: 0.69"]
    assert "0.05, 0.5" in alt


def test_a_bar_for_each_token_and_high_ones_stand_out(drawn):
    pieces, losses = ["The", " cat", " sat", "↵", " m"], [0.5, 6.0, 1.25, 5.0, 7.5]
    token_loss_bars(pieces, losses, high=5.0)
    ((figure, alt, caption),) = drawn
    bars = [bar for ax in figure.axes for bar in ax.patches]
    assert [bar.get_height() for bar in bars] == losses
    high = [bar.get_facecolor() == to_rgba(VERMILLION) for bar in bars]
    assert high == [False, True, False, False, True]
    assert bars[0].get_facecolor() == to_rgba(BLUE)
    labels = [label.get_text() for ax in figure.axes for label in ax.get_xticklabels()]
    assert labels[:3] == ["The", "␣cat", "␣sat"]
    assert "5 tokens" in alt and "m 7.5, cat 6.0" in alt and "1 in 148" in caption


def test_a_training_and_the_line_of_knowing_nothing(drawn):
    training_curve([5.5, 3.0, 0.25], nothing=math.log(256))
    ((figure, alt, _),) = drawn
    curve, line = figure.axes[0].lines
    assert list(curve.get_ydata()) == [5.5, 3.0, 0.25]
    assert set(line.get_ydata()) == {math.log(256)}
    assert "from 5.5 to 0.25 in 3 steps" in alt


def test_a_cross_entropy_is_drawn_as_the_entropy_and_what_is_above_it(drawn):
    token_losses.floor_and_excess({"p": 0.5, "worse": 0.75, "worst": 2.0}, entropy=0.5)
    ((figure, alt, _),) = drawn
    (ax,) = figure.axes
    parts = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert parts == [(0, 0.5)] * 3 + [(0.5, 0), (0.5, 0.25), (0.5, 1.5)]
    assert [text.get_text() for text in ax.texts] == ["0.50", "0.75", "2.00"]
    assert (
        alt == "Mean losses: p 0.50, worse 0.75, worst 2.00. In each of them 0.50 is the entropy."
    )


def test_a_training_is_drawn_beside_its_floor(drawn):
    token_losses.down_to_the_floor([1.5, 1.25, 1.0], [0.5, 0.125, 0.0], entropy=1.125)
    ((figure, alt, _),) = drawn
    above, below = figure.axes
    assert above.lines[0].get_ydata().tolist() == [1.5, 1.25, 1.0]
    assert set(above.lines[1].get_ydata()) == {1.125}
    assert below.lines[0].get_ydata().tolist() == [0.5, 0.125, 0.0]
    assert "In 3 steps the KL divergence falls from 0.500 to 0.000" in alt
