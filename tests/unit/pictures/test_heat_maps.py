"""Heat maps: every value where it belongs, what is not allowed marked and explained, labels as
text.
"""

import itertools

import pytest
import torch
from contrast import contrast
from matplotlib.colors import to_rgb

from utils.pictures.figures import img, new_figure
from utils.pictures.heat_maps import attention_map, heat_map

ALT = "The last token looks at the first, all others at themselves."
PIECES = ["The", " cat", " $at", "\n"]
PATTERN = torch.tensor(
    [[1.0, 0, 0, 0], [0.3, 0.7, 0, 0], [0.1, 0.4, 0.5, 0], [0.05, 0.15, 0.55, 0.25]]
)


def test_a_pattern_is_drawn_with_its_rows_as_queries():
    ax = attention_map(PATTERN, PIECES, title="Layer 3, head 1").axes[0]
    drawn = ax.images[0].get_array()
    for query in range(4):
        for key in range(4):
            assert drawn.mask[query, key] == (key > query)
            if key <= query:
                assert float(drawn[query, key]) == pytest.approx(float(PATTERN[query, key]))
    labels = ["The", "␣cat", "␣$at", "⏎"]
    assert (
        [t.get_text() for t in ax.get_yticklabels()]
        == [t.get_text() for t in ax.get_xticklabels()]
        == labels
    )
    assert (
        "query" in ax.get_ylabel()
        and "key" in ax.get_xlabel()
        and ax.get_title("left") == "Layer 3, head 1"
    )
    top, bottom = (ax.transData.transform((0, row))[1] for row in (0, 3))
    assert top > bottom


def test_numbers_stand_in_the_allowed_cells():
    ax = attention_map(PATTERN, PIECES).axes[0]
    numbers = {tuple(map(int, text.get_position())): text.get_text() for text in ax.texts}
    assert numbers[(0, 3)] == "0.05" and numbers[(2, 3)] == "0.55" and numbers[(0, 0)] == "1.00"
    assert set(numbers) == {(key, query) for query in range(4) for key in range(query + 1)}
    assert not attention_map(torch.eye(13), ["a"] * 13).axes[0].texts


@pytest.mark.parametrize("value", [i / 20 for i in range(21)])
def test_numbers_can_be_read(value):
    ax = heat_map(torch.tensor([[value]]), ["a"], ["b"]).axes[0]
    paper = ax.images[0].cmap(ax.images[0].norm(value))
    in_hex = "#" + "".join(f"{round(255 * part):02x}" for part in paper[:3])
    ink = "#" + "".join(f"{round(255 * part):02x}" for part in to_rgb(ax.texts[0].get_color()))
    assert contrast(ink, in_hex) >= 4


def test_what_is_not_allowed_is_hatched_and_explained():
    ax = attention_map(PATTERN, PIECES).axes[0]
    assert (
        ax.patch.get_hatch()
        and ax.get_legend().get_texts()[0].get_text() == "not allowed: a later token"
    )
    assert ax.get_legend().get_patches()[0].get_hatch() == ax.patch.get_hatch()
    assert heat_map(PATTERN, PIECES, PIECES).axes[0].get_legend() is None


def test_the_colour_bar_says_what_the_numbers_are():
    fig = heat_map(torch.tensor([[-2.0, 5.0]]), ["a"], ["b", "c"], value="nats", limits=(-3, 6.5))
    bar = fig.axes[1]
    assert bar.get_ylabel() == "nats" and bar.get_ylim() == (-3, 6.5)
    assert [text.get_text() for text in fig.axes[0].texts] == ["−2", "5"]  # all are whole
    fig = heat_map(torch.tensor([[-2.0, 0.5]]), ["a"], ["b", "c"])
    assert [text.get_text() for text in fig.axes[0].texts] == ["−2.00", "0.50"]


def test_more_rows_than_columns_and_an_axes_of_ones_own():
    fig, axes = new_figure(3, columns=2)
    assert (
        heat_map(torch.rand(30, 5), [str(i) for i in range(30)], list("abcde"), ax=axes[1]) is fig
    )
    assert axes[1].images[0].get_array().shape == (30, 5) and not axes[0].images


@pytest.mark.parametrize("count", [28, 32])
def test_many_tokens_fit_and_their_labels_do_not_touch(count):
    pieces = [f" token{i}" for i in range(count)]
    fig = attention_map(torch.eye(count), pieces, title="$5 or $6")
    img(fig, ALT)
    for axis in ("x", "y"):
        labels = getattr(fig.axes[0], f"get_{axis}ticklabels")()
        spans = sorted(
            getattr(label.get_window_extent(), f"interval{axis}").tolist() for label in labels
        )
        assert len(spans) == count and all(
            one[1] <= two[0] + 0.5 for one, two in itertools.pairwise(spans)
        )


@pytest.mark.filterwarnings("error")
def test_odd_labels_are_drawn_as_text():
    odd = ["$100", "$x^2$", "中文", "\x00", "🙂"]
    img(attention_map(torch.eye(5), odd), ALT)


@pytest.mark.parametrize(
    ("rows", "columns", "says"),
    [(3, 5, "2 rows of 5, but there are 3 labels"), (2, 4, "4 for columns"), (2, 33, "up to 32")],
)
def test_labels_that_do_not_fit(rows, columns, says):
    values = torch.zeros(2, 33 if columns == 33 else 5)
    with pytest.raises(ValueError, match=says):
        heat_map(values, ["a"] * rows, ["b"] * columns)
