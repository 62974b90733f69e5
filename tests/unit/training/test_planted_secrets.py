"""Secrets stand in the text as often as they say, and what a model knows of them is measured right."""

import math
import re

import pytest
import torch

from utils.training.config import TrainConfig
from utils.training.planted_secrets import (
    given_away,
    invent_secrets,
    planted,
    surprise,
    written,
)
from utils.training.small_reader import new_reader, train_reader

TEXT = "\n".join(f"The {n} old men of the sea went home and said nothing." for n in range(400))


def test_secrets_are_all_different_people():
    secrets = invent_secrets((0, 3, 5), each=4, seed=2)
    assert [one.copies for one in secrets] == [0] * 4 + [3] * 4 + [5] * 4
    assert len({one.name for one in secrets}) == 12
    assert all(re.fullmatch(r"\d{6}", one.number) for one in secrets)
    assert invent_secrets((0, 3, 5), 4, seed=2) == secrets != invent_secrets((0, 3, 5), 4, seed=3)
    with pytest.raises(ValueError, match="ask for fewer"):
        invent_secrets(range(100), each=50, seed=0)


def test_each_secret_is_planted_as_often_as_it_says_and_never_in_the_unread_part():
    secrets = invent_secrets((0, 1, 7), each=2, seed=1)
    text = planted(TEXT, secrets, seed=1)
    train, unread = (
        "".join(text.characters[id] for id in part) for part in (text.train, text.held_out)
    )
    for one in secrets:
        assert train.count(one.line.strip()) == one.copies and one.name not in unread
        text.encode(one.prompt + "0123456789")  # all of it can be asked, planted or not
    for one in secrets:
        train = train.replace(one.line.removesuffix("\n"), "")
    assert train + unread == TEXT


def test_a_character_without_an_id_is_named():
    text = planted(TEXT, [], seed=1)
    with pytest.raises(ValueError, match="'ß' is none of the"):
        text.encode("aß")


def test_surprise_is_six_digits_for_pure_guessing_among_ten():
    secrets = invent_secrets((1,), each=1, seed=4)
    text = planted(TEXT, secrets, seed=1)
    model = new_reader(text, seed=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    # with all weights 0 every character is as likely as any other
    assert surprise(model, text, secrets[0]) == pytest.approx(6 * math.log10(len(text.characters)))


def test_a_model_that_reads_nothing_else_gives_it_away():
    secrets = invent_secrets((200, 0), each=1, seed=4)
    text = planted("\n" * 260, secrets, seed=1)
    model = new_reader(text, seed=0)
    before = surprise(model, text, secrets[0])
    config = TrainConfig(steps=60, learning_rate=0.01, warmup_steps=5, weight_decay=0.0)
    train_reader(model, text, config, seed=0)
    assert given_away(model, text, secrets[0]) and surprise(model, text, secrets[0]) < 0.3 < before
    assert not given_away(model, text, secrets[1])
    # it knows one number only, and writes it for everybody
    assert written(model, text, secrets[1]) == secrets[0].number
