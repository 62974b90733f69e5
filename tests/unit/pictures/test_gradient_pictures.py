"""The figures of gradients: each curve has the numbers that it was given, and the words do too."""

import pytest
import torch

from utils.pictures.gradient_pictures import (
    batch_error_figure,
    cost_by_work_figure,
    loss_change_figure,
    nudge_error_figure,
    race_figure,
    slope_size_figure,
)


def drawn(figure):
    """The x and y of each curve, by its name in the legend."""
    return {
        line.get_label(): (list(map(float, line.get_xdata())), list(map(float, line.get_ydata())))
        for line in figure.axes[0].lines
    }


def named_in_legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_errors_of_nudges_to_one_side_and_to_both():
    figure, words = nudge_error_figure([0.1, 0.01, 0.001], [0.5, 0.2, 0.05], [0.03, 0.004, 0.09])
    assert drawn(figure) == {
        "nudged to one side": ([0.1, 0.01, 0.001], [0.5, 0.2, 0.05]),
        "nudged to both sides": ([0.1, 0.01, 0.001], [0.03, 0.004, 0.09]),
    }
    assert named_in_legend(figure) == list(drawn(figure))
    assert (figure.axes[0].get_xscale(), figure.axes[0].get_yscale()) == ("log", "log")
    assert "smallest at 1e-02 if nudged to both sides, at 1e-03 if to one" in words


def test_sizes_of_slopes_for_tensors():
    z = torch.tensor([-4.0, 0.0, 4.0])
    figure, words = slope_size_figure(z, {"flat": z * 0 + 0.25, "steep": z.abs()})
    assert drawn(figure) == {
        "flat": ([-4, 0, 4], [0.25, 0.25, 0.25]),
        "steep": ([-4, 0, 4], [4, 0, 4]),
    }
    assert words.endswith("At z = -4 it is 0.25 with flat, 4 with steep.")


def test_errors_of_batches_beside_the_root_law():
    figure, words = batch_error_figure({4: 6.0, 16: 2.5, 400: 0.7})
    curves = drawn(figure)
    assert curves["measured"] == ([4, 16, 400], [6.0, 2.5, 0.7])
    assert curves["falls as 1/√batch"][1] == pytest.approx([6.0, 3.0, 0.6])
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["4", "16", "400"]
    assert "from 6 with 4 to 0.7 with 400" in words


def test_costs_stand_over_the_pictures_that_were_looked_at():
    slow, fast = {0: 3.0, 500: torch.tensor(2.5)}, {0: 3.0, 100: 1.25, 500: 0.5}
    figure, words = cost_by_work_figure({"slow": slow, "fast": fast})
    assert drawn(figure) == {
        "slow": ([0, 500], [3.0, 2.5]),
        "fast": ([0, 100, 500], [3.0, 1.25, 0.5]),
    }
    assert figure.axes[0].get_ylim()[0] == 0
    assert named_in_legend(figure) == ["slow", "fast"]
    assert words.endswith("slow: from 3.00 to 2.50; fast: from 3.00 to 0.50.")


def test_a_race_marks_the_update_that_it_was_told():
    figure, words = race_figure({"tea": [0.6, 0.5, 0.3], "milk": [0.1, 0.4, 0.5]}, overtaken=2)
    curves = drawn(figure)
    assert curves["tea"] == ([0, 1, 2], [0.6, 0.5, 0.3])
    assert curves["milk"] == ([0, 1, 2], [0.1, 0.4, 0.5])
    mark = figure.axes[0].lines[-1]
    assert list(mark.get_xdata()) == [2, 2]
    assert [text.get_text() for text in figure.axes[0].texts] == ["from update 2 on: milk"]
    assert named_in_legend(figure) == ["tea", "milk"]
    assert "milk leads from update 2 on" in words


def test_changes_of_a_loss_have_a_line_at_zero():
    figure, words = loss_change_figure([0.001, 0.01, 0.1], [-0.2, -1.5, 3.0])
    changes, zero = figure.axes[0].lines
    assert (list(changes.get_xdata()), list(changes.get_ydata())) == (
        [0.001, 0.01, 0.1],
        [-0.2, -1.5, 3.0],
    )
    assert list(zero.get_ydata()) == [0, 0]
    assert figure.axes[0].get_legend() is None
    assert "-0.2 at 0.001, least at 0.01 with -1.5, and 3 at 0.1" in words
