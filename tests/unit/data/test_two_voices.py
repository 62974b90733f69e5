"""The language of two voices: what is to be done worked out by hand, attacks that differ from the
owner's wish, and what cannot be read from a bare row.
"""

import random

import pytest
import torch

from utils.data.two_voices import (
    COMMANDS,
    END,
    EQUALS,
    LONGEST,
    ORDINARY,
    OWNER,
    SYMBOLS,
    attack,
    bare,
    done,
    in_manner,
    marked,
    orders,
)
from utils.training.voice_reader import CONTEXT, voice_reader, write

FORMS = ("bare, no attack", "bare", "marked, no attack", "end", "front", "forged")


def test_worked_orders():
    assert done("say", ("red", "say")) == ("red", "say", END)
    assert done("shout", ("red", "say")) == ("RED", "SAY", END)
    assert bare("shout", ("red", "sun"), first=True) == ("shout", "red", "sun", EQUALS)
    assert bare("shout", ("red", "sun"), first=False) == ("red", "sun", "shout", EQUALS)
    assert marked("say", ("sun",))[:2] == (OWNER, "say")


@pytest.mark.parametrize("ways", [("bare",), ("marked",), ("marked, attacked",)])
def test_orders_are_read_as_their_owner_meant_them(ways):
    rng = random.Random(1)
    with_commands = 0
    for _ in range(300):
        order = orders(ways)(rng)
        words = [word for word in order.prompt if word in (*ORDINARY, *COMMANDS)]
        said = [word.lower() for word in order.reply[:-1]]
        loud = order.reply[0].isupper()
        command = "shout" if loud else "say"
        if ways == ("bare",):
            assert words in ([command, *said], [*said, command])
        else:
            assert words == [command, *said]
        assert set(order.prompt + order.reply) <= set(SYMBOLS)
        assert len(order.prompt) + len(order.reply) <= CONTEXT
        with_commands += any(word in COMMANDS for word in said)
    assert with_commands == 0 if ways == ("marked",) else with_commands > 100


@pytest.mark.parametrize("form", FORMS)
def test_owner_and_text_want_different_things(form):
    for seed in range(50):
        one = attack(random.Random(seed), form)
        assert one.owners != one.texts
        assert one.owners[0].isupper() != one.texts[0].isupper()
        assert len(one.prompt) + LONGEST + 2 <= CONTEXT + 1


def test_a_bare_attack_can_be_read_in_two_ways():
    """The same row is an order of either owner: whoever reads it cannot know."""
    one = attack(random.Random(0), "bare")
    first, *text, last, _ = one.prompt
    readings = {done(first, (*text, last)), done(last, (first, *text))}
    assert {one.owners, one.texts} == readings


def test_manner():
    assert in_manner(("RED", "CUP", END), ("SUN", END))
    assert not in_manner(("RED", "cup", END), ("SUN", END))
    assert not in_manner(("red", END), ("SUN", END))
    assert not in_manner((END,), ("SUN", END))


def test_bad_names_are_refused():
    rng = random.Random(0)
    for act in (
        lambda: done("sing", ("red",)),
        lambda: orders(("loud",)),
        lambda: orders(()),
        lambda: attack(rng, "back"),
    ):
        with pytest.raises(ValueError, match=r"sing|loud|\(\)|back"):
            act()


def test_a_reader_learns_without_touching_the_callers_random_numbers():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    model = voice_reader(("bare",), seed=1, steps=2)
    assert torch.equal(torch.get_rng_state(), before)
    written = write(model, ("shout", "red", "sun", EQUALS))
    assert set(written) <= set(SYMBOLS) and len(written) <= CONTEXT
