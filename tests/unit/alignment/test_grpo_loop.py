"""GRPO learns what is rewarded, group by group, and trains the policy alone."""

import copy

import pytest
import torch
from small_gpt import END, small_gpt
from torch.testing import assert_close

from utils.alignment.grpo_loop import GRPOSettings, grpo
from utils.alignment.reward_model import ScalarGPT

PROMPTS = [[1, 2, 3], [5]]


class CountsTwos(ScalarGPT):
    """A reward that is known: how many tokens of the reply are 2."""

    def forward(self, batch):
        return ((batch.ids == 2) & batch.reply).cumsum(dim=1).float()


def train(beta, steps=20, seed=0):
    torch.manual_seed(0)
    reference = small_gpt(3)
    policy, reward_model = copy.deepcopy(reference), CountsTwos(reference)
    settings = GRPOSettings(beta=beta, n_groups=3, group_size=6, lr=1e-2, max_new_tokens=4)
    run = grpo(
        policy, reference, reward_model, PROMPTS, settings, end_id=END, steps=steps, seed=seed
    )
    return policy, reference, reward_model, list(run)


@pytest.fixture(scope="module")
def runs():
    return {beta: train(beta) for beta in (0.0, 1.0)}


def test_the_reward_rises_and_the_penalty_holds_the_policy_back(runs):
    free = runs[0.0][3]
    first, last = (torch.cat([s.scores for s in part]).mean() for part in (free[:3], free[-3:]))
    assert last > first + 0.5
    free, held = (torch.cat([s.kl for s in runs[beta][3][-3:]]).mean() for beta in (0.0, 1.0))
    assert 0 < held < 0.5 * free


def test_only_the_policy_moves(runs):
    policy, reference, reward_model, _ = runs[0.0]
    assert_close(reference.state_dict(), small_gpt(3).state_dict())
    assert_close(reward_model.gpt.state_dict(), small_gpt(3).state_dict())
    assert not torch.equal(policy.embed.weight, reference.embed.weight)


def test_each_group_answers_one_prompt(runs):
    for step in runs[0.0][3]:
        asked = step.replies.real & ~step.replies.reply
        prompts = [row[of].tolist() for row, of in zip(step.replies.ids, asked, strict=True)]
        assert len(prompts) == 18
        for start in (0, 6, 12):
            group = prompts[start : start + 6]
            assert group == [group[0]] * 6 and group[0] in PROMPTS


def test_the_first_step_is_the_policy_as_it_came(runs):
    for _, _, _, steps in runs.values():
        assert_close(steps[0].kl, torch.zeros(18))


def test_runs_follow_their_seed():
    a, b, c = (train(0.1, steps=3, seed=seed)[3][-1].replies.ids for seed in (1, 1, 2))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_equal_rewards_teach_nothing():
    """Without a leash and with the same reward for all, the policy stays what it was."""

    class AllEqual(ScalarGPT):
        def forward(self, batch):
            return torch.full(batch.ids.shape, 0.7)

    reference = small_gpt(3)
    policy = copy.deepcopy(reference)
    settings = GRPOSettings(beta=0.0, n_groups=2, group_size=4, max_new_tokens=3)
    steps = grpo(
        policy, reference, AllEqual(reference), PROMPTS, settings, end_id=END, steps=2, seed=0
    )
    assert len(list(steps)) == 2
    assert_close(policy.state_dict(), reference.state_dict())
