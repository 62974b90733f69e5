"""The pictures of practice draw what they are given."""

from dataclasses import dataclass

import pytest
import torch

from utils.pictures import practice_pictures as pictures


@dataclass
class Seeds:
    steps: list[float]
    mean: torch.Tensor
    error: torch.Tensor


def seeds(*mean):
    values = torch.tensor(mean)
    return Seeds([5.0 * (n + 1) for n in range(len(mean))], values, values / 10)


def test_a_panel_for_each_title_and_a_line_for_each_run():
    panels = {
        "right": {"one": seeds(0.1, 0.5, 0.9), "two": seeds(0.2, 0.2, 0.3)},
        "length": {"one": seeds(1.0, 2.0, 4.0), "two": seeds(1.0, 1.0, 1.5)},
    }
    fig = pictures.practice_figure(panels, marked=10)
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["right", "length"]
    for ax, curves in zip(fig.axes, panels.values(), strict=True):
        *lines, marked = ax.get_lines()
        assert list(marked.get_xdata()) == [10, 10]
        for line, curve in zip(lines, curves.values(), strict=True):
            assert list(line.get_ydata()) == pytest.approx(curve.mean.tolist())
        assert len({line.get_linestyle() for line in lines}) == 2
        top = max(y for _, y in ax.collections[0].get_paths()[0].vertices)
        first = next(iter(curves.values()))
        assert top == pytest.approx(float((first.mean + 2 * first.error).max()))
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["one", "two"]


def test_a_live_run_is_dots_and_the_mean_of_their_neighbours():
    values = [float(n % 3) for n in range(12)]
    fig = pictures.live_figure({"a": values, "b": values[::-1]})
    dots, line = fig.axes[0].get_lines()
    assert list(dots.get_ydata()) == values
    assert line.get_ydata()[6] == pytest.approx(sum(values[2:11]) / 9)
    assert line.get_ydata()[0] == pytest.approx(sum(values[:5]) / 5)


def test_passes_are_drawn_over_k():
    fig = pictures.passes_figure(
        {
            "x": {"old": {1: 0.1, 2: 0.2, 4: 0.4}, "new": {1: 0.5, 2: 0.6, 4: 0.6}},
            "y": {"old": {1: 0, 2: 1, 4: 1}},
        }
    )
    old, new = fig.axes[0].get_lines()
    assert list(old.get_xdata()) == [1, 2, 4] and list(new.get_ydata()) == [0.5, 0.6, 0.6]
    assert old.get_marker() != new.get_marker()


def test_right_and_wrong_are_told_in_words():
    fig = pictures.group_figure(["12", "none"], [1.0, 0.0], [1.5, -0.5])
    words = [label.get_text() for label in fig.axes[0].get_xticklabels()]
    assert words == ["12\nright", "none\nwrong"]
    assert [bar.get_height() for bar in fig.axes[0].patches] == [1.5, -0.5]
    html = pictures.replies_panel("3+4=", "7", ["7.", "<8."], [True, False])
    assert "✓ right" in html and "✗ wrong" in html and "1 of 2" in html and "&lt;8." in html
