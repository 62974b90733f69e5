"""Several curves over one axis: every point where it belongs, and each curve under its name."""

import pytest
import torch

from utils.pictures.curves import curves, stacked_curves
from utils.pictures.figures import new_figure


def test_every_curve_goes_through_its_points_under_its_name():
    x = torch.tensor([-1.0, 0.5, 3.0])
    values = {"falls": [3, 2, -4], "rises": torch.tensor([0.25, 1.0, 8.0])}
    ax = curves(x, values, xlabel="place", ylabel="height").axes[0]
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[-1, 3], [0.5, 2], [3, -4]],
        [[-1, 0.25], [0.5, 1], [3, 8]],
    ]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["falls", "rises"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("place", "height", "linear")


def test_curves_differ_in_more_than_colour():
    values = {f"curve {n}": [n, n] for n in range(4)}
    lines = curves([0, 1], values, xlabel="x", ylabel="y").axes[0].lines
    assert len({line.get_linestyle() for line in lines}) == 4


def test_limits_scale_and_dots_are_as_asked():
    figure, ax = new_figure()
    look = {"ylim": (0.5, 4), "yscale": "log", "dots": True, "ax": ax}
    assert curves([1, 2], {"a": [1, 2]}, xlabel="x", ylabel="y", **look) is figure
    assert ax.get_ylim() == (0.5, 4) and ax.get_yscale() == "log"
    assert ax.lines[0].get_marker() == "o"


def test_a_curve_of_another_length_is_refused():
    with pytest.raises(ValueError, match="'b' has 2 values for 3 places"):
        curves([1, 2, 3], {"a": [1, 2, 3], "b": [1, 2]}, xlabel="x", ylabel="y")


@pytest.mark.parametrize("length", [2, 20, 34])
def test_long_names_do_not_squeeze_the_axes(length):
    values = {f"{n} {'m' * length}": [n, 2] for n in range(4)}
    figure = curves([0, 1], values, xlabel="x", ylabel="y")
    figure.draw_without_rendering()  # lays it out
    assert figure.axes[0].get_window_extent().width > 0.8 * figure.bbox.width
    shown = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert sorted(shown) == sorted(values)


def test_stacked_curves_stand_in_their_panel_with_its_level():
    panels = {"P": {"a": [0.1, 0.2, 0.3], "b": [0.9, 0.5, 0.4]}, "loss": {"a": [5, 4, 7]}}
    figure = stacked_curves([1, 3, 4], panels, xlabel="layer", levels={"loss": 6.5})
    for ax, (name, values) in zip(figure.axes, panels.items(), strict=True):
        curves_here = list(ax.lines)[: len(values)]
        assert [line.get_ydata().tolist() for line in curves_here] == list(values.values())
        assert all(line.get_xdata().tolist() == [1, 3, 4] for line in curves_here)
        assert [text.get_text() for text in ax.get_legend().get_texts()] == list(values)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("layer", name)
    p, loss = figure.axes
    assert len(p.lines) == 2 and loss.get_ylim() != p.get_ylim()
    assert set(loss.lines[-1].get_ydata()) == {6.5}


def test_stacked_curves_share_the_limits_that_are_asked_for():
    panels = {"P": {"a": [0.1, 0.2]}, "Q": {"b": [0.3, 3.0]}}
    figure = stacked_curves(range(2), panels, xlabel="x", ylim=(-1, 2))
    assert [ax.get_ylim() for ax in figure.axes] == [(-1, 2), (-1, 2)]
