import math

import pytest
import torch
from small_gpt import END, small_gpt
from torch.testing import assert_close

from utils.alignment.logprobs import (
    mean_over_replies,
    mean_over_tokens,
    reply_entropies,
    sequence_logprobs,
    sft_loss,
    token_entropies,
    token_logprobs,
)
from utils.alignment.replies import pack

PROMPTS, REPLIES = [[1, 2, 3], [5], [2, 2]], [[6, END], [3, 1, 0, END], [END]]


@torch.no_grad()
def slowly(model, prompt, reply):
    """log pi of each token, one forward pass per token, without padding or masks."""
    text, found = list(prompt), []
    for token in reply:
        found.append(
            math.log(float(model(torch.tensor([text]))[0, -1].double().softmax(dim=-1)[token]))
        )
        text.append(token)
    return found


def test_logprobs_equal_one_pass_per_token():
    model, batch = small_gpt(1), pack(PROMPTS, REPLIES)
    logprobs = token_logprobs(model, batch)
    expected = [slowly(model, p, r) for p, r in zip(PROMPTS, REPLIES, strict=True)]
    for row, of_reply, right in zip(logprobs, batch.written, expected, strict=True):
        assert row[of_reply].tolist() == pytest.approx(right, rel=1e-4)
        assert (row[~of_reply] == 0).all()
    assert sequence_logprobs(model, batch).tolist() == pytest.approx(
        [sum(right) for right in expected], rel=1e-4
    )


def test_sft_counts_and_learns_replies_only():
    model, batch = small_gpt(2), pack(PROMPTS, REPLIES)
    total, count = sft_loss(model, batch)
    assert count == 7
    expected = -sum(sum(slowly(model, p, r)) for p, r in zip(PROMPTS, REPLIES, strict=True))
    assert float(total.detach()) == pytest.approx(expected, rel=1e-4)
    total.backward()
    mine = model.embed.weight.grad.clone()
    model.zero_grad()
    losses = torch.nn.functional.cross_entropy(
        model(batch.ids, batch.real)[:, :-1].transpose(1, 2), batch.ids[:, 1:], reduction="none"
    )
    (losses * batch.written).sum().backward()
    assert_close(mine, model.embed.weight.grad)


def test_extreme_logits_stay_finite():
    model, batch = small_gpt(2), pack(PROMPTS, REPLIES)
    with torch.no_grad():
        model.final_norm.weight.mul_(1e4)
    logprobs = token_logprobs(model, batch)
    assert logprobs.isfinite().all() and logprobs.min() < -1000
    logprobs.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_a_long_reply_counts_more_over_tokens_and_the_same_over_replies():
    values = torch.tensor([[8.0, 1.0, 1.0, 1.0], [99.0, 5.0, 99.0, math.nan]])
    written = torch.tensor([[False, True, True, True], [False, True, False, False]])
    assert float(mean_over_tokens(values, written)) == pytest.approx((1 + 1 + 1 + 5) / 4)
    assert float(mean_over_replies(values, written)) == pytest.approx((1 + 5) / 2)
    written[1] = False
    for mean in (mean_over_tokens, mean_over_replies):
        with pytest.raises(ValueError, match="no tokens"):
            mean(values, written)


@pytest.mark.parametrize("shape", [(3,), (2, 5)])
def test_entropy_equals_the_library_s_and_copes_with_extremes(shape):
    logits = torch.randn(*shape, 7, generator=torch.Generator().manual_seed(3)) * 4
    expected = torch.distributions.Categorical(logits=logits.double()).entropy()
    assert_close(token_entropies(logits).double(), expected, rtol=1e-4, atol=1e-6)
    assert_close(token_entropies(logits + 5000), token_entropies(logits), rtol=1e-2, atol=1e-3)
    even = torch.full((*shape, 7), -900.0)
    assert_close(token_entropies(even), torch.full(shape, math.log(7)))
    even[..., 2:] = -math.inf
    assert_close(token_entropies(even), torch.full(shape, math.log(2)))


def test_entropies_of_replies_stand_where_their_logprobs_do():
    model, batch = small_gpt(4), pack(PROMPTS, REPLIES)
    found = reply_entropies(model, batch)
    assert found.shape == batch.written.shape and (found[~batch.written] == 0).all()
    with torch.no_grad():
        alone = model(torch.tensor([PROMPTS[1]]))[0, -1].double()
    expected = float(torch.distributions.Categorical(logits=alone).entropy())
    assert found[1][batch.written[1]][0].item() == pytest.approx(expected, rel=1e-4)
