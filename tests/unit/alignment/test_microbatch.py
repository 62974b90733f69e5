import pytest
import torch
from small_gpt import END, small_gpt
from torch.testing import assert_close

from utils.alignment.logprobs import token_logprobs
from utils.alignment.microbatch import sft_microbatch_step
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
