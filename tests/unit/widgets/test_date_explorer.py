"""The explorer of alignment: what it says of a date, and of what is none."""

import re

import pytest
import torch

from utils.data.dates import read_date
from utils.predecessors.translation import new_date_transformer, translate
from utils.predecessors.translation_alignment import cross_patterns
from utils.widgets.date_explorer import date_explorer


@pytest.fixture(scope="module")
def model():
    return new_date_transformer(seed=2)  # untrained: it writes something, and looks somewhere


def test_each_character_lights_what_the_model_looks_at(model):
    text = "1987, March 7"
    box, picture = date_explorer(model, text).children
    (iso,) = translate(model, [text])
    pattern = cross_patterns(model, [text], [iso])[0]
    for character in (1, 6, 10):
        box.children[1].value = character
        alt = re.search(r'alt="([^"]*)"', picture.value)[1]
        place = int(pattern[character - 1].argmax())
        assert alt.startswith(f"For character {character} of {iso}")
        assert f"most at character {place + 1} of {text}" in alt
    assert f"becomes {iso}, which is wrong: the date is 1987-03-07" in picture.value


def test_a_right_translation_is_called_right(model):
    class Knowing(type(model)):
        def forward(self, source, real, target):
            right = read_date("7. 3. 1987").iso
            from utils.predecessors.translation import encode_targets

            super().forward(source, real, target)
            rows = encode_targets([right] * len(source))[:, 1 : 1 + target.shape[1]]
            return torch.nn.functional.one_hot(rows, model.config.vocab_size).float()

    knowing = Knowing(model.config)
    _, picture = date_explorer(knowing, "7. 3. 1987").children
    assert "becomes 1987-03-07, which is right." in picture.value


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "There is nothing to translate"),
        ("no date", "is in none of the five formats"),
        ("31 February 2001", "There is no day 31 in February 2001"),
        ("📅", "is in none of the five formats"),
        ("<b>7</b>", "&lt;b&gt;"),
    ],
)
def test_what_is_no_date_is_told_in_a_sentence(model, typed, sentence):
    box, picture = date_explorer(model).children
    box.children[0].value = typed
    assert sentence in picture.value and "<img" not in picture.value
    assert "Error" not in picture.value
    box.children[0].value = "7 March 1987"
    assert "<img" in picture.value
