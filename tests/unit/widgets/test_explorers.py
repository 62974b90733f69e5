"""Explorers: the picture follows the controls, and an error stands where the picture was."""

import re

import ipywidgets
import torch

from utils.text.fast_tokenizer import FastTokenizer
from utils.text.vocabulary import Vocabulary
from utils.widgets.explorers import explorer, next_token_picture


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


def test_the_next_token_picture_says_what_temperature_does():
    tok = FastTokenizer(Vocabulary(tuple(bytes([b]) for b in range(256)), ()))
    logits = torch.zeros(256)
    logits[ord("q")] = 6.0
    alts = [next_token_picture(tok, logits, "abc", t, candidates=3) for t in (0.5, 1.0, 2.0)]
    of_q = [float(re.search(r"tokens are q ([0-9.]+)", alt)[1]) for alt in alts]
    expected = [torch.softmax(logits.double() / t, 0)[ord("q")].item() for t in (0.5, 1.0, 2.0)]
    assert [round(p, 2) for p in expected] == of_q
