"""The explorer of sampling: what it says is left agrees with a count by hand."""

import re

import pytest
import torch
from scripted import Bigram, letters

from utils.widgets.sampler_explorer import sampler_explorer

P = torch.tensor([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])  # after any token


@pytest.fixture
def explorer():
    model = Bigram(P.log().expand(6, 6).clone())
    controls, picture = sampler_explorer(model, letters(6), "ab").children
    names = ("prompt", "temperature", "top_k", "top_p", "min_p", "warm_first")
    return dict(zip(names, controls.children, strict=True)), picture


def left_and_held(picture):
    found = re.search(r"(\d+) of 6 tokens are left; they had ([\d.]+)% of", picture.value)
    return int(found[1]), float(found[2])


@pytest.mark.parametrize(
    ("settings", "left", "held"),
    [
        ({}, 6, 100.0),
        ({"top_k": 5}, 5, 96.0),
        ({"top_p": 0.6}, 2, 65.0),
        ({"min_p": 0.2}, 4, 90.0),
        # roots of the probabilities: 0.632, 0.5, 0.387, 0.316, 0.245, 0.2; a third of 0.632 is 0.21
        ({"temperature": 2.0, "min_p": 0.34}, 5, 91.2),
        # cut first: a third of 0.4 is 0.136; then the roots of three are left, of 2.281 in all
        ({"temperature": 2.0, "min_p": 0.34, "warm_first": False}, 3, 66.6),
    ],
)
def test_it_says_how_many_tokens_are_left_and_what_they_had(explorer, settings, left, held):
    controls, picture = explorer
    for name, value in settings.items():
        controls[name].value = value
    n_left, share = left_and_held(picture)
    assert n_left == left
    assert share == pytest.approx(held, abs=0.051)


def test_what_is_left_is_drawn_with_probabilities_that_sum_to_one(explorer):
    controls, picture = explorer
    controls["top_p"].value = 0.6
    assert "drawn with a 0.615, b 0.385, c 0.000" in picture.value  # 0.4 / 0.65


def test_the_words_for_who_cannot_see_it_follow_every_control(explorer):
    controls, picture = explorer
    values = [1.5, 40, 0.95, 0.3, False]
    for name, value in zip(list(controls)[1:], values, strict=True):
        before = picture.value
        controls[name].value = value
        assert picture.value != before, name
    controls["prompt"].value = "c"
    said = "After “c”, temperature 1.5 after the cuts, top-k 40, top-p 0.95, min-p 0.30: "
    assert said in picture.value


def test_an_empty_prompt_gets_a_sentence(explorer):
    controls, picture = explorer
    controls["prompt"].value = ""
    assert "the prompt is empty; type at least one character." in picture.value
