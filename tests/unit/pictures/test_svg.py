"""The drawing's small pieces: words are escaped and fit their room, and the sheet is well formed."""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from utils.pictures.svg import Svg, text_width


def drawn(svg):
    html = svg.img("A picture of a few words & boxes")
    assert 'alt="A picture of a few words &amp; boxes"' in html
    return ET.fromstring(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]).decode())


def test_words_that_look_like_tags_stay_words():
    svg = Svg(100, 50)
    svg.words(1, 2, '<b>&"\U0001f600')
    svg.box(0, 0, 3, 4, fill="#fff", dashed=True)
    svg.line([(0, 0), (5, 2.5)])
    (_, text, box, line) = list(drawn(svg))
    assert text.text == '<b>&"\U0001f600'
    assert box.get("stroke-dasharray") and line.get("points") == "0.0,0.0 5.0,2.5"


@pytest.mark.parametrize(("text", "pressed"), [("wide words " * 9, True), ("short", False)])
def test_only_words_that_are_too_wide_are_pressed_together(text, pressed):
    svg = Svg(200, 50)
    svg.words(0, 20, text, room=150)
    assert (drawn(svg)[1].get("textLength") == "150") is pressed


def test_a_text_is_as_wide_as_its_letters():
    assert text_width("wwww", 13) > 2 * text_width("iiii", 13) > 0
    assert text_width("abc", 26) == pytest.approx(2 * text_width("abc", 13), rel=0.1)
    assert text_width("\U0001f600", 13) > 0
