"""Models that are asked beyond the length of their training: shapes, and what a stretch changes."""

import math

import pytest
import torch

from utils.training.batches import RandomWindows
from utils.training.long_reader import (
    loss_by_position,
    loss_of_last,
    new_long_reader,
    stretched,
    train_long_reader,
)
from utils.training.losses import cross_entropy
from utils.training.small_reader import reading


@pytest.fixture(scope="module")
def text():
    return reading()


@pytest.mark.parametrize("position", ["learned", "sinusoid", "rope", "none"])
def test_same_seed_same_model_and_a_loss_for_each_place(text, position):
    before = torch.random.get_rng_state()
    model, again = (new_long_reader(text, position, seed=3) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(map(torch.equal, model.parameters(), again.parameters()))
    losses = loss_by_position(model, text)
    assert losses.shape == (255,)
    assert float(losses.mean()) == pytest.approx(math.log(len(text.characters)), rel=0.1)


def test_places_are_those_of_the_text(text):
    """The first 20 places of a long window are what a short one gives."""
    model = new_long_reader(text, "rope", seed=1)
    ids = RandomWindows(text.held_out, 255, 128, seed=0)[0]["ids"][:, :21]
    with torch.no_grad():
        expected = cross_entropy(model(ids[:, :-1]), ids[:, 1:])
    assert float(loss_by_position(model, text)[:20].mean()) == pytest.approx(
        float(expected), rel=1e-4
    )


def test_training_lowers_the_loss(text):
    model = new_long_reader(text, "none", seed=2)
    before = loss_by_position(model, text)[:63].mean()
    train_long_reader(model, text, seed=2, steps=30, rate=0.01)
    assert loss_by_position(model, text)[:63].mean() < before - 0.5


def test_a_stretched_model_has_the_same_weights_and_other_turns(text):
    model = new_long_reader(text, "rope", seed=1)
    longer = stretched(model, 4)
    assert longer.config.rope_stretch == 4 and model.config.rope_stretch == 1
    assert all(map(torch.equal, model.parameters(), longer.parameters()))
    torch.nn.init.zeros_(longer.embed.weight)
    assert model.embed.weight.abs().max() > 0


def test_a_reader_of_the_last_characters_begins_anew_at_every_place(text):
    """Two places by hand, and a count that cuts nothing gives what is read in one go."""
    model = new_long_reader(text, "learned", seed=1)
    losses = loss_of_last(model, text, 7)
    assert losses.shape == (255,)
    ids = RandomWindows(text.held_out, 255, 128, seed=0)[0]["ids"]
    for place in (30, 254):
        read = ids[:, place - 6 : place + 1]
        with torch.no_grad():
            logp = model(read)[:, -1].log_softmax(dim=-1)
        expected = -logp[torch.arange(len(ids)), ids[:, place + 1]].mean()
        assert float(losses[place]) == pytest.approx(float(expected), rel=1e-4)
    torch.testing.assert_close(losses[:7], loss_by_position(model, text)[:7], rtol=1e-4, atol=0)
    assert not torch.allclose(losses[7:], loss_by_position(model, text)[7:], rtol=1e-4)


def test_nothing_to_read_is_refused(text):
    with pytest.raises(ValueError, match="count is 0"):
        loss_of_last(new_long_reader(text, "none", seed=1), text, 0)
