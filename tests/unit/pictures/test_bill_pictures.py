"""The pictures of a training bill: what they show is what they are given, and their words say it."""

import pytest

from utils.pictures.bill_pictures import (
    attention_products,
    bytes_on_each_gpu,
    flops_by_context,
    kept_in_a_block,
    memory_over_a_step,
    three_products,
)


def test_three_products_have_a_cell_for_each_number():
    figure, words = three_products(rows=2, inner=3, columns=4)
    # each matrix is in two of the products as a factor or a result, X, W, Y and their gradients
    assert [len(ax.patches) for ax in figure.axes] == [2 * 3 + 3 * 4 + 2 * 4] * 3
    assert "X (2 by 3) times W (3 by 4) gives Y (2 by 4)" in words and "48 FLOPs" in words


def test_a_block_keeps_sixteen():
    figure, words = kept_in_a_block()
    assert sum(patch.get_width() for patch in figure.axes[0].patches) == 16
    assert words.endswith("together 16.")


def test_flops_are_drawn_in_millions():
    figure, words = flops_by_context(
        {8: 2e6, 16: 2e6}, {8: 3e6, 16: 5e6}, {"one": {8: 3e6, 16: 5e6}, "two": {8: 1e6, 16: 1.5e6}}
    )
    drawn = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines}
    assert drawn == {"rule 6ND": [2, 2], "formula": [3, 5], "one": [3, 5], "two": [1, 1.5]}
    assert "16 tokens: rule 2.00; formula 5.00; one 5.00; two 1.50" in words


def test_memory_has_a_picture_for_each_model_in_its_unit():
    lines = {
        "small": {"all": [0, 3_000_000, 1_000_000], "less": [0, 2_000_000]},
        "large": {"all": [0, 7_000_000_000, 0]},
    }
    figure, words = memory_over_a_step(lines)
    small, large = figure.axes
    assert [list(line.get_ydata()) for line in small.lines] == [[0, 3, 1], [0, 2]]
    assert [list(line.get_xdata()) for line in small.lines] == [[0, 50, 100], [0, 100]]
    assert list(large.lines[0].get_ydata()) == [0, 7, 0]
    assert small.get_ylabel() == "MB in use" and large.get_ylabel() == "GB in use"
    assert "small, less: at most 2 MB" in words and "large, all: at most 7 GB" in words


def test_the_products_of_attention_have_a_cell_for_each_number():
    figure, words = attention_products(tokens=5, d_head=3)
    # both have 1 by 3, 3 by 5 and 1 by 5, in another order
    assert [len(ax.patches) for ax in figure.axes] == [3 + 15 + 5] * 2
    assert "query (1 by 3) times the keys of 5 tokens (3 by 5) gives 1 by 5" in words
    assert words.endswith("Each needs 30 FLOPs.")


@pytest.mark.parametrize(
    ("memory", "said"), [(9e9, "a 10 GB: too much (weights 1 GB"), (10e9, "a 10 GB (weights 1 GB")]
)
def test_bars_say_whether_they_fit(memory, said):
    parts = {"weights": 1e9, "gradients": 2e9, "optimizer": 3e9, "activations": 4e9}
    figure, words = bytes_on_each_gpu({"a": parts}, memory, "a title")
    assert [patch.get_width() for patch in figure.axes[0].patches] == [1, 2, 3, 4]
    assert [patch.get_x() for patch in figure.axes[0].patches] == [0, 1, 3, 6]
    assert said in words and words.startswith("a title.")
