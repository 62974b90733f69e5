"""Facts that a prompt tells: what stands in it, and what the model is asked."""

import pytest

from utils.interpretability.told_facts import answered, other_text, told_facts

LANDS = [("France", "Paris"), ("Peru", "Lima"), ("Norway", "Oslo"), ("Gabon", "Libreville")]


def test_each_land_is_told_and_asked_as_is_said():
    for place, (land, capital) in enumerate(LANDS):
        asked = f"The capital of {land} is"
        nothing = told_facts(LANDS, "nothing")[place]
        assert nothing == (asked, capital, capital)
        right = told_facts(LANDS, "right")[place]
        assert right == (f"{asked} {capital}. {asked}", capital, capital)
        other = LANDS[(place + 1) % 4][1]
        wrong = told_facts(LANDS, "wrong", between="And so on.")[place]
        assert wrong == (f"{asked} {other}. And so on. {asked}", capital, other)
        others = told_facts(LANDS, "others")[place]
        assert land not in others.prompt.removesuffix(asked) and others.prompt.count(".") == 2
        assert capital not in others.prompt
    with pytest.raises(ValueError, match="2 lands with 'right'"):
        told_facts(LANDS[:2], "right")
    with pytest.raises(ValueError, match="'half'"):
        told_facts(LANDS, "half")


def test_truth_and_told_are_asked_for_apart(smollm2):
    model, tok = smollm2
    facts = told_facts(LANDS, "wrong")
    truths, as_told = answered(model, tok, facts, at_once=3)
    apart = [answered(model, tok, [fact]) for fact in facts]
    for place in range(4):
        assert truths[place].log_p == pytest.approx(apart[place][0][0].log_p, rel=1e-3)
        assert as_told[place].log_p == pytest.approx(apart[place][1][0].log_p, rel=1e-3)
        assert truths[place].log_p != as_told[place].log_p
    # just before the question hardly a text says it again
    right = told_facts(LANDS, "right", between=other_text(tok, 100))
    same = answered(model, tok, right)
    assert same[0] == same[1] and all(one.right for one in same[0])


def test_other_text_is_as_long_as_asked_and_on_no_capital(smollm2):
    _, tok = smollm2
    text = other_text(tok, 150)
    assert 140 <= len(tok.encode(text)) <= 152 and "capital" not in text
    assert text.endswith(".") and other_text(tok, 0) == ""
