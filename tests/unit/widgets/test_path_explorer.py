"""The step-through drawing: stations by buttons and list, texts that do not fit, a changed model."""

import base64
import re

import pytest
import torch
from hand_made import fact_model, word_tokenizer

from utils.interpretability.forward_path import forward_path
from utils.pictures.path_drawing import MOST_TOKENS, STATIONS, path_picture
from utils.widgets import path_explorer as module
from utils.widgets.path_explorer import path_explorer

TOK = word_tokenizer()
TEXT = " The red tower is in"


def opened(model=None, **settings):
    """The controls, the buttons and the picture of an explorer."""
    box = path_explorer(model or fact_model(), TOK, TEXT, layer=1, **settings)
    controls, buttons, picture = box.children
    return controls.children, buttons.children, picture


def svg(html):
    return base64.b64decode(re.search(r"svg\+xml;base64,([^\"]+)", html)[1]).decode()


@pytest.mark.parametrize("station", STATIONS)
def test_each_station_is_drawn_with_its_number(station):
    path = forward_path(fact_model(), TOK, TEXT)
    html = path_picture(path, station, 1, 0)
    place = list(STATIONS).index(station) + 1
    assert f"{place} of 15: {station}" in svg(html)
    assert html.startswith(f'<img alt="Station {place}, {station}, block 1, head 0')


def test_the_numbers_are_those_of_the_model():
    path = forward_path(fact_model(), TOK, TEXT)
    weights = path.at(2, "attn.pattern")[0, -1]
    assert f"{weights.max():.2f}" in svg(path_picture(path, "pattern", 2, 0))
    assert f"P {path.likeliest[0][1]:.3f}" in svg(path_picture(path, "logits"))
    before, after = path.stream(1, "resid.mid").norm(), path.stream(1).norm()
    drawn = svg(path_picture(path, "feed-forward added", 1))
    assert f"length {before:.1f}" in drawn and f"length {after:.1f}" in drawn
    assert all(f"{id:,}" in svg(path_picture(path, "tokens")) for id in path.ids)


def test_next_and_back_go_round_all_stations():
    (_, station, *_), (back, forth, _), picture = opened()
    seen = []
    for _ in STATIONS:
        seen.append(station.value)
        before = picture.value
        forth.click()
        assert picture.value != before
    assert seen == list(STATIONS) and station.value == seen[0]
    back.click()
    assert station.value == seen[-1]


def test_append_writes_the_likeliest_token_and_goes_on():
    (text, *_), (*_, more), picture = opened(station="next token")
    more.click()
    assert text.value == f"{TEXT} Paris" and "Paris" in picture.value


def test_every_text_runs_the_model_once_and_a_changed_weight_is_noticed(monkeypatch):
    runs = []
    monkeypatch.setattr(module, "forward_path", lambda *a: runs.append(a[2]) or forward_path(*a))
    model = fact_model()
    (text, station, layer, _), _, picture = opened(model)
    station.value, layer.value = "logits", 2
    assert runs == [TEXT] and "Paris" in picture.value
    with torch.no_grad():
        model.blocks[1].mlp.down.weight.zero_()
    layer.value = 0
    assert runs == [TEXT, TEXT]
    text.value = " The house is in"
    assert runs[2:] == [" The house is in"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the text is empty; type at least one character"),
        ("Tower " * 60, "has 360 characters; type at most 300"),
        ("w" * (MOST_TOKENS + 1), f"has {MOST_TOKENS + 1} tokens, and the drawing has room"),
    ],
)
def test_a_text_that_does_not_fit_gets_a_sentence_and_append_leaves_it(text, sentence):
    (field, *_), (*_, more), picture = opened()
    field.value = text
    assert sentence in picture.value
    more.click()
    assert field.value == text
    field.value = TEXT
    assert picture.value.startswith("<img")


def test_what_is_not_there_is_refused():
    path = forward_path(fact_model(), TOK, TEXT)
    for wrong, words in (
        (("mask",), "no station 'mask'; choose one of tokens"),
        (("tokens", 3), "there is no layer 3"),
        (("tokens", 0, 1), "no head 1: give one from 0 to 0"),
    ):
        with pytest.raises(ValueError, match=words):
            path_picture(path, *wrong)


def test_a_long_text_is_drawn_with_its_many_tokens():
    path = forward_path(fact_model(), TOK, "w" * MOST_TOKENS)
    for station in STATIONS:
        heights = [
            float(y)
            for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"', svg(path_picture(path, station)))
        ]
        assert max(heights) < 600, station
