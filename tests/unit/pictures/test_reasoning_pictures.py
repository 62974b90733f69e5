"""Pictures of answers and their steps: chains as long as they can be, and numbers where they belong."""

import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from utils.pictures.figures import BLUE
from utils.pictures.reasoning_pictures import (
    accuracy_by_compute,
    columns_of_blocks,
    digit_bars,
    digits_right,
    votes_by_count,
)


@pytest.mark.parametrize(
    ("before", "blocks", "chain", "columns", "arrows"),
    [("", 3, 3, 6, 0), ("...", 3, 3, 9, 0), ("15", 3, 9, 8, 2), ("152", 2, 8, 9, 3)],
)
def test_a_chain_grows_by_the_blocks_at_every_written_digit(before, blocks, chain, columns, arrows):
    figure, alt = columns_of_blocks("3*7+4=", before, "8", blocks)
    (ax,) = figure.axes
    assert ax.get_title(loc="left") == f"longest chain of blocks below the answer: {chain}"
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(boxes) == columns * blocks
    filled = [box for box in boxes if box.get_facecolor() == to_rgba(BLUE)]
    assert len(filled) == chain
    heads = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(heads) == arrows and f"{arrows} arrows" in alt
    assert f"longest chain of blocks below the answer is {chain} long" in alt


def test_more_symbols_than_fit_are_refused():
    with pytest.raises(ValueError, match="19 symbols are read, and the drawing has 18 columns"):
        columns_of_blocks("1" * 15, "2222", "3", 2)


def test_marks_stand_at_their_operations_with_two_standard_errors():
    points = {"short": (2e6, [0.2, 0.4]), "long": (5e6, [1.0, 1.0])}
    figure, alt = accuracy_by_compute(points, chance=0.1)
    (ax,) = figure.axes
    first, _ = ax.containers
    mark, _, (reach,) = first.lines
    assert mark.get_xdata().tolist() == [2] and mark.get_ydata().tolist() == pytest.approx([30])
    low, high = reach.get_segments()[0][:, 1]
    assert (high - low) / 2 == pytest.approx(2 * 10)  # the standard error of 20 and 40 is 10
    assert "short: 30 % at 2.00; long: 100 % at 5.00" in alt
    guessing = [line for line in ax.lines if list(line.get_ydata()) == [10, 10]]
    assert len(guessing) == 1


def test_digits_have_a_bar_for_each_place_and_a_dot_for_each_seed():
    shares = {"now": [[0.5, 0.7], [1.0, 1.0], [0.0, 0.2]], "later": [[1, 1], [1, 1], [0.9, 0.7]]}
    figure, alt = digits_right(shares)
    (ax,) = figure.axes
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([60, 100, 10, 100, 100, 80])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["first", "second", "third"]
    dots = [line.get_ydata().tolist() for line in ax.lines]
    assert dots[0] == pytest.approx([50, 70]) and dots[-1] == pytest.approx([90, 70])
    assert "now: 60, 100, 10; later: 100, 100, 80" in alt


def test_votes_are_lines_over_the_number_of_answers():
    figure, alt = votes_by_count([1, 4, 16], {"vote": [0.2, 0.5, 0.9], "any": [0.2, 0.8, 1.0]})
    (ax,) = figure.axes
    assert [line.get_ydata().tolist() for line in ax.lines] == [[20, 50, 90], [20, 80, 100]]
    assert ax.get_xscale() == "log"
    assert "from 1 to 16 answers. vote: 20 to 90; any: 20 to 100" in alt


def test_each_model_has_ten_bars_and_the_right_one_is_marked():
    one, other = [0.1] * 10, [0.0] * 9 + [1.0]
    figure, alt = digit_bars({"direct": one, "steps": other}, right=7)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["direct", "steps"]
    for ax, chances in zip(figure.axes, (one, other), strict=True):
        assert [bar.get_height() for bar in ax.patches] == chances
        assert [at for at, bar in enumerate(ax.patches) if bar.get_hatch()] == [7]
    assert "7 is right" in alt and "steps: 1.00 for 9" in alt
