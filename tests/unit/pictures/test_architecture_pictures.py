"""Pictures of architectures: what is drawn is what was given, and what is said of it."""

from datetime import date

import pytest
import torch

from utils.data.dates import write_date
from utils.model.masks import causal_mask, prefix_mask
from utils.pictures.architecture_pictures import (
    alignment_map,
    learning_curves,
    lit_source,
    mask_pictures,
    picture_patches,
    shares_by_distance,
    slope_panels,
    translator_figure,
)
from utils.pictures.figures import img


def test_curves_are_the_points():
    steps, seconds = {"a": [(0, 0.1), (5, 0.9)]}, {"a": [(0, 0.1), (2.5, 0.9)]}
    figure, alt = learning_curves(steps, seconds, chance=0.1)
    for ax, curves in zip(figure.axes, (steps, seconds), strict=True):
        assert [tuple(point) for point in ax.lines[0].get_xydata()] == curves["a"]
        assert list(ax.lines[1].get_ydata()) == [0.1, 0.1]
    assert "a 0.90 after 5 steps" in alt and img(figure, alt)


def test_distances_have_the_mean_of_the_seeds():
    figure, alt = shares_by_distance({"b": {1: [0.2, 0.4], 9: [0.6, 1.0]}}, chance=0.1)
    points = figure.axes[0].lines[0].get_xydata().tolist()
    assert points == [[1, pytest.approx(0.3)], [9, pytest.approx(0.8)]]
    assert "b 0.30 and 0.80" in alt
    assert [text.get_text() for text in figure.axes[0].texts] == ["guessing"]
    assert figure.axes[0].get_xlabel().startswith("symbols back")


def test_slopes_have_a_panel_for_each_state():
    fresh, later = {"b": {0: [0.2, 0.4], 9: [1e-6, 3e-6]}}, {"b": {0: [1.0, 1.0], 9: [0.1, 0.3]}}
    figure, alt = slope_panels({"fresh": fresh, "later": later})
    for ax, expected in zip(figure.axes, ([0.3, 2e-6], [1.0, 0.2]), strict=True):
        points = ax.lines[0].get_xydata()
        assert list(points[:, 0]) == [0, 9] and list(points[:, 1]) == pytest.approx(expected)
        assert ax.get_yscale() == "log" and ax.get_ylim() == figure.axes[0].get_ylim()
    assert "fresh, b 0.3 and 2e-06; later, b 1 and 0.2" in alt and img(figure, alt)


def test_five_networks_have_five_slopes():
    figure, _ = slope_panels(
        {"fresh": {name: {0: [1.0], 1: [0.1]} for name in "abcde"}, "late": {}}
    )
    assert [line.get_label() for line in figure.axes[0].lines] == [*"abcde"]


def test_open_squares_are_blue_and_closed_ones_hatched():
    masks = {"one": causal_mask(3, 3)[0, 0], "two": prefix_mask(2, 3)[0, 0]}
    figure, alt = mask_pictures(masks, ["a", "b", "c"])
    for ax, mask in zip(figure.axes, masks.values(), strict=True):
        for patch in ax.patches:
            key, query = (int(corner) for corner in patch.get_xy())
            assert (patch.get_hatch() is None) == bool(mask[query, key])
        assert len(ax.patches) == 9
    assert "one: 6 of 9 open; two: 7 of 9 open" in alt


WRITTEN = write_date(date(1987, 3, 7), "7 March 1987")


def test_frames_stand_around_what_decides():
    pattern = torch.rand(10, 14, generator=torch.Generator().manual_seed(0))
    figure, alt = alignment_map(pattern, WRITTEN, WRITTEN.iso)
    frames = {
        (round(patch.get_x() + 0.5), round(patch.get_y() + 0.5))
        for patch in figure.axes[0].patches
        if not patch.get_fill()
    }
    assert frames == {(x, y) for y, places in enumerate(WRITTEN.sources) for x in places}
    place = int(pattern[0, :12].argmax())
    assert f"1 at {WRITTEN.text[place]!r}" in alt


def test_lit_characters_are_as_dark_as_their_share():
    weights = torch.zeros(14)
    weights[2], weights[9] = 0.7, 0.3
    figure, alt = lit_source(weights, WRITTEN.text, WRITTEN.iso, 5)
    shades = [patch.get_alpha() for patch in figure.axes[0].patches if patch.get_fill()]
    assert shades == pytest.approx(weights[:12].tolist())
    assert "most at character 3 of 7 March 1987, 'M', with 70%" in alt


def test_patches_are_the_picture_in_reading_order():
    picture = torch.arange(64.0).view(8, 8)
    patches = picture.unfold(0, 4, 4).unfold(1, 4, 4).flatten(0, 1).flatten(1)
    figure, alt = picture_patches(picture, patches)
    right = figure.axes[1]
    assert len(right.images) == len(right.patches) == 4
    assert [text.get_text() for text in right.texts] == ["1", "2", "3", "4"]
    for place, (image, frame) in enumerate(zip(right.images, right.patches, strict=True)):
        down, along = divmod(place, 2)  # 2 by 2 in the picture, and all in one line on the right
        drawn = torch.from_numpy(image.get_array().filled(-1.0)).float()
        assert torch.equal(drawn, picture[down * 4 :, along * 4 :][:4, :4])
        left, _, _, top = image.get_extent()
        assert (left, top) == frame.get_xy() == (place, 0)
        assert image.get_clim() == (0, 63)
    assert "cut into 4 patches of 4 by 4" in alt


def test_the_drawing_of_the_two_ways_is_told():
    figure, alt = translator_figure()
    assert len(figure.axes) == 2 and "one vector" in alt and img(figure, alt)
