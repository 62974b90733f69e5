"""Conversations with a note: who says the name, and what is asked."""

import pytest

from utils.data.pet_notes import PETS, WAYS, conversation


def said(pet, way):
    return " ".join(one["content"] for one in conversation(pet, way))


@pytest.mark.parametrize("pet", PETS)
def test_the_name_stands_there_only_with_a_note(pet):
    assert [pet in said(pet, way) for way in WAYS] == [False, True, True, True]


def test_who_speaks_and_what_is_asked():
    roles = {way: [one["role"] for one in conversation("Rex", way)] for way in WAYS}
    assert roles["no note"] == roles["own words"] == ["user"]
    assert roles["note"] == roles["note, asked for a cat"] == ["system", "user"]
    asked = {way: conversation("Rex", way)[-1]["content"] for way in WAYS}
    assert [("cat" in text, "dog" in text) for text in asked.values()] == [
        (False, True),
        (False, True),
        (False, True),
        (True, False),
    ]
    assert all(text.endswith("?") for text in asked.values())
    assert len(set(PETS)) == 12


def test_another_way_is_refused():
    with pytest.raises(ValueError, match="no way 'telepathy'"):
        conversation("Rex", "telepathy")
