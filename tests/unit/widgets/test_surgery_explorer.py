"""Surgery by hand: the order that is run, losses and continuations, and what is refused."""

import base64
import re

import pytest
import torch
from hand_made import fact_model, word_tokenizer

from utils.generation.decoding import generate
from utils.interpretability.block_surgery import read_texts, rearranged, text_losses
from utils.pictures.surgery_pictures import order_picture
from utils.widgets.surgery_explorer import surgery_explorer

TOK = word_tokenizer()
TEXTS = (" The red tower is in Paris", " The house is in Oslo")


def opened(model):
    row, picture = surgery_explorer(model, TOK, TEXTS, " The red tower is in").children
    return row.children, picture


def test_it_shows_what_the_changed_model_loses_and_writes():
    model = fact_model()
    (operation, first, last, _, button), picture = opened(model)
    operation.value, first.value, last.value = "skip", 1, 1
    button.click()
    ids, real = read_texts(TOK, TEXTS)
    with torch.no_grad():
        before, after = (
            text_losses(one(ids), ids, real) for one in (model, rearranged(model, [0, 2]))
        )
    assert f"goes from {before.mean():.2f} to {after.mean():.2f} nats" in picture.value
    written = generate(
        rearranged(model, [0, 2]), TOK, " The red tower is in", max_new_tokens=14, temperature=0
    )
    assert f"and now “{written}”" in picture.value.replace("&#x27;", "'").replace(
        "&quot;", '"'
    ).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    assert len(model.blocks) == 3


def test_nothing_runs_before_the_button_and_the_numbers_may_come_in_any_order():
    (operation, first, last, _, button), picture = opened(fact_model())
    before = picture.value
    operation.value, first.value, last.value = "reverse", 2, 0
    assert picture.value == before
    button.click()
    assert picture.value.startswith('<img alt="reverse 0 to 2:')


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        (" ", "the prompt is empty"),
        ("w" * 500, "500 characters; type at most 400"),
        ("w" * 70, "70 tokens; type at most 64"),
    ],
)
def test_a_prompt_that_does_not_fit_gets_a_sentence(prompt, sentence):
    (*_, field, button), picture = opened(fact_model())
    field.value = prompt
    button.click()
    assert sentence in picture.value


def test_a_model_without_any_block_gets_a_sentence():
    (operation, first, last, _, button), picture = opened(fact_model())
    operation.value, first.value, last.value = "skip", 0, 2
    button.click()
    assert "blocks 0 to 2 are all that the model has, so none would be left" in picture.value


def test_the_drawing_has_every_block_and_fills_those_that_were_touched():
    html = order_picture(
        [0, 3, 1, 1], 4, {1, 3}, "test", ([1.0], "a \U0001f600"), ([150.0], "w" * 90), "x"
    )
    drawn = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]).decode()
    assert drawn.count('fill="#E69F00"') == 3  # 3, 1 and 1
    assert drawn.count("stroke-dasharray") == 1  # 2 is left out
    assert "1.00 → 150.00" in drawn and "left out:" in drawn
