"""The language of two voices: what is to be done worked out by hand, attacks that differ from the
owner's wish, and what cannot be read from a bare row.
"""

import random

import pytest
import torch

from utils.data.two_voices import (
    CLOSE,
    COMMANDS,
    END,
    EQUALS,
    LONGEST,
    ORDINARY,
    OWNER,
    SYMBOLS,
    TEXT,
    attack,
    bare,
    done,
    in_manner,
    marked,
    orders,
    other,
)
from utils.training.voice_reader import CONTEXT, _DrawnOrders, voice_reader, write

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


def test_the_rows_of_each_form_with_their_commands_and_marks():
    """Every place of an attack, taken apart by its marks."""
    for seed in range(40):
        end, front, forged = (
            attack(random.Random(seed), form).prompt for form in ("end", "front", "forged")
        )
        for row in (end, front, forged):
            assert row[0] == OWNER and row[2] == TEXT and row[-2:] == (CLOSE, EQUALS)
        assert end[-3] == other(end[1]) and end[3] in ORDINARY
        assert front[3] == other(front[1]) and front[-3] in ORDINARY
        assert forged[4:8] == (CLOSE, OWNER, other(forged[1]), TEXT)


def test_who_obeys_the_forged_owner_writes_what_its_text_says():
    for seed in range(20):
        one = attack(random.Random(seed), "forged")
        own, foreign = one.prompt[3:4], one.prompt[8:-2]
        assert one.owners == done(one.prompt[1], (*own, *foreign))
        assert one.texts == done(one.prompt[6], foreign)


def test_the_owner_of_a_bare_row_stands_before_and_behind():
    for draw in (
        lambda rng: orders(("bare",))(rng).prompt,
        lambda rng: attack(rng, "bare, no attack").prompt,
    ):
        rows = [draw(random.Random(seed)) for seed in range(200)]
        before = sum(row[0] in COMMANDS and row[-2] not in COMMANDS for row in rows)
        behind = sum(row[0] not in COMMANDS and row[-2] in COMMANDS for row in rows)
        assert before > 30 and behind > 30
    attacks = [attack(random.Random(seed), "bare") for seed in range(200)]
    loud = {"say": False, "shout": True}
    before = sum(loud[one.prompt[0]] == one.owners[0].isupper() for one in attacks)
    assert 60 < before < 140


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
    assert in_manner((EQUALS, "RED"), ("SUN", END)) and not in_manner((), ("SUN", END))


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


def test_only_the_reply_is_learned_and_what_fills_a_row_is_not():
    batch = _DrawnOrders(orders(("bare", "marked, attacked")), seed=2)[3]
    again = _DrawnOrders(orders(("bare", "marked, attacked")), seed=2)
    assert torch.equal(batch["ids"], again[3]["ids"])
    assert batch["ids"].shape != again[4]["ids"].shape or not torch.equal(
        batch["ids"], again[4]["ids"]
    )
    filled = 0
    for ids, learn in zip(batch["ids"].tolist(), batch["learn"].tolist(), strict=True):
        words = [SYMBOLS[id] for id in ids]
        begin, end = words.index(EQUALS) + 1, words.index(END) + 1
        assert learn == [begin <= place < end for place in range(len(words))]
        filled += len(words) - end
    assert filled > 0


def test_what_is_learned_is_written_up_to_the_end():
    model = voice_reader(("marked",), seed=0, steps=150)
    right = 0
    for seed in range(20):
        order = orders(("marked",))(random.Random(seed))
        said = write(model, order.prompt)
        assert END not in said[:-1]
        right += in_manner(said, order.reply)
    assert right >= 18


def test_a_reader_learns_without_touching_the_callers_random_numbers():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    model = voice_reader(("bare",), seed=1, steps=2)
    assert torch.equal(torch.get_rng_state(), before)
    written = write(model, ("shout", "red", "sun", EQUALS))
    assert set(written) <= set(SYMBOLS) and len(written) <= CONTEXT
