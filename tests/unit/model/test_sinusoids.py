"""Positions that are added or not there at all: worked numbers, other ways, and what they do."""

import math

import pytest
import torch

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.rotary import rope_rotation
from utils.model.sinusoids import sinusoids
from utils.model.weight_counts import weight_count


def test_number_by_number():
    positions = torch.tensor([[0, 1, 7], [300, 2, 5]])
    found = sinusoids(positions, 6)
    assert found.shape == (2, 3, 6)
    for row, column in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 2)):
        p = int(positions[row, column])
        for place in range(6):
            angle = p / 10_000 ** (2 * (place // 2) / 6)
            expected = (math.cos if place % 2 else math.sin)(angle)
            assert float(found[row, column, place]) == pytest.approx(expected, abs=1e-4)


def test_a_shift_is_a_turn():
    """The products of two rows depend on their distance only (Vaswani et al., section 3.5)."""
    rows = sinusoids(torch.tensor([[3, 10, 103, 110]]), 16)[0].double()
    assert float(rows[0] @ rows[1]) == pytest.approx(float(rows[2] @ rows[3]), abs=1e-4)


def small(position: str, **changes: object) -> GPT:
    torch.manual_seed(1)
    sizes = {"vocab_size": 11, "context_length": 12, "n_layer": 2, "n_head": 2, "d_model": 8}
    model = GPT(GPTConfig.llama(**sizes, position=position, **changes)).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return model


def test_sinusoids_are_added_to_an_enlarged_embedding():
    model, ids = small("sinusoid"), torch.tensor([[4, 2, 4]])
    entered = []
    model.blocks[0].register_forward_pre_hook(lambda _, given: entered.append(given[0]))
    model(ids)
    expected = model.embed(ids) * 8**0.5 + sinusoids(torch.tensor([[0, 1, 2]]), 8)
    torch.testing.assert_close(entered[0], expected)


def test_without_positions_the_last_token_of_one_layer_sees_a_set():
    model = small("none")
    one_layer = GPT(GPTConfig.llama(**{**vars(model.config), "n_layer": 1}))
    one_layer.load_state_dict(model.state_dict(), strict=False)
    as_is, exchanged = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[2, 1, 3, 4]])
    same = one_layer(as_is)[0, -1] - one_layer(exchanged)[0, -1]
    differs = model(as_is)[0, -1] - model(exchanged)[0, -1]
    assert same.abs().max() < 1e-5 < 1e-3 < differs.abs().max()


@pytest.mark.parametrize("position", ["sinusoid", "none", "rope"])
def test_a_cache_changes_nothing(position):
    model, ids = small(position), torch.tensor([[1, 2, 3, 4, 5]])
    cache = model.new_cache(1, 5)
    model(ids[:, :3], cache=cache)
    torch.testing.assert_close(model(ids[:, 3:], cache=cache), model(ids)[:, 3:])


@pytest.mark.parametrize("position", ["sinusoid", "none"])
def test_neither_has_weights(position):
    model = small(position)
    assert weight_count(model.config) == sum(p.numel() for p in model.parameters())
    assert weight_count(model.config) == weight_count(small("rope").config)


def test_a_stretch_divides_the_positions():
    far, near = torch.tensor([[8, 40]]), torch.tensor([[2, 10]])
    stretched = rope_rotation(far, 8, 100.0, stretch=4.0)
    assert torch.equal(stretched, rope_rotation(near, 8, 100.0))
    model, wide = small("rope"), small("rope", rope_stretch=2.0)
    wide.load_state_dict(model.state_dict())
    ids = torch.tensor([[1, 2, 3, 4]])
    assert (model(ids) - wide(ids)).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"position": "sinusoid", "d_model": 9, "n_head": 3}, "sinusoids come in pairs"),
        ({"rope_stretch": 0.0}, "give a number above 0"),
    ],
)
def test_what_cannot_be_is_refused(changes, sentence):
    sizes = {"vocab_size": 11, "context_length": 12, "n_layer": 2, "n_head": 2, "d_model": 8}
    with pytest.raises(ValueError, match=sentence):
        GPTConfig.llama(**{**sizes, **changes})
