import math

import pytest
import torch
from torch.testing import assert_close

from utils.alignment.policy_losses import (
    clipped_objective,
    dpo_loss,
    grpo_loss,
    implicit_reward,
    ppo_policy_loss,
    ppo_value_loss,
    reinforce_loss,
)

WRITTEN = torch.tensor([[False, True, True, True], [False, False, True, False]])


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("baseline", [0.0, 7.0])
def test_reinforce_has_the_gradient_of_the_expected_reward(baseline):
    """Each answer once, weighted by its chance: then the mean over samples is exact.

    Oracle: torch.autograd.
    """
    logits, reward = random(5).requires_grad_(), random(5, seed=1)
    expected = torch.autograd.grad(-(logits.softmax(0) * reward).sum(), logits)[0]
    log_policy = logits.log_softmax(0)
    losses = [
        reinforce_loss(log_policy[a : a + 1], reward[a : a + 1], torch.tensor([baseline]))
        for a in range(5)
    ]
    loss = sum(
        chance * loss for chance, loss in zip(logits.softmax(0).detach(), losses, strict=True)
    )
    assert_close(torch.autograd.grad(loss, logits)[0], expected, rtol=1e-4, atol=1e-5)


def test_reinforce_by_hand():
    logprobs = torch.tensor([-1.0, -3.0], requires_grad=True)
    loss = reinforce_loss(logprobs, torch.tensor([5.0, 1.0]), torch.tensor([2.0, 2.0]))
    assert float(loss.detach()) == -(3 * -1.0 + -1 * -3.0) / 2
    loss.backward()
    assert logprobs.grad.tolist() == [-1.5, 0.5]


@pytest.mark.parametrize(
    ("ratio", "advantage", "objective", "slope"),
    [
        (1.0, 2.0, 2.0, 2.0),
        (1.1, 2.0, 2.2, 2.2),
        (1.5, 2.0, 2.4, 0.0),  # already likelier by more than 20 %: no more to gain
        (0.5, 2.0, 1.0, 1.0),  # went the wrong way: full gradient back
        (0.5, -2.0, -1.6, 0.0),
        (1.5, -2.0, -3.0, -3.0),
    ],
)
def test_the_clipped_objective_by_hand(ratio, advantage, objective, slope):
    logprob = torch.tensor([math.log(ratio) - 4], requires_grad=True)
    found = clipped_objective(logprob, torch.tensor([-4.0]), torch.tensor([advantage]), 0.2)
    assert float(found.detach()) == pytest.approx(objective)
    found.sum().backward()
    assert float(logprob.grad) == pytest.approx(slope, abs=1e-6)


def test_ppo_policy_loss_is_a_mean_over_tokens():
    new, old, advantages = (random(2, 4, seed=s) for s in range(3))
    found = float(ppo_policy_loss(new, old, advantages, WRITTEN, clip=0.3))
    terms = []
    for row, column in WRITTEN.nonzero().tolist():
        ratio = math.exp(new[row, column] - old[row, column])
        held = min(max(ratio, 0.7), 1.3)
        terms.append(
            min(ratio * float(advantages[row, column]), held * float(advantages[row, column]))
        )
    assert found == pytest.approx(-sum(terms) / 4, rel=1e-5)


def test_ppo_value_loss_by_hand():
    """Within the clip: the plain error.

    Beyond it, towards the return: the error of the held value, which is larger.
    """
    written = torch.tensor([[True, True, True]])
    values, old = torch.tensor([[0.1, 1.0, -1.0]], requires_grad=True), torch.zeros(1, 3)
    loss = ppo_value_loss(values, old, torch.tensor([[1.0, 1.0, 1.0]]), written, clip=0.2)
    assert float(loss.detach()) == pytest.approx((0.9**2 + 0.8**2 + 2.0**2) / 6)
    loss.backward()
    assert values.grad[0].tolist() == pytest.approx([-0.3, 0.0, -2 / 3], abs=1e-6)
    short = ppo_value_loss(values, old, torch.ones(1, 3), torch.tensor([[True, False, False]]))
    assert float(short.detach()) == pytest.approx(0.9**2 / 2)


def test_grpo_loss_by_hand_and_per_reply():
    new, old, ref = (random(2, 4, seed=s) for s in range(3))
    advantages = torch.tensor([1.5, -0.5])
    found = float(grpo_loss(new, old, ref, advantages, WRITTEN, clip=0.2, beta=0.3))
    replies = []
    for row in range(2):
        terms = []
        for column in WRITTEN[row].nonzero()[:, 0].tolist():
            ratio = math.exp(new[row, column] - old[row, column])
            gain = min(
                ratio * float(advantages[row]), min(max(ratio, 0.8), 1.2) * float(advantages[row])
            )
            r = float(new[row, column] - ref[row, column])
            terms.append(gain - 0.3 * (math.exp(-r) - 1 + r))
        replies.append(sum(terms) / len(terms))
    assert found == pytest.approx(-sum(replies) / 2, rel=1e-5)


def test_dpo_starts_at_ln_2_with_the_known_gradient():
    """At pi = ref the gradient is -beta / 2 for the chosen reply's log-probability and +beta / 2
    for the rejected.
    """
    chosen, rejected = (
        torch.tensor([-20.0, -3.0], requires_grad=True),
        torch.tensor([-5.0, -90.0], requires_grad=True),
    )
    loss = dpo_loss(chosen, rejected, chosen.detach(), rejected.detach(), beta=0.1)
    assert float(loss.detach()) == pytest.approx(math.log(2))
    loss.backward()
    assert chosen.grad.tolist() == pytest.approx([-0.025, -0.025])
    assert rejected.grad.tolist() == pytest.approx([0.025, 0.025])


def test_dpo_by_hand_and_at_the_extremes():
    args = torch.tensor([-10.0]), torch.tensor([-12.0]), torch.tensor([-11.0]), torch.tensor([-9.0])
    assert float(dpo_loss(*args, beta=0.5)) == pytest.approx(
        math.log(1 + math.exp(-0.5 * (1 - -3)))
    )
    chosen = torch.tensor([-5000.0], requires_grad=True)
    loss = dpo_loss(
        chosen, torch.tensor([-1.0]), torch.tensor([-1.0]), torch.tensor([-5000.0]), beta=0.1
    )
    assert float(loss.detach()) == pytest.approx(0.1 * 9998)
    loss.backward()
    assert float(chosen.grad) == pytest.approx(-0.1)


def test_the_implicit_reward_of_the_optimum_is_the_reward_up_to_a_constant():
    reward, ref = random(6), random(6, seed=1).log_softmax(0)
    optimum = (ref + reward / 0.3).log_softmax(0)
    found = implicit_reward(optimum, ref, 0.3)
    assert_close(found - found.mean(), reward - reward.mean(), rtol=1e-4, atol=1e-5)
