from functools import partial

import pytest
import torch
from small_gpt import END, small_gpt
from torch.testing import assert_close

from utils.alignment.logprobs import mean_over_replies, token_logprobs
from utils.alignment.masked_sums import mean_over_constant
from utils.alignment.microbatch import policy_microbatch_step, sft_microbatch_step
from utils.alignment.policy_token_losses import (
    TokenLosses,
    clipped_losses,
    policy_gradient_losses,
)
from utils.alignment.replies import pack

PROMPTS = [[1, 2, 3], [5], [2, 2], [6, 1]]
REPLIES = [[6, END], [3, 1, 0, END], [END], [5, 5, END]]


def gradients(model):
    return {name: weight.grad.clone() for name, weight in model.named_parameters()}


@pytest.mark.parametrize("constant", [1.0, 12])
def test_microbatches_add_up_to_the_gradient_of_the_whole(constant):
    batch, model = pack(PROMPTS, REPLIES), small_gpt(3)
    losses = -token_logprobs(model, batch)  # 0 outside the replies
    whole = losses.sum() / constant / len(PROMPTS)
    whole.backward()
    expected = gradients(model)
    model.zero_grad()
    parts = []
    for rows in (slice(0, 2), slice(2, 4)):
        part = batch[rows]
        parts.append(sft_microbatch_step(token_logprobs(model, part), part.written, 2, constant))
    for name, gradient in gradients(model).items():
        assert_close(gradient, expected[name], rtol=1e-4, atol=1e-6)
    assert float(sum(part.loss for part in parts)) == pytest.approx(float(whole), rel=1e-5)
    assert [part.tokens for part in parts] == [6, 4]
    assert parts[1].nats == pytest.approx(float(losses[2:].sum()) / 4, rel=1e-5)


def test_the_graph_is_left_and_nothing_is_zeroed():
    values = torch.tensor([[-2.0, -1.0, -4.0]], requires_grad=True)
    written = torch.tensor([[True, False, True]])
    first = sft_microbatch_step(values * 1, written, 3, 2)
    assert not first.loss.requires_grad
    assert float(first.loss) == pytest.approx(6 / 2 / 3)
    assert values.grad[0].tolist() == pytest.approx([-1 / 6, 0, -1 / 6])
    sft_microbatch_step(values * 1, written, 3, 2)
    assert values.grad[0].tolist() == pytest.approx([-1 / 3, 0, -1 / 3])


def test_nonsense_is_refused():
    values = torch.zeros(1, 2, requires_grad=True)
    with pytest.raises(ValueError, match="accumulation_steps is 0"):
        sft_microbatch_step(values * 1, torch.ones(1, 2, dtype=torch.bool), 0)
    with pytest.raises(ValueError, match="teaches nothing"):
        sft_microbatch_step(values * 1, torch.zeros(1, 2, dtype=torch.bool), 1)


ADVANTAGES = torch.tensor([1.5, -0.5, 2.0, -1.0])
AVERAGES = {
    "replies": (mean_over_replies, [2, 4, 1, 3]),
    "constant": (partial(mean_over_constant, constant=7), [7, 7, 7, 7]),
}


@pytest.mark.parametrize("average", AVERAGES)
def test_policy_microbatches_add_up_to_the_gradient_of_the_whole(average):
    """Oracle: the loss written out reply by reply, and torch.autograd."""
    batch, model = pack(PROMPTS, REPLIES), small_gpt(3)
    function, divisors = AVERAGES[average]
    whole = torch.zeros(())
    for row, divisor in enumerate(divisors):
        of_row = token_logprobs(model, batch)[row].sum()
        whole = whole - ADVANTAGES[row] * of_row / divisor / 4
    whole.backward()
    expected = gradients(model)
    model.zero_grad()
    parts = []
    for rows in (slice(0, 2), slice(2, 4)):
        part = batch[rows]
        found = policy_gradient_losses(token_logprobs(model, part), ADVANTAGES[rows])
        parts.append(policy_microbatch_step(found, part.written, 2, function))
    for name, gradient in gradients(model).items():
        assert_close(gradient, expected[name], rtol=1e-4, atol=1e-6)
    assert float(sum(part.loss for part in parts)) == pytest.approx(float(whole), rel=1e-5)
    assert [(part.tokens, part.clipped) for part in parts] == [(6, 0.0), (4, 0.0)]


def test_a_clipped_step_by_hand():
    """Ratios 1.5, 0.5 and 1.1 of a good reply; a bad one, whose written ratio is 1.5."""
    logprobs = torch.tensor([[1.5, 0.5, 1.1], [1.5, 0.5, 9.0]]).log().requires_grad_()
    written = torch.tensor([[True, True, True], [True, False, False]])
    found = clipped_losses(logprobs, torch.zeros(2, 3), torch.tensor([2.0, -3.0]), 0.2)
    assert found.clipped.tolist() == [[True, False, False], [False, True, False]]
    step = policy_microbatch_step(found, written, 1)
    assert step.clipped == 1 / 4 and step.tokens == 4 and not step.loss.requires_grad
    assert float(step.loss) == pytest.approx(-(2.4 + 1.0 + 2.2) / 3 / 2 + 4.5 / 2)
    expected = [[0.0, -1.0 / 6, -2.2 / 6], [4.5 / 2, 0.0, 0.0]]
    assert_close(logprobs.grad, torch.tensor(expected))


def test_a_policy_step_refuses_nonsense():
    found = TokenLosses(torch.zeros(1, 2, requires_grad=True) * 1, torch.zeros(1, 2).bool())
    with pytest.raises(ValueError, match="accumulation_steps is 0"):
        policy_microbatch_step(found, torch.ones(1, 2, dtype=torch.bool), 0)
    with pytest.raises(ValueError, match="teaches nothing"):
        policy_microbatch_step(found, torch.zeros(1, 2, dtype=torch.bool), 1)
