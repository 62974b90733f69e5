"""Pictures of optimizers draw the numbers they are given, and say them in words."""

import pytest
import torch

from utils.pictures.bowl import Bowl
from utils.pictures.optimizer_pictures import (
    adam_at_work,
    gradient_sizes,
    kept_layers,
    losses_by_rate,
    moved_by_count,
    schedule_parts,
    singular_values,
    tuned,
    walks_in_bowl,
)


def heights(line):
    return [float(y) for y in line.get_ydata()]


def test_walks_are_drawn_with_their_losses():
    places = torch.tensor([[-1.0, 0.5], [-0.5, 0.0]])
    figure, alt = walks_in_bowl(Bowl(along=2.0, across=8.0), {"ours": places})
    above, beside = figure.axes
    (way,), (losses,) = above.lines, beside.lines
    assert way.get_xdata().tolist() == [-1.0, -0.5] and heights(way) == [0.5, 0.0]
    assert heights(losses) == [2.0, 0.25]
    assert alt == "The loss in a bowl over 1 steps: ours from 2 to 0.25."


def test_five_optimizers_and_five_walks_have_a_look_each():
    places = torch.tensor([[-1.0, 0.5], [-0.5, 0.0]])
    names = "abcde"
    figure, _ = walks_in_bowl(Bowl(), dict.fromkeys(names, places))
    looks = {line.get_color() for line in figure.axes[1].lines}
    assert len(looks) == 5
    figure, _ = tuned(
        {name: {0.1: 2.0, 0.2: 1.0} for name in names}, {name: [1.0, 1.1] for name in names}
    )
    assert len({line.get_color() for line in figure.axes[0].lines}) == 5


def test_adam_at_work_has_a_panel_for_what_comes_in_what_is_kept_and_what_goes_out():
    figure, alt = adam_at_work([1.0, -2.0], [0.9, 0.3], [1.1, 1.6], [0.82, 0.19])
    first, second, third = figure.axes
    assert [bar.get_height() for bar in first.patches] == [1.0, -2.0]
    assert [heights(line) for line in second.lines] == [[0.9, 0.3], [1.1, 1.6]]
    assert [bar.get_height() for bar in third.patches] == [0.82, 0.19]
    assert alt == "Gradients between -2 and 1 become steps between 0.19 and 0.82 learning rates."


def test_both_panels_of_what_moved_have_one_scale():
    counts = torch.tensor([10.0, 1000.0])
    moved = {"a": torch.tensor([0.002, 0.5]), "b": torch.tensor([0.4, 0.9])}
    figure, alt = moved_by_count(counts, moved)
    left, right = figure.axes
    assert left.get_ylim() == right.get_ylim()
    low, high = left.get_ylim()
    assert low < 0.002 and high > 0.9
    assert "a: the commonest moved 0.5, the rarest 0.002; b: the commonest moved 0.9" in alt


def test_gradient_sizes_name_the_extremes():
    figure, alt = gradient_sizes({"x": 0.002, "y": 3e-5, "z": 0.7})
    assert figure.axes[0].lines[0].get_xdata().tolist() == [0.002, 3e-5, 0.7]
    assert "largest for z (7.0e-01) and smallest for y (3.0e-05)" in alt


def test_singular_values_stand_above_their_round():
    s = torch.linspace(0, 1, 3)
    rounds = [torch.tensor([0.1, 0.4]), torch.tensor([0.3, 0.9])]
    figure, alt = singular_values({"rounds: 1": (s, 2 * s)}, rounds)
    left, right = figure.axes
    assert heights(left.lines[0]) == [0.0, 1.0, 2.0]
    for number, (line, values) in enumerate(zip(right.lines[:2], rounds, strict=True)):
        assert set(line.get_xdata()) == {number} and heights(line) == values.tolist()
    assert alt == "Singular values from 0.1 to 0.4 lie between 0.3 and 0.9 after 1 rounds."


def test_a_tuned_race_is_drawn_by_multiples_of_the_best_rate():
    grids = {"a": {0.1: 3.0, 0.2: 2.0, 0.4: 2.5}, "b": {1.0: 2.75, 2.0: 2.25}}
    seeds = {"a": [2.0, 2.25], "b": [2.25, 2.75]}
    figure, alt = tuned(grids, seeds)
    left, right = figure.axes
    assert left.lines[0].get_xdata().tolist() == [0.5, 1.0, 2.0]
    assert left.lines[1].get_xdata().tolist() == [0.5, 1.0]
    assert heights(left.lines[0]) == [3.0, 2.0, 2.5]
    dots = [line for line in right.lines if line.get_marker() == "o"]
    assert [heights(line) for line in dots] == [pytest.approx(row) for row in seeds.values()]
    assert alt == "The mean loss at the best learning rate of each: a 2.12, b 2.50."


def test_losses_by_rate_have_a_dot_for_every_seed():
    losses = {0.1: [3.0, 3.5], 0.2: [2.5, 2.0]}
    figure, alt = losses_by_rate("ours", losses, 0.1, {"theirs": 1.5})
    (ax,) = figure.axes
    level, means, *dots = ax.lines
    assert set(heights(level)) == {1.5} and heights(means) == [3.25, 2.25]
    assert [heights(line) for line in dots] == list(losses.values())
    assert dots[0].get_color() != dots[1].get_color()
    assert alt == "ours with rate 0.1 ends at a loss of 3.25; with its best rate at 2.25."


def test_a_schedule_and_its_factors():
    figure, alt = schedule_parts({"up": [0.5, 1.0, 1.0]}, [0.05, 0.1, 0.02])
    left, right = figure.axes
    assert heights(left.lines[0]) == [0.5, 1.0, 1.0] and heights(right.lines[0]) == [
        0.05,
        0.1,
        0.02,
    ]
    assert alt == (
        "The learning rate begins at 0.05, is highest at step 1 with 0.1, and ends at 0.02."
    )


def test_kept_layers_are_the_ends_and_those_of_one_segment():
    figure, alt = kept_layers(12, spacing=4, segment=1)
    _, kept, again = figure.axes[0].containers
    assert [round(bar.get_center()[0]) for bar in kept] == [0, 4]
    assert [round(bar.get_center()[0]) for bar in again] == [5, 6, 7, 8]
    assert "the layers from 5 to 8 are computed again" in alt
