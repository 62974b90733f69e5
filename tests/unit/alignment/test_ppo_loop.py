import copy

import pytest
import torch
from small_gpt import END, small_gpt
from torch.testing import assert_close

from utils.alignment.kl import exact_kl
from utils.alignment.logprobs import sequence_logprobs
from utils.alignment.policy_step import PolicyStep, reply_kl
from utils.alignment.ppo_loop import PPOSettings, _prepare, ppo
from utils.alignment.replies import pack, sample_replies
from utils.alignment.reward_model import ScalarGPT

PROMPTS = [[1, 2, 3], [5]]
SETTINGS = dict(n_replies=16, lr=1e-2, max_new_tokens=3)


class CountsTwos(ScalarGPT):
    """A reward that is known: how many tokens of the reply are 2.

    Its copy, the value model, is an ordinary one.
    """

    def forward(self, batch):
        return ((batch.ids == 2) & batch.reply).cumsum(dim=1).float()

    def __deepcopy__(self, memo):
        return ScalarGPT(self.gpt)


def train(beta, steps=20, seed=0):
    torch.manual_seed(0)
    reference = small_gpt(3)
    policy, reward_model = copy.deepcopy(reference), CountsTwos(reference)
    settings = PPOSettings(beta=beta, **SETTINGS)
    return (
        policy,
        reference,
        list(
            ppo(
                policy,
                reference,
                reward_model,
                PROMPTS,
                settings,
                end_id=END,
                steps=steps,
                seed=seed,
            )
        ),
    )


@pytest.fixture(scope="module")
def runs():
    return {beta: train(beta) for beta in (0.0, 1.0)}


def test_the_reward_rises_and_the_penalty_holds_the_policy_back(runs):
    free = runs[0.0][2]
    first, last = (torch.cat([s.scores for s in part]).mean() for part in (free[:3], free[-3:]))
    assert last > first + 0.5
    free, held = (torch.cat([s.kl for s in runs[beta][2][-3:]]).mean() for beta in (0.0, 1.0))
    assert 0 < held < 0.5 * free


def test_the_first_step_is_the_policy_as_it_came(runs):
    for _, _, steps in runs.values():
        assert_close(steps[0].kl, torch.zeros(16))
    assert torch.equal(runs[0.0][2][0].replies.ids, runs[1.0][2][0].replies.ids)


def test_the_reference_stays_and_the_policy_moves(runs):
    policy, reference, _ = runs[0.0]
    assert_close(reference.state_dict(), small_gpt(3).state_dict())
    assert not torch.equal(policy.embed.weight, reference.embed.weight)


def test_runs_follow_their_seed():
    a, b, c = (train(0.1, steps=4, seed=seed)[2][-1].replies.ids for seed in (1, 1, 2))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_scores_are_those_of_the_reward_model(runs):
    step = runs[0.0][2][-1]
    assert step.scores.tolist() == [reply.count(2) for reply in step.replies.tokens()]


def test_reply_kl_equals_the_sum_over_the_tokens_of_each_reply():
    policy, reference = small_gpt(1), small_gpt(2)
    batch = pack(PROMPTS, [[6, 2, END], [1]])
    with torch.no_grad():
        for row, (prompt, reply) in enumerate(zip(PROMPTS, [[6, 2, END], [1]], strict=True)):
            ids = torch.tensor([prompt + reply])
            kl = exact_kl(policy(ids), reference(ids))[0, len(prompt) - 1 : -1].sum()
            assert float(reply_kl(policy, reference, batch)[row]) == pytest.approx(
                float(kl), rel=1e-4
            )


def test_reply_kl_has_the_mean_of_the_log_ratio():
    """The KL of whole replies is E[log pi(reply) - log ref(reply)]: two estimates of one number."""
    policy = small_gpt(1)
    reference = copy.deepcopy(policy)
    with torch.no_grad():
        reference.embed.weight.add_(
            0.1 * torch.randn(7, 8, generator=torch.Generator().manual_seed(0))
        )
    batch = sample_replies(
        policy,
        PROMPTS * 2000,
        end_id=END,
        max_new_tokens=4,
        generator=torch.Generator().manual_seed(1),
    )
    with torch.no_grad():
        log_ratio = sequence_logprobs(policy, batch) - sequence_logprobs(reference, batch)
        kl = reply_kl(policy, reference, batch)
    noise = float(log_ratio.std()) / len(batch) ** 0.5
    assert float(kl.mean()) == pytest.approx(float(log_ratio.mean()), abs=5 * noise)
    assert float(kl.mean()) > 5 * noise


@torch.no_grad()
def test_what_was_expected_does_not_depend_on_the_token_that_came():
    """Two replies that differ in their last token: the value from which that token's advantage is
    taken is the same.
    """
    replies = pack([[1, 2], [1, 2]], [[6, 3], [6, 5]])
    step = PolicyStep(replies, torch.tensor([1.0, -2.0]), torch.zeros(2))
    logits, ref_logits = (small_gpt(seed)(replies.ids, replies.real) for seed in (1, 2))
    fixed = _prepare(logits, ref_logits, ScalarGPT(small_gpt(1)), step, PPOSettings(beta=0.1))
    assert_close(fixed.values[0], fixed.values[1])
    # the prompt's 0, and another number for each of two tokens
    assert len(fixed.values[0].unique()) == 3
    assert fixed.advantages[0, -1] > fixed.advantages[1, -1]
    # GAE's last step is reward - value, so adding the value gives the reward: the score less the
    # penalty.
    ratio = [policy(replies.ids).log_softmax(-1)[:, 2] for policy in (small_gpt(1), small_gpt(2))]
    last = torch.tensor([[3], [5]])
    penalty = 0.1 * (ratio[0] - ratio[1]).gather(1, last)[:, 0]
    assert_close(fixed.returns[:, -1], torch.tensor([1.0, -2.0]) - penalty, rtol=1e-4, atol=1e-5)
