"""The figures of gradient descent: the walks and curves that they were given, and the same in
words.
"""

import math

import pytest
import torch

from utils.pictures.descent_pictures import (
    compass_figure,
    epoch_figure,
    line_figure,
    surface_figure,
    walks_figure,
)


def points(line):
    return [*map(float, line.get_xdata())], [*map(float, line.get_ydata())]


def test_a_compass_names_the_steepest_directions():
    degrees = range(0, 360, 10)
    slopes = [3 * math.cos(math.radians(turn - 140)) for turn in degrees]
    figure, words = compass_figure(degrees, slopes, 141.5)
    curve, zero, gradient = figure.axes[0].lines
    assert points(curve) == ([*map(float, degrees)], pytest.approx(slopes))
    assert points(zero)[1] == [0, 0] and points(gradient)[0] == [141.5, 141.5]
    assert "steepest up at 140 degrees, steepest down at 320" in words
    assert "points to 142 degrees" in words


def test_lines_through_points():
    x, y = torch.tensor([0.0, 1.0, 4.0]), torch.tensor([1.0, 0.5, 2.0])
    lines = {"at first": torch.tensor([0.0, 0.0]), "then": torch.tensor([0.5, -1.0])}
    figure, words = line_figure(x, y, lines)
    given, first, then = figure.axes[0].lines
    assert points(given) == ([0, 1, 4], [1, 0.5, 2])
    assert points(first)[1] == [0, 0, 0] and points(then)[1] == [-1, -0.5, 1]
    assert "3 points and straight lines: at first 0.00x +0.00, then 0.50x -1.00" in words


@pytest.mark.parametrize("last", [1.5, 2.5])
def test_a_walk_on_a_surface_ends_where_it_leaves_the_picture(last):
    way = torch.tensor([[1.0, 0.5], [0.25, 0.5], [last, 0.0], [0.0, 1.0]])
    figure, words = surface_figure("bowl", way, 0.75, 30)
    (ax,) = figure.axes
    x, y, height = map(list, ax.lines[0].get_data_3d())
    inside = 4 if last < 2 else 2
    assert [x, y] == way[:inside].T.tolist()
    on_bowl = [0.3 * a**2 + b**2 for a, b in way[:inside].tolist()]
    assert height == pytest.approx([one + 0.03 for one in on_bowl])
    assert ax.azim == 30
    end = "it ends at (0.00, 1.00)" if last < 2 else "it runs out of the picture"
    assert words.endswith(f"surface bowl from (1, 0.5) with rate 0.75: {end}.")
    assert ax.get_title() == f"bowl, rate 0.75: {end}"


def test_walks_from_above_have_a_large_mark_at_each_start():
    one = torch.tensor([[1.0, 1.0], [0.5, 0.2], [0.1, 0.0]])
    two = torch.tensor([[-1.5, 0.5], [-1.0, 0.25]])
    walks = {"two valleys": [one, two], "saddle": [two]}
    figure, words = walks_figure(walks, {"two valleys": 0.3, "saddle": 0.1})
    left, right = figure.axes
    drawn = [points(line) for line in left.lines]
    assert drawn[0] == (pytest.approx([1, 0.5, 0.1]), pytest.approx([1, 0.2, 0]))
    assert drawn[1] == ([1], [1]) and drawn[3] == ([-1.5], [0.5])
    assert [points(line) for line in right.lines] == [([-1.5, -1], [0.5, 0.25]), ([-1.5], [0.5])]
    assert left.get_title(loc="left") == "two valleys, rate 0.3"
    assert "two valleys, from (-1.5, 0.5): it ends at (-1.00, 0.25)" in words


def test_runs_of_different_lengths_by_epoch():
    runs = {"long": [3.0, 2.0, 1.5, 1.25], "short": [4.0, 0.5]}
    figure, words = epoch_figure(runs, "cost", first=1, levels={"floor": 0.2}, ylim=(0, 5))
    ax = figure.axes[0]
    long, short, level = ax.lines
    assert points(long) == ([1, 2, 3, 4], runs["long"])
    assert points(short) == ([1, 2], runs["short"])
    assert points(level)[1] == [0.2, 0.2]
    assert [text.get_text() for text in ax.texts] == ["floor"] and ax.get_ylim() == (0, 5)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["long", "short"]
    assert "long: from 3 to 1.25 after epoch 4; short: from 4 to 0.5 after epoch 2" in words
