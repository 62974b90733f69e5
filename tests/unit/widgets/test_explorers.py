"""Explorers: the picture follows the controls, and an error stands where the picture was."""

import re

import ipywidgets
import pytest
import torch
from hand_made import fact_model, word_tokenizer

from utils.text.fast_tokenizer import FastTokenizer
from utils.text.vocabulary import Vocabulary
from utils.widgets.explorers import (
    explorer,
    explorer_with_button,
    next_token_picture,
    remembered_logits,
)


def test_the_picture_follows_every_control():
    box = explorer(
        lambda a, b: f"{a} and {b}", 50, a=ipywidgets.IntSlider(3), b=ipywidgets.Text("x")
    )
    controls, picture = box.children
    assert picture.value == "3 and x"
    controls.children[0].value = 7
    controls.children[1].value = "y"
    assert picture.value == "7 and y"


def test_an_error_stands_in_the_cell_and_the_next_move_mends_it():
    box = explorer(lambda a: f"{1 / a:.2f}", 50, a=ipywidgets.IntSlider(2))
    controls, picture = box.children
    controls.children[0].value = 0
    assert "ZeroDivisionError" in picture.value
    controls.children[0].value = 4
    assert picture.value == "0.25"


def test_what_the_reader_gave_wrongly_is_a_sentence_without_the_name_of_an_exception():
    def draw(a):
        raise ValueError(f"a is {a} <b>; give 3.")

    _, picture = explorer(draw, 50, a=ipywidgets.IntSlider(2)).children
    assert ">a is 2 &lt;b&gt;; give 3.<" in picture.value and "Error:" not in picture.value


def with_button(draw):
    """The controls, the button and the picture of an explorer with two controls."""
    box = explorer_with_button(
        draw, 50, "Go", "Busy now.", a=ipywidgets.IntSlider(3), b=ipywidgets.Text("x")
    )
    (a, b, button), picture = box.children[0].children, box.children[1]
    return a, b, button, picture


def test_with_a_button_nothing_is_drawn_before_a_click():
    drawn = []
    a, b, button, picture = with_button(lambda a, b: drawn.append((a, b)) or f"{a} and {b}")
    assert drawn == [(3, "x")] and button.description == "Go"
    a.value, b.value = 7, "y"
    assert drawn == [(3, "x")] and picture.value == "3 and x"
    button.click()
    assert drawn == [(3, "x"), (7, "y")] and picture.value == "7 and y"


def test_while_it_works_a_sign_stands_there_and_the_button_rests():
    seen = []

    def draw(a, b):
        if widgets:
            seen.append((widgets[3].value, widgets[2].disabled))
        if b == "wrong":
            raise ValueError("give another b.")
        return f"{a} and {b}"

    widgets = []
    widgets += with_button(draw)
    _, b, button, picture = widgets
    button.click()
    b.value = "wrong"
    button.click()
    for sign, disabled in seen:
        assert "Busy now." in sign and "and x" not in sign and 'role="status"' in sign and disabled
    assert len(seen) == 2 and "give another b." in picture.value and not button.disabled


def test_the_last_picture_is_kept_and_not_that_work_goes_on(shown, monkeypatch):
    kept = []
    monkeypatch.setattr(
        "utils.pictures.html_panels.update_display",
        lambda bundle, raw, display_id: kept.append(bundle["text/html"]),
    )
    a, _, button, _ = with_button(lambda a, b: f"<i>{a} and {b}</i>")
    assert "<i>3 and x</i>" in shown[-1]["text/html"] and not kept
    a.value = 7
    button.click()
    assert len(kept) == 1 and "<i>7 and x</i>" in kept[0] and "run this cell again" in kept[0]


def test_an_interrupt_stops_the_work_and_is_told():
    def draw(a, b):
        if a == 7:
            raise KeyboardInterrupt
        return f"{a} and {b}"

    a, _, button, picture = with_button(draw)
    a.value = 7
    with pytest.raises(KeyboardInterrupt):
        button.click()
    assert "Stopped." in picture.value and "Busy" not in picture.value and not button.disabled
    a.value = 8
    button.click()
    assert picture.value == "8 and x"


def test_a_prompt_is_read_once_and_neither_empty_nor_endless():
    model, tok = fact_model(), word_tokenizer()
    read, kept = [], model.next_logits
    model.next_logits = lambda ids: read.append(ids.tolist()) or kept(ids)
    last_logits = remembered_logits(model, tok)
    with torch.no_grad():
        expected = model(torch.tensor([tok.encode(" The house is in")]))[0, -1]
    for _ in range(2):
        torch.testing.assert_close(last_logits(" The house is in"), expected)
    for prompt, sentence in (("", "empty"), ("a" * 1001, "1001 characters; type at most 1000")):
        with pytest.raises(ValueError, match=sentence):
            last_logits(prompt)
    assert read == [[tok.encode(" The house is in")]]


def test_the_next_token_picture_says_what_temperature_does():
    tok = FastTokenizer(Vocabulary(tuple(bytes([b]) for b in range(256)), ()))
    logits = torch.zeros(256)
    logits[ord("q")] = 6.0
    alts = [next_token_picture(tok, logits, "abc", t, candidates=3) for t in (0.5, 1.0, 2.0)]
    of_q = [float(re.search(r"tokens are q ([0-9.]+)", alt)[1]) for alt in alts]
    expected = [torch.softmax(logits.double() / t, 0)[ord("q")].item() for t in (0.5, 1.0, 2.0)]
    assert [round(p, 2) for p in expected] == of_q
