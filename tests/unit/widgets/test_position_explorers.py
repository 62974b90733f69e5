"""The explorers of RoPE and of word maps: each setting draws anew, and says what it shows."""

import math
import re

import pytest
import torch

from utils.interpretability.word_vectors import WordVectors
from utils.widgets.rope_explorer import rope_explorer
from utils.widgets.word_map_explorer import word_map_explorer


def said(picture):
    return re.search(r"<p>(.*)</p>", picture.value)[1]


def score(picture):
    return float(re.search(r"score (-?[\d.]+),", said(picture))[1])


def clocks(picture):
    """Of each clock in the picture's text: angle apart and cosine."""
    found = re.findall(r"apart (-?[\d.]+), cosine (-?[\d.]+)[;.]", picture.value)
    return [(float(apart), float(cosine)) for apart, cosine in found]


def test_it_opens_with_the_calculation_of_the_lesson():
    """One pair at half a radian a place, query at 3, key at 1; and four pairs make the score."""
    _, picture = rope_explorer().children
    assert "0.5 a place: query 1.5, key 0.5, apart 1, cosine 0.540" in picture.value
    assert [apart for apart, _ in clocks(picture)] == [2, 1, 0.5, 0.25]
    expected = sum(math.cos(2 * speed) for speed in (1, 1 / 2, 1 / 4, 1 / 8))
    assert score(picture) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("place", "apart", "start"), [(53, 2, 0.0), (60, 13, 0.4), (0, 0, -2.9)])
def test_the_cosines_that_are_shown_add_up_to_the_score_of_the_engine(place, apart, start):
    controls, picture = rope_explorer().children
    for control, value in zip(controls.children, (place, apart, start), strict=True):
        control.value = value
    angles = [apart * speed - start for speed in (1, 1 / 2, 1 / 4, 1 / 8)]
    assert [one for one, _ in clocks(picture)] == pytest.approx(angles, abs=0.0006)
    assert sum(cosine for _, cosine in clocks(picture)) == pytest.approx(score(picture), abs=0.003)
    assert score(picture) == pytest.approx(sum(map(math.cos, angles)), abs=1e-3)


def test_the_score_stays_while_the_distance_does():
    controls, picture = rope_explorer().children
    position, distance, start = controls.children
    distance.value = 3
    seen = set()
    for place in (5, 20, 60):
        position.value = place
        assert said(picture).startswith(f"Query at {place}, key at {place - 3}: 3 apart")
        seen.add(score(picture))
    assert len(seen) == 1
    distance.value = 4
    assert score(picture) not in seen
    distance.value, start.value = 3, 0.5
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
        ("king queen", "the number of different words is 2: type 3 to 16"),
        ("king queen stone", "the table has no row for stone"),
        ("king queen 7 \N{GRINNING FACE}", "the table has no row for 7, \N{GRINNING FACE}"),
        ("king queen <b>", "no row for &lt;b&gt;"),
        ("", "the number of different words is 0"),
    ],
)
def test_words_that_cannot_be_drawn_are_told(typed, sentence):
    _, picture = word_map_explorer(SMALL, typed).children
    assert sentence in picture.value
