"""Explorers drawn beforehand: which settings are kept, and that each has its own picture."""

import itertools
import math
import re
from html import unescape

import ipywidgets as widgets
import pytest
import torch

from utils.widgets.explorer_frames import MOST, dial, frames_html, thinned
from utils.widgets.explorers import explorer


@pytest.mark.parametrize(
    ("control", "values", "words", "start"),
    [
        (widgets.IntSlider(5, min=1, max=9, step=2), (1, 3, 5, 7, 9), ("1", "3", "5", "7", "9"), 2),
        (
            widgets.FloatSlider(0.3, min=0.1, max=0.4, step=0.1),
            (0.1, 0.2, 0.3, 0.4),
            ("0.10", "0.20", "0.30", "0.40"),
            2,
        ),
        (
            widgets.FloatSlider(-60, min=-90, max=0, step=30, readout_format=".0f"),
            (-90, -60, -30, 0),
            None,
            1,
        ),
        (widgets.Dropdown(options=[8, 4, 2], value=4), (8, 4, 2), ("8", "4", "2"), 1),
        (
            widgets.Dropdown(options={"32 bits": 4, "8 bits": 1}, value=1),
            (4, 1),
            ("32 bits", "8 bits"),
            1,
        ),
        (
            widgets.SelectionSlider(options=[("a", 10), ("b", 20)], value=20),
            (10, 20),
            ("a", "b"),
            1,
        ),
        (widgets.Text("hello"), ("hello",), ("hello",), 0),
    ],
)
def test_what_a_control_may_be_set_to(control, values, words, start):
    found = dial("name", control)
    assert found.values == values and found.start == start and found.values[start] == control.value
    assert words is None or found.words == words
    assert found.label == "name"


def test_the_label_is_the_description():
    assert dial("n_bits", widgets.Dropdown(options=[1], description="bits")).label == "bits"


def test_sliders_are_thinned_first_and_keep_where_they_start():
    controls = {
        "kind": widgets.Dropdown(options=list("abcd"), value="c"),
        "long": widgets.IntSlider(13, min=0, max=29),
        "short": widgets.IntSlider(8, min=0, max=8),
    }
    dials = thinned([dial(*item) for item in controls.items()])
    assert 40 < math.prod(len(one.values) for one in dials) <= MOST
    assert dials[0].values == tuple("abcd")
    for one, control in zip(dials, controls.values(), strict=True):
        assert one.values[one.start] == control.value
        assert len(set(one.values)) == len(one.values) == len(one.words)
    for one in dials[1:]:
        assert one.values == tuple(sorted(one.values)) and one.words == tuple(map(str, one.values))
        assert one.values[0] == 0  # the ends stay
    assert dials[1].values[-1] == 29


def test_the_whole_is_kept_where_it_is_small_enough():
    dials = [
        dial("a", widgets.IntSlider(2, min=0, max=8)),
        dial("b", widgets.Dropdown(options=range(8))),
    ]
    assert thinned(dials, 72) == dials
    assert [len(one.values) for one in thinned(dials, 71)] == [8, 8]


def test_too_many_controls_are_refused():
    dials = [dial(str(i), widgets.Dropdown(options=[1, 2])) for i in range(4)]
    with pytest.raises(ValueError, match="4 controls have more than 15 combinations"):
        thinned(dials, 15)


def test_each_combination_has_the_picture_that_was_drawn_for_it():
    html = frames_html(
        lambda size, word: f"<b>{word} {size}</b>",
        300,
        {
            "size": widgets.IntSlider(2, min=1, max=3),
            "word": widgets.Dropdown(options=["<x>", "y"], value="y"),
        },
    )
    frames = dict(re.findall(r'<template data-at="([\d,]+)"><b>(.*?)</b></template>', html))
    assert frames == {
        f"{i},{j}": f"{word} {size}"
        for (i, size), (j, word) in itertools.product(enumerate((1, 2, 3)), enumerate(("<x>", "y")))
    }
    assert "<b>y 2</b></div>" in html and "--height:300" in html
    assert "<option>&lt;x&gt;</option><option selected>y</option>" in html
    assert 'type="range" min="0" max="2" value="1"' in html and '["1", "2", "3"]' in unescape(html)
    assert "one picture for each setting" in html


def test_what_is_left_out_is_said():
    controls = {
        "a": widgets.Text("<hi>", description="sentence"),
        "b": widgets.IntSlider(1, min=1, max=100, description="layer"),
        "c": widgets.Dropdown(options=[1, 2], description="kind"),
    }
    html = frames_html(lambda a, b, c: "", 10, controls)
    assert "<p>sentence: “&lt;hi&gt;”</p>" in html
    assert "A running notebook has more: other texts for sentence; more values for layer." in html


def test_an_explorer_draws_ahead_only_when_asked_and_disturbs_no_random_numbers(shown, monkeypatch):
    def drawn():
        torch.manual_seed(3)
        explorer(lambda a: f"{torch.rand(1).item():.4f}", 50, a=widgets.IntSlider(1, min=0, max=4))
        return torch.rand(1).item(), sum("glass-box-frames" in one["text/html"] for one in shown)

    plain, none = drawn()
    monkeypatch.setenv("GLASSBOX_FRAMES", "1")
    ahead, once = drawn()
    assert (none, once) == (0, 1) and plain == ahead


def test_an_error_ends_the_cell(shown, monkeypatch):
    monkeypatch.setenv("GLASSBOX_FRAMES", "1")
    with pytest.raises(ZeroDivisionError):
        explorer(lambda a: f"{1 / a:.2f}", 50, a=widgets.IntSlider(1, min=0, max=2))
    assert shown == []


def square_root(a):
    if a < 0:
        raise ValueError(f"{a} has no <root>; choose 0 or more.")
    return f"{a**0.5:.1f}"


def test_a_setting_that_makes_no_sense_has_a_sentence_for_a_picture():
    html = frames_html(square_root, 50, {"a": widgets.IntSlider(4, min=-1, max=4)})
    frames = re.findall(r'<template data-at="\d+">(.*?)</template>', html)
    assert "-1 has no &lt;root&gt;; choose 0 or more." in frames[0]
    assert frames[1:] == ["0.0", "1.0", "1.4", "1.7", "2.0"]


def test_where_it_starts_there_must_be_a_picture():
    with pytest.raises(ValueError, match="-1 has no <root>"):
        frames_html(square_root, 50, {"a": widgets.IntSlider(-1, min=-1, max=4)})
