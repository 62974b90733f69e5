"""The explorers of the chapter on using models: every control changes the picture, and what cannot be
read becomes a sentence.
"""

import re

import pytest
import torch

from utils.pictures.using_pictures import answers_after, parts_html, patch_row, ratings_figure
from utils.tools.tool_loop import Part
from utils.training.picture_writer import new_picture_writer
from utils.widgets.passage_explorer import passage_explorer
from utils.widgets.picture_explorer import SEVEN, picture_explorer, picture_words, read_strokes


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
    _, said = answers_after({"none": {"right": 0.5, "misled": 0.25, "other": 0.25}}, "false")
    assert "none: 50% right, 25% false" in said
    assert "16 patches of 7 by 7" in patch_row(torch.rand(784))[1]
    history = torch.tensor([[1000.0, 1000.0], [1016.0, 984.0]])
    assert "x: A 1016, B 984" in ratings_figure({"x": history}, ("A", "B"))[1]


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
