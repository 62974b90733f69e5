"""Pictures of the chapter on emergence: the numbers that they are given are the ones that they draw."""

import pytest
import torch

from utils.pictures.emergence_pictures import bands, birth_figure, descent_drawing, with_intervals


def test_bands_go_from_the_lowest_seed_to_the_highest():
    panels = {"left": {"read": [[0.0, 0.4], [0.2, 0.8]]}, "right": {"read": [[1.0, 1.0]] * 2}}
    figure, alt = bands([0, 10], panels, xlabel="steps", ylabel="share", levels={"chance": 0.5})
    left, right = figure.axes
    curve = left.get_lines()[0]
    assert curve.get_ydata().tolist() == pytest.approx([0.1, 0.6])
    edges = left.collections[0].get_paths()[0].vertices[:, 1]
    assert edges.min() == 0.0 and edges.max() == pytest.approx(0.8)
    assert right.get_title(loc="left") == "right" and left.get_xlabel() == "steps"
    assert any(text.get_text() == "chance" for text in left.texts)
    assert "left, read: 0.10 at first, 0.60 at last" in alt


def test_intervals_are_two_standard_errors_and_gaps_stay_empty():
    groups = {"a": [[0.0, 1.0, 1.0, 0.0], [1.0, 1.0]], "b": [[], [0.2, 0.6]]}
    figure, alt = with_intervals(["0", "8"], groups, xlabel="examples")
    (ax,) = figure.axes
    first, second = ax.containers
    assert first.lines[0].get_ydata().tolist() == pytest.approx([50, 100])
    segment = first.lines[2][0].get_segments()[0]
    # standard deviation of 0 1 1 0 is 0.577, over the root of 4, twice, in per cent
    assert segment[1][1] - segment[0][1] == pytest.approx(2 * 57.735, rel=1e-3)
    assert second.lines[0].get_ydata().tolist() == pytest.approx([40])
    assert second.lines[0].get_xdata()[0] == pytest.approx(1, abs=0.1)
    assert "a: 50 at 0, 100 at 8; b: 40 at 8" in alt
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "8"]


def test_a_moment_has_its_line_its_maps_and_its_words():
    maps = {"head 0.1": torch.eye(4), "head 1.2": torch.ones(4, 4).tril() / 4}
    scores = {"previous": [0.1, 0.2, 0.5], "induction": [0.0, 0.1, 0.8]}
    figure, alt = birth_figure([0, 8, 16], [4.2, 3.0, 0.5], scores, maps, 1, list("abab"))
    loss, score, first, second = figure.axes[:4]
    assert loss.get_lines()[0].get_ydata().tolist() == [4.2, 3.0, 0.5]
    assert all(ax.get_lines()[-1].get_xdata() == pytest.approx([8, 8]) for ax in (loss, score))
    assert first.images[0].get_array().tolist() == torch.eye(4).tolist()
    assert second.get_title(loc="left") == "head 1.2"
    assert alt == "After 8 steps: loss on the second copy 3.00; previous 0.20, induction 0.10."


def test_both_sides_of_the_drawing_come_to_the_same():
    X, y = torch.tensor([[1.0, 0.5], [2.0, -1.0]]), torch.tensor([3.0, 1.0])
    figure, alt = descent_drawing(X, y, torch.tensor([2.0, 1.0]), rate=0.5)
    left, right = ([text.get_text() for text in ax.texts] for ax in figure.axes)
    # w = 0.5 * (3 * (1, 0.5) + (2, -1)) = (2.5, 0.25); times (2, 1) it is 5.25
    assert "sum, times 0.5:  w = (2.5, 0.25)" in left and "w · (2, 1) = 5.25" in left
    assert "(1, 0.5) · (2, 1) = 2.5" in right and "(2, −1) · (2, 1) = 3" in right
    assert "answer: 5.25" in right and alt.count("5.25") == 2
