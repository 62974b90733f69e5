"""Pictures of heads: the numbers that were given stand where they belong."""

import pytest
import torch
from matplotlib.colors import to_hex

from utils.pictures.figures import BLUE, VERMILLION, img
from utils.pictures.head_pictures import (
    cut_dots,
    draw_joined_heads,
    estimates_beside_truth,
    head_maps,
)

ALT = "A picture of many heads, for a test."


def test_both_ways_of_joining_show_the_same_result_in_the_colours_of_the_heads():
    gathered = torch.tensor([[1.0, 2.0, -3.0], [0.5, 4.0, 5.0]])
    W_O = torch.randint(-4, 5, (2, 6), generator=torch.Generator().manual_seed(0)).float()
    (page,) = draw_joined_heads(gathered, W_O).axes
    written = [text.get_text() for text in page.texts]
    result = [f"{value:g}".replace("-", "−") for value in (W_O @ gathered.flatten()).tolist()]
    assert sum(written[at : at + 2] == result for at in range(len(written))) == 2
    # twice: the matrix, what the heads have gathered; and the result, which has no colour
    cells = page.patches
    assert len(cells) == 2 * (2 * 6 + 6 + 2)
    colours = {to_hex(cell.get_facecolor()) for cell in cells if cell.get_facecolor()[3]}
    assert len(colours) == 2


def test_a_drawing_of_other_heads_is_refused():
    with pytest.raises(ValueError, match="3 heads of 2 numbers and a matrix of"):
        draw_joined_heads(torch.ones(3, 2), torch.ones(2, 6))
    with pytest.raises(ValueError, match="2 heads of 2 numbers"):
        draw_joined_heads(torch.ones(2, 2), torch.ones(4, 3))


def test_maps_have_layers_from_left_to_right_and_frames_where_asked():
    maps = {name: torch.rand(7, 3) - 0.5 for name in ("one", "other")}
    fig = head_maps(maps, value="change", limit=0.25, signed=True, marked=[(5, 2)])
    panels = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title("left") for ax in panels] == ["one", "other"]
    for ax, values in zip(panels, maps.values(), strict=True):
        (image,) = ax.images
        assert torch.equal(torch.tensor(image.get_array().data), values.T)
        assert image.get_clim() == (-0.25, 0.25)
        (frame,) = ax.patches
        assert frame.get_xy() == (4.5, 1.5) and (frame.get_width(), frame.get_height()) == (1, 1)
    assert fig.axes[-1].get_ylabel() == "change"
    (only,) = [ax for ax in head_maps({"one": maps["one"]}, value="s").axes if ax.images]
    assert only.images[0].get_clim() == (0, 1) and not only.patches


def test_estimates_of_the_layers_apart_have_a_colour_of_their_own():
    estimate, truth = torch.rand(4, 3), torch.rand(4, 3)
    fig = estimates_beside_truth(estimate, truth, apart=[2], unit="nats")
    found = {to_hex(dots.get_facecolor()[0]): dots for dots in fig.axes[0].collections}
    for colour, layers in ((BLUE, [0, 1, 3]), (VERMILLION, [2])):
        points = torch.tensor(found[colour.lower()].get_offsets().data).float()
        expected = torch.stack([estimate[layers].flatten(), truth[layers].flatten()], dim=1)
        assert torch.allclose(points, expected)
    assert [text.get_text() for text in fig.axes[0].get_legend().get_texts()] == [
        "other layers",
        "layer 2",
    ]


def test_each_set_of_heads_has_a_row_with_a_point_for_each_draw():
    sets = {"five": torch.tensor([3.0]), "others": torch.tensor([1.0, 2.0, 1.5])}
    fig = cut_dots({"loss": sets, "change": sets}, {"loss": 0.5, "change": -1.0})
    for ax, line in zip(fig.axes, (0.5, -1.0), strict=True):
        rows = {int(dots.get_ydata()[0]): dots for dots in ax.lines if dots.get_marker() == "o"}
        assert [list(rows[row].get_xdata()) for row in (0, 1)] == [[3.0], [1.0, 2.0, 1.5]]
        assert [ax.lines[-1].get_xdata()[0]] == [line]
    assert [text.get_text() for text in fig.axes[0].get_yticklabels()] == ["five", "others"]
    assert ALT in img(fig, ALT)
