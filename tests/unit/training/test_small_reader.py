"""The small GPT of chapter 07: what it reads, and what it must not read."""

import numpy as np
import torch

from utils.data.shakespeare import play
from utils.training.config import TrainConfig
from utils.training.small_reader import (
    BATCH,
    CONTEXT,
    held_out_loss,
    new_reader,
    reading,
    train_reader,
    windows,
)

TEXT = reading(("macbeth",))


def test_the_text_is_cut_in_two_and_can_be_read_back():
    ids = np.concatenate([TEXT.train, TEXT.held_out])
    assert "".join(TEXT.characters[id] for id in ids) == play("macbeth")
    assert len(TEXT.train) == len(ids) * 9 // 10


def test_a_seed_says_weights_and_batches_and_leaves_other_random_numbers_alone():
    torch.manual_seed(3)
    first = torch.rand(2)
    torch.manual_seed(3)
    one, same, other = (new_reader(TEXT, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(2), first)
    assert torch.equal(one.embed.weight, same.embed.weight)
    assert not torch.equal(one.embed.weight, other.embed.weight)
    a, b = (windows(one, TEXT, seed)[0]["ids"] for seed in (1, 2))
    assert a.shape == (BATCH, CONTEXT + 1) and not torch.equal(a, b)


def test_training_lowers_the_loss_on_unread_text():
    model = new_reader(TEXT, seed=1)
    before = held_out_loss(model, TEXT)
    assert abs(before - np.log(len(TEXT.characters))) < 0.1  # blind guessing
    history = train_reader(model, TEXT, TrainConfig(steps=12, learning_rate=0.01), seed=1)
    assert len(history.losses) == 12 and held_out_loss(model, TEXT) < before - 0.3
