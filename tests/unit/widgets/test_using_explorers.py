"""The explorers of the chapter on using models: every control changes the picture, and what cannot be
read becomes a sentence.
"""

import re

import pytest
import torch

from utils.pictures.using_pictures import (
    answers_after,
    followed_figure,
    parts_html,
    patch_row,
    ratings_figure,
    wave_figure,
    years_figure,
)
from utils.tools.tool_loop import Part
from utils.training.picture_writer import new_picture_writer
from utils.widgets.passage_explorer import after_passage, passage_explorer
from utils.widgets.picture_explorer import (
    SEVEN,
    drawn,
    picture_explorer,
    picture_words,
    read_strokes,
)


def controls(box):
    """The widgets above the picture, by their words, and the picture."""
    row, picture = box.children[-2:] if len(box.children) > 1 else box.children
    return {child.description: child for child in row.children}, picture


def test_each_control_changes_the_picture():
    named, picture = controls(picture_explorer(new_picture_writer(seed=0)))
    assert set(named) == {"strokes", "pen, in pixels", "patches in a wrong order"}
    for name, value in (
        ("pen, in pixels", 5.0),
        ("patches in a wrong order", True),
        ("strokes", "14,4 14,24"),
    ):
        before = picture.value
        named[name].value = value
        assert picture.value != before, name
    named["strokes"].value = "a line"
    assert "is no stroke" in picture.value


@pytest.mark.parametrize(
    ("text", "strokes"),
    [
        (SEVEN, [[(6, 6), (21, 6), (12, 23)]]),
        ("1,2; 3,4.5 5,6", [[(1, 2)], [(3, 4.5), (5, 6)]]),
        ("0,28 28,0", [[(0, 28), (28, 0)]]),
    ],
)
def test_strokes_are_read(text, strokes):
    assert read_strokes(text) == strokes


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "1,2;", "a,b", "1;2", "29,1", "-1,4"])
def test_what_is_no_stroke_is_refused(text):
    with pytest.raises(ValueError, match=r"is no stroke|leaves the paper"):
        read_strokes(text)


def test_too_many_corners_are_refused():
    with pytest.raises(ValueError, match="more than 40 corners"):
        read_strokes(" ".join(["1,1"] * 41))


def test_the_word_is_escaped_and_said():
    html = picture_words(new_picture_writer(seed=0), SEVEN, 3.0, shuffle=False)
    assert len(re.findall("<img", html)) == 2 and "It writes <b>" in html


def test_pictures_say_in_words_what_they_show():
    html, text = parts_html("1 < 2?", [Part("CALC(1)=", "model"), Part("1", "CALC")])
    assert "1 &lt; 2?" in html and "glass-box-pieces" in html
    assert text.splitlines() == ["prompt: '1 < 2?'", "model: 'CALC(1)='", "CALC: '1'"]
    assert "16 patches of 7 by 7" in patch_row(torch.rand(784))[1]
    history = torch.tensor([[1000.0, 1000.0], [1016.0, 984.0]])
    assert "x: A 1016, B 984" in ratings_figure({"x": history}, ("A", "B"))[1]


def test_bars_of_answers_stand_behind_each_other():
    one, two = ({"right": r, "misled": 0.25, "other": 0.75 - r} for r in (0.5, 0.1))
    figure, said = answers_after(
        {"large": {"none": one, "lie": two}, "small": {"none": two}}, "false"
    )
    assert "large, none: 50% right, 25% false" in said and "small, none: 10% right" in said
    large, small = figure.axes
    bars = [[(bar.get_x(), bar.get_width()) for bar in box] for box in large.containers]
    assert bars == [
        [pytest.approx((0, 50)), pytest.approx((0, 10))],
        [pytest.approx((50, 25)), pytest.approx((10, 25))],
        [pytest.approx((75, 25)), pytest.approx((35, 65))],
    ]
    assert len(small.containers[0]) == 1
    assert [ax.get_title(loc="left") for ax in (large, small)] == ["large", "small"]


def test_a_digit_is_cut_between_its_patches_and_they_stand_upright():
    image = torch.arange(784.0) / 784
    figure, _ = patch_row(image)
    whole, *patches = figure.axes
    cuts = {line.get_xdata()[0] for line in whole.lines if len(set(line.get_xdata())) == 1}
    assert cuts == {6.5, 13.5, 20.5} and len(patches) == 16
    square = image.view(28, 28)
    for number, ax in enumerate(patches):
        row, column = divmod(number, 4)
        expected = square[7 * row : 7 * row + 7, 7 * column : 7 * column + 7]
        assert torch.equal(torch.tensor(ax.images[0].get_array().data), expected)


def test_each_player_has_a_curve_of_its_own():
    histories = {"a": torch.tensor([[1000.0, 1000.0, 1000.0], [1016.0, 984.0, 1000.0]])}
    (ax,) = ratings_figure(histories, ("A", "B", "C"))[0].axes
    assert [line.get_ydata()[-1] for line in ax.lines[:3]] == [1016, 984, 1000]


def test_a_sound_and_its_copy_are_drawn_frame_by_frame():
    wave, copy = torch.linspace(-1, 1, 60), torch.linspace(1, -1, 60)
    figure, said = wave_figure(wave, copy, frame=10, frames=3)
    curves, cuts = figure.axes[0].lines[:2], figure.axes[0].lines[2:]
    for line, sound in zip(curves, (wave, copy), strict=True):
        assert line.get_ydata().tolist() == pytest.approx(sound[:30].tolist())
    assert [line.get_xdata()[0] for line in cuts] == [10, 20]
    assert "3 frames of 10 samples" in said


def test_a_column_for_each_year():
    chances = torch.tensor([0.1, 0.3, 0.2])
    figure, said = years_figure(chances, first=2019)
    columns = figure.axes[0].patches
    assert [round(one.get_x() + one.get_width() / 2) for one in columns] == [2019, 2020, 2021]
    assert [one.get_height() for one in columns] == pytest.approx(chances.tolist())
    assert "2019 to 2021" in said and "the highest is 2020 with 0.300" in said


def test_each_seed_has_its_mark():
    figure, said = followed_figure({"a": ([0.5, 0.75], [0.25, 0.25]), "b": ([1.0], [0.0])})
    owner, text = (marks.get_offsets() for marks in figure.axes[0].collections)
    assert owner[:, 0].tolist() == [50, 75, 100] and text[:, 0].tolist() == [25, 25, 0]
    assert owner[:, 1].round().tolist() == text[:, 1].round().tolist() == [0, 0, 1]
    assert "a: the owner 50 to 75, the text 25; b: the owner 100, the text 0" in said


def test_the_still_picture_is_that_of_the_explorer(smollm2):
    lie = "The capital of Germany is Madrid."
    _, said = after_passage(*smollm2, "Germany", lie)
    _, picture = controls(passage_explorer(*smollm2))
    first = re.search(r"likeliest tokens are (\S+ \d\.\d+)", picture.value)[1]
    assert first in said
    assert after_passage(*smollm2, "France", lie)[1] != said
    with pytest.raises(ValueError, match="none of the countries"):
        after_passage(*smollm2, "Atlantis", lie)


def test_a_shuffled_picture_is_another_one_and_drawn_strokes_are_centred():
    writer = new_picture_writer(seed=0)
    plain, pieces = (picture_words(writer, SEVEN, 3.0, shuffle=one) for one in (False, True))
    assert plain.count("<img") == 2 and plain.split("<img")[1] != pieces.split("<img")[1]
    assert plain.split("<img")[2] != pieces.split("<img")[2]
    image = drawn(SEVEN).view(28, 28)
    rows = torch.arange(28.0) @ image.sum(dim=1) / image.sum()
    assert float(rows) == pytest.approx(13.5, abs=1)


def test_passage_and_country_change_the_picture(smollm2):
    named, picture = controls(passage_explorer(*smollm2))
    assert set(named) == {"passage", "country"}
    assert "The capital of Germany is" in picture.value
    for name, value in (("passage", "It rains."), ("country", "France")):
        before = picture.value
        named[name].value = value
        assert picture.value != before, name
    assert "The capital of France is" in picture.value
    with pytest.raises(ValueError, match="none of the countries"):
        passage_explorer(*smollm2, country="Atlantis")
