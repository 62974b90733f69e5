import math

import pytest
import torch
from small_gpt import END, small_gpt

from utils.alignment.replies import pack
from utils.alignment.reward_model import (
    ScalarGPT,
    bradley_terry_loss,
    ranking_accuracy,
    rewards,
    standardize,
)

PROMPTS, REPLIES = [[1, 2, 3], [5], [2, 2]], [[6, END], [3, 1, 0, END], [END]]


@torch.no_grad()
def test_the_reward_is_read_at_the_last_token_whatever_the_padding():
    model = ScalarGPT(small_gpt(1))
    together = rewards(model, pack(PROMPTS, REPLIES))
    for row, (prompt, reply) in enumerate(zip(PROMPTS, REPLIES, strict=True)):
        hidden = model.gpt.hidden(torch.tensor([prompt + reply]))[0, -1]
        assert float(together[row]) == pytest.approx(
            (hidden @ model.head.weight[0] + model.head.bias).item(), rel=1e-3
        )


def test_the_copy_learns_alone():
    gpt = small_gpt(1)
    before = gpt.embed.weight.clone()
    model = ScalarGPT(gpt)
    with torch.no_grad():
        model.gpt.embed.weight.zero_()
    assert torch.equal(gpt.embed.weight, before)


def test_standardize_keeps_the_order():
    model, batch = (
        ScalarGPT(small_gpt(1)),
        pack(PROMPTS * 2, [*REPLIES, [1, END], [6], [0, 0, 0, 0]]),
    )
    before = rewards(model, batch)
    standardize(model, batch)
    after = rewards(model, batch)
    assert float(after.mean()) == pytest.approx(0, abs=1e-5) and float(
        after.std()
    ) == pytest.approx(1, rel=1e-4)
    assert torch.equal(before.argsort(), after.argsort())
    with torch.no_grad():
        model.head.weight.zero_()
    with pytest.raises(ValueError, match="same reward"):
        standardize(model, batch)


def test_bradley_terry_by_hand():
    """The documents' scores 0.95, 0.75 mean a preference of sigmoid(0.20) = 0.550; a shift of all
    changes nothing.
    """
    chosen, rejected = torch.tensor([0.95, -1.0]), torch.tensor([0.75, 2.0])
    expected = -(math.log(1 / (1 + math.exp(-0.20))) + math.log(1 / (1 + math.exp(3.0)))) / 2
    assert float(bradley_terry_loss(chosen, rejected)) == pytest.approx(expected, rel=1e-5)
    assert float(bradley_terry_loss(chosen + 100, rejected + 100)) == pytest.approx(
        expected, rel=1e-4
    )
    assert float(bradley_terry_loss(chosen, chosen)) == pytest.approx(math.log(2))


def test_bradley_terry_at_the_extremes():
    far = torch.tensor([500.0], requires_grad=True)
    assert float(bradley_terry_loss(far, -far)) == 0
    loss = bradley_terry_loss(-far, far)
    assert float(loss.detach()) == pytest.approx(1000)
    loss.backward()
    assert float(far.grad) == pytest.approx(2)


def test_ranking_accuracy_counts_ties_half():
    assert (
        ranking_accuracy(torch.tensor([2.0, 1.0, 0.0, 5.0]), torch.tensor([1.0, 1.0, 3.0, -5.0]))
        == 2.5 / 4
    )
