"""The plays: cut out of one file, whole and without anything else."""

from itertools import pairwise

import pytest

from utils.assets.cache import fetch
from utils.data import shakespeare
from utils.data.shakespeare import TITLES, play, plays

LINES = {
    "hamlet": "To be, or not to be,--that is the question:--",
    "macbeth": "Is this a dagger which I see before me,",
    "othello": "It is the cause, it is the cause, my soul,--",
    "romeo_and_juliet": "O Romeo, Romeo! wherefore art thou Romeo?",
    "king_lear": "Blow, winds, and crack your cheeks! rage! blow!",
    "henry_vi_part_2": "The first thing we do, let's kill all the lawyers.",
    "tempest": "We are such stuff",
    "winters_tale": "[Exit, pursued by a bear.]",
}


@pytest.fixture(scope="module")
def whole():
    return fetch("shakespeare").read_bytes().decode("ascii")


@pytest.fixture(scope="module")
def texts():
    return {name: play(name) for name in plays()}


@pytest.mark.parametrize("name", LINES)
def test_famous_lines_stand_in_their_play_only(name, texts):
    assert [one for one, text in texts.items() if LINES[name] in text] == [name]


def test_there_are_37_plays_in_order():
    assert len(plays()) == 37
    assert plays() == sorted(plays())


@pytest.mark.parametrize("name", plays())
def test_a_play_is_one_whole_work(name, whole, texts):
    """From its title to the last line before the next work, which is what remains of the file."""
    text = texts[name]
    assert text.startswith(f"{TITLES[name]}\n\nby William Shakespeare\n")
    assert text.count("by William Shakespeare") == 1 and len(text) > 80_000
    assert "\r" not in text and "gutenberg" not in text.lower()
    assert text.endswith("\n") and text == text.strip() + "\n"
    before, after = whole.split(text.strip())
    assert not before.strip() or before.endswith("\n\n\n\n")
    assert not after.strip() or after.strip().split("\n\n")[0].split("\nby")[0].isupper()


def test_no_part_of_a_play_is_in_another(whole, texts):
    places = sorted((whole.index(text.strip()), len(text)) for text in texts.values())
    assert all(start + length <= following for (start, length), (following, _) in pairwise(places))


def test_line_ends_of_any_kind_become_line_feeds(tmp_path, monkeypatch):
    made_up = "MACBETH\n\nby William Shakespeare\n\n\n\nThunder.\nExeunt.\n\n\n\n\nTHE SONNETS\nby William Shakespeare\n\nI\n"
    path = tmp_path / "plays.txt"
    path.write_bytes(made_up.replace("\n", "\r\n").encode())
    monkeypatch.setattr(shakespeare, "fetch", {"shakespeare": path}.__getitem__)
    assert play("macbeth") == "MACBETH\n\nby William Shakespeare\n\n\n\nThunder.\nExeunt.\n"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Hamlet", "did you mean hamlet?"),
        ("HAMLET", "did you mean hamlet?"),
        ("hamlt", "did you mean hamlet?"),
        ("Romeo and Juliet", "did you mean romeo_and_juliet?"),
        ("romeo", "did you mean romeo_and_juliet?"),
        ("lear", "did you mean king_lear?"),
        ("richard", "did you mean richard_ii or richard_iii?"),
        ("sonnets", r"plays\(\) lists the names"),
        ("", r"plays\(\) lists the names"),
    ],
)
def test_an_unknown_name_gets_near_ones(name, near, monkeypatch):
    # nothing is fetched for a name that does not exist
    monkeypatch.setattr(shakespeare, "fetch", None)
    with pytest.raises(ValueError, match=f"there is no play called '{name}': {near}"):
        play(name)
