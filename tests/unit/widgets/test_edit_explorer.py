"""The edit of a fact of one's own: pictures of both states, a sentence for what cannot be edited."""

import re

import pytest
import torch
from hand_made import fact_model, word_tokenizer

from utils.interpretability.rank_one_edit import edit_fact
from utils.widgets import edit_explorer as module
from utils.widgets.edit_explorer import edit_explorer, edit_picture

PROMPT, OTHER = " The red tower is in", " The house is in"


def test_both_texts_are_asked_before_and_after_the_edit(monkeypatch):
    model, tok = fact_model(), word_tokenizer()
    edit = edit_fact(model, tok, PROMPT, "tower", " Rome", layer=1, steps=60, rate=1.0)
    asked = {}
    kept = module.bars

    def watched(words, probabilities, *, title, ax):
        asked[title] = words[0], probabilities[0]
        return kept(words, probabilities, title=title, ax=ax)

    monkeypatch.setattr(module, "bars", watched)
    html = edit_picture(model, tok, edit, PROMPT, OTHER, "Rome")
    assert re.search(r'alt="[^"]*red tower[^"]*house[^"]*Rome', html)
    for title, (word, p) in asked.items():
        when, text = title.split("\n")
        if when == "after":
            edit.apply()
        expected = model(torch.tensor([tok.encode(text)]))[0, -1].softmax(-1)
        if when == "after":
            edit.undo()
        assert p == pytest.approx(float(expected.max()), rel=1e-4)
        assert word == tok.decode([int(expected.argmax())])
    assert asked[f"before\n{PROMPT}"][0] == " Paris" and asked[f"after\n{PROMPT}"][0] == " Rome"
    assert asked[f"after\n{OTHER}"][0] == " Oslo"
    assert not edit.applied


def test_a_long_prompt_is_refused_before_a_search_begins(monkeypatch):
    searched = []

    def search(*asked, steps):
        searched.append(asked[2:])
        raise ValueError("no edit was searched for")

    monkeypatch.setattr(module, "edit_fact", search)
    box = edit_explorer(fact_model(), word_tokenizer())
    assert searched == [("The Eiffel Tower is in the city of", "Eiffel Tower", " Rome")]
    controls, picture = box.children
    controls.children[0].value = "The Eiffel Tower " * 300
    assert "give one of 1 to 64" in picture.value and len(searched) == 1
    controls.children[0].value = ""
    assert "has 0 tokens" in picture.value and len(searched) == 1
