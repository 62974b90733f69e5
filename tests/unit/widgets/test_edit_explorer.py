"""The edit of a fact of one's own: pictures of both states, a sentence for what cannot be edited."""

import re

import pytest
import torch
from hand_made import fact_model, word_tokenizer

from utils.interpretability.rank_one_edit import edit_fact
from utils.widgets import edit_explorer as module
from utils.widgets.edit_explorer import edit_explorer, edit_picture, edit_verdict

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


def test_an_edit_that_does_not_come_first_is_called_failed():
    model, tok = fact_model(), word_tokenizer()
    good = edit_fact(model, tok, PROMPT, "tower", " Rome", layer=1, steps=60, rate=1.0)
    weak = edit_fact(model, tok, PROMPT, "tower", " Rome", layer=1, steps=1, rate=0.001)
    assert "The edit works: “Rome” comes first" in edit_verdict(model, tok, good, PROMPT, "Rome")
    paris = float(model(torch.tensor([tok.encode(PROMPT)]))[0, -1].softmax(-1).max())
    failed = edit_verdict(model, tok, weak, PROMPT, "Rome")
    assert "The edit failed: after it “Paris” comes first" in failed and "not “Rome”" in failed
    assert float(re.search(r"probability ([0-9.]+),", failed)[1]) == pytest.approx(paris, abs=0.02)
    assert not good.applied and not weak.applied


def test_what_is_too_long_is_refused_before_a_search_begins(monkeypatch):
    searched = []

    def search(*asked, steps):
        searched.append(asked[2:])
        raise ValueError("no edit was searched for")

    monkeypatch.setattr(module, "edit_fact", search)
    tok = word_tokenizer()
    row, picture = edit_explorer(fact_model(), tok).children
    assert searched == [("The Eiffel Tower is in the city of", "Eiffel Tower", " Rome")]
    *fields, button = row.children
    start = [field.value for field in fields]
    for place, text, sentence in (
        (0, "Tower " * 30, f"has {len(tok.encode('Tower ' * 30)) - 1} tokens; give one of 1 to 64"),
        (0, "The Eiffel Tower " * 300, "5099 characters; give one of at most 600"),
        (0, "", "the text '' has 0 tokens; give one of 1 to 64"),
        (2, " ", "the new answer '' has 0 tokens; give one of 1 to 8"),
        (2, "Rome, or Oslo", "tokens; give one of 1 to 8"),
        (3, "w" * 601, "601 characters"),
    ):
        fields[place].value = text
        button.click()
        assert sentence in picture.value.replace("&#x27;", "'") and len(searched) == 1, text
        fields[place].value = start[place]


def test_new_words_wait_for_the_button(monkeypatch):
    searched = []

    def search(*asked, steps):
        searched.append(asked[2:])
        raise ValueError("none")

    monkeypatch.setattr(module, "edit_fact", search)
    row, _ = edit_explorer(fact_model(), word_tokenizer()).children
    prompt, subject, target, _, button = row.children
    prompt.value, subject.value, target.value = "The house is in", "house", "Oslo"
    assert len(searched) == 1
    button.click()
    assert searched[1:] == [("The house is in", "house", " Oslo")]
