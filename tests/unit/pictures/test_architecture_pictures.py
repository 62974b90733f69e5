"""Pictures of architectures: what is drawn is what was given, and what is said of it."""

from datetime import date

import pytest
import torch

from utils.data.architecture_history import HISTORY, KINDS, year_of
from utils.data.dates import write_date
from utils.model.masks import causal_mask, prefix_mask
from utils.pictures.architecture_pictures import (
    alignment_map,
    learning_curves,
    lit_source,
    mask_pictures,
    picture_patches,
    recall_by_distance,
    timeline,
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
    figure, alt = recall_by_distance({"b": {1: [0.2, 0.4], 9: [0.6, 1.0]}}, chance=0.1)
    points = figure.axes[0].lines[0].get_xydata().tolist()
    assert points == [[1, pytest.approx(0.3)], [9, pytest.approx(0.8)]]
    assert "b 0.30 and 0.80" in alt


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


def test_every_milestone_stands_in_its_column():
    figure, alt = timeline(HISTORY)
    points = [
        tuple(line.get_xydata()[0]) for line in figure.axes[0].lines if len(line.get_xydata()) == 1
    ]
    assert points == [(KINDS.index(one.kind), row) for row, one in enumerate(HISTORY)]
    assert "counting from 1951" in alt


def test_the_history_is_in_order_and_each_has_a_source():
    years = [one.year for one in HISTORY]
    assert years == sorted(years) and len({one.name for one in HISTORY}) == len(HISTORY)
    for one in HISTORY:
        assert one.kind in KINDS
        if one.source.startswith("arXiv:"):
            assert 2000 + int(one.source[6:8]) == one.year, one
        else:
            assert one.source
    assert year_of("LSTM") == 1997
    with pytest.raises(ValueError, match="'GRU' is not in the history"):
        year_of("GRU")


def test_patches_are_the_picture_in_reading_order():
    picture = torch.arange(64.0).view(8, 8)
    patches = picture.unfold(0, 4, 4).unfold(1, 4, 4).flatten(0, 1).flatten(1)
    figure, alt = picture_patches(picture, patches)
    drawn = torch.from_numpy(figure.axes[1].images[0].get_array().filled(-1.0))
    for place in range(4):
        down, along = divmod(place, 2)
        found = drawn[down * 5 : down * 5 + 4, along * 5 : along * 5 + 4]
        assert torch.equal(found, picture[down * 4 :, along * 4 :][:4, :4].double().to(found.dtype))
    assert "cut into 4 patches of 4 by 4" in alt


def test_the_drawing_of_the_two_ways_is_told():
    figure, alt = translator_figure()
    assert len(figure.axes) == 2 and "one vector" in alt and img(figure, alt)
