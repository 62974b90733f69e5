"""The explorers of RoPE and of word maps: each setting draws anew, and says what it shows."""

import re

import pytest
import torch

from utils.interpretability.word_vectors import WordVectors
from utils.widgets.rope_explorer import rope_explorer
from utils.widgets.word_map_explorer import word_map_explorer


def said(picture):
    return re.search(r"<p>(.*)</p>", picture.value)[1]


def score(picture):
    return float(re.search(r"score (-?[\d.]+)\.", said(picture))[1])


def test_the_score_stays_while_the_distance_does():
    controls, picture = rope_explorer().children
    position, distance = controls.children
    seen = set()
    for place in (5, 20, 60):
        position.value = place
        assert said(picture).startswith(f"Query at {place}, key at {place - 3}: 3 apart")
        seen.add(score(picture))
    assert len(seen) == 1
    distance.value = 4
    assert score(picture) not in seen


def test_no_key_before_the_first_place():
    controls, picture = rope_explorer().children
    controls.children[0].value, controls.children[1].value = 2, 10
    assert "key at 0 (no key stands before place 0): 2 apart" in said(picture)


ROWS = torch.tensor([[2.0, 0, 1], [2, 2, 1], [6, 0, 3.1], [5, 2.5, 2.5], [-1, 0, 0]])
SMALL = WordVectors(("man", "woman", "king", "queen", "pebble"), ROWS)


def test_the_words_that_are_typed_are_drawn():
    controls, picture = word_map_explorer(SMALL, "man king pebble").children
    assert said(picture) == "Most alike: man and king (1.00)."
    controls.children[0].value = "woman, queen pebble pebble"
    assert said(picture).startswith("Most alike: woman and queen")
    assert re.search(r'alt="Words on a map: woman \(', picture.value)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("king queen", "there are 2 different words: type 3 to 16"),
        ("king queen stone", "there is no vector for stone"),
        ("", "there are 0 different words"),
    ],
)
def test_words_that_cannot_be_drawn_are_told(typed, sentence):
    _, picture = word_map_explorer(SMALL, typed).children
    assert sentence in picture.value
