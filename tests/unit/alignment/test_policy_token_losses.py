import math

import pytest
import torch

from utils.alignment.policy_token_losses import clipped_losses, policy_gradient_losses


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_policy_gradient_by_hand():
    """With raw rewards every paid token is made likelier; with advantages the worse one is not."""
    logprobs = torch.tensor([[-1.0, -2.0], [-0.5, -3.0]], requires_grad=True)
    found = policy_gradient_losses(logprobs, torch.tensor([1.0, -0.25]))
    assert found.losses.tolist() == [[1.0, 2.0], [-0.125, -0.75]]
    assert not found.clipped.any()
    found.losses.sum().backward()
    assert logprobs.grad.tolist() == [[-1.0, -1.0], [0.25, 0.25]]


def test_weights_that_rest_on_the_policy_get_no_gradient():
    logprobs = random(2, 3).requires_grad_()
    for found in (
        policy_gradient_losses(logprobs, logprobs.sum(dim=1)),
        clipped_losses(logprobs, logprobs, logprobs.sum(dim=1), 0.2),
    ):
        (slope,) = torch.autograd.grad(found.losses.sum(), logprobs)
        expected = -logprobs.detach().sum(dim=1)[:, None].expand(2, 3)
        assert torch.allclose(slope, expected, rtol=1e-5)


@pytest.mark.parametrize("clip", [0.1, 0.5, math.inf])
def test_clipped_losses_token_by_token(clip):
    """Oracle: Python's own min and max; and no gradient just where it says that it clipped."""
    new, old = random(4, 6).requires_grad_(), random(4, 6, seed=1)
    advantages = torch.tensor([2.0, -1.0, 0.5, -3.0])
    found = clipped_losses(new, old, advantages, clip)
    (slope,) = torch.autograd.grad(found.losses.sum(), new)
    for row, advantage in enumerate(advantages.tolist()):
        for column in range(6):
            ratio = math.exp(float(new[row, column] - old[row, column]))
            held = min(max(ratio, 1 - clip), 1 + clip)
            gain = min(ratio * advantage, held * advantage)
            assert float(found.losses[row, column]) == pytest.approx(-gain, rel=1e-5)
            assert bool(found.clipped[row, column]) == (held * advantage < ratio * advantage)
    assert ((slope == 0) == found.clipped).all()
    assert bool(found.clipped.any()) == math.isfinite(clip)


def test_on_policy_it_has_the_gradient_of_reinforce():
    """The ratio is 1: nothing is clipped, and the slope is the advantage."""
    logprobs, advantages = random(3, 4).requires_grad_(), random(3, seed=2)
    found = clipped_losses(logprobs, logprobs.detach(), advantages, 0.2)
    plain = policy_gradient_losses(logprobs, advantages)
    slopes = [torch.autograd.grad(one.losses.sum(), logprobs)[0] for one in (found, plain)]
    assert torch.allclose(*slopes) and not found.clipped.any()


@pytest.mark.parametrize("clip", [0.0, -0.2, math.nan])
def test_a_clip_that_is_none_is_refused(clip):
    with pytest.raises(ValueError, match="give a number above 0"):
        clipped_losses(random(1, 2), random(1, 2), random(1), clip)
