"""Maps of what returns, and probabilities before and after an edit: each value in its place."""

import pytest
import torch

from utils.pictures.fact_pictures import before_and_after, restored_in_words, restored_maps

PIECES = ["The", " red", " tower", " is"]
LAYERS = (0, 4, 8)
SHARES = {
    "feed-forward": torch.tensor(
        [[0.0, 0.9, 0.1, 0.2], [0.0, 0.3, 0.6, 0.1], [0.0, 0.2, 0.5, 0.05]]
    ),
    "attention": torch.tensor([[0.0, 0.1, 0.2, 0.15], [0.0, 0.2, 0.1, 0.3], [0.0, 0.1, 0.1, 0.8]]),
}


def test_each_map_has_tokens_as_rows_and_layers_as_columns():
    figure = restored_maps(SHARES, PIECES, range(1, 3), LAYERS)
    maps = [ax for ax in figure.axes if ax.images]
    for ax, (name, share) in zip(maps, SHARES.items(), strict=True):
        assert ax.get_title("left") == name
        assert ax.images[0].get_array().data.tolist() == share.double().T.tolist()
        assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "4", "8"]
        assert [text.get_text() for text in ax.get_yticklabels()] == [
            "The",
            "␣red*",
            "␣tower*",
            "␣is",
        ]


def test_one_map_alone_can_be_drawn():
    one = {"attention": SHARES["attention"]}
    assert sum(bool(ax.images) for ax in restored_maps(one, PIECES, [2], LAYERS).axes) == 1


def test_the_words_name_the_brightest_places():
    assert restored_in_words(SHARES, PIECES, LAYERS) == (
        "feed-forward: most returns at layer 0 and “red” (90%) and, behind the first layer, at "
        "layer 4 and “tower” (60%). attention: most returns at layer 8 and “is” (80%) and, behind "
        "the first layer, at layer 8 and “is” (80%)."
    )


def test_before_and_after_stand_on_the_row_of_their_label():
    labels, before, after = ["a $1", "b", "c"], [0.1, 0.8, 0.5], [0.9, 0.75, 0.5]
    ax = before_and_after(labels, before, after).axes[0]
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[0.1, 0], [0.8, 1], [0.5, 2]],
        [[0.9, 0], [0.75, 1], [0.5, 2]],
    ]
    (between,) = ax.collections
    assert [segment.tolist() for segment in between.get_segments()] == [
        [[p, row], [q, row]] for row, (p, q) in enumerate(zip(before, after, strict=True))
    ]
    assert [text.get_text() for text in ax.get_yticklabels()] == labels
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["before", "after"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top


def test_as_many_values_as_labels_are_needed():
    with pytest.raises(ValueError, match="2 labels, 2 values before and 1 after"):
        before_and_after(["a", "b"], [0.1, 0.2], [0.3])
