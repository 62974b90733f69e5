"""The PPO loop of RLHF: sample replies, score them, work out advantages, take a few clipped steps,
and again.

Four models take part: the policy that learns, the reference it must stay near, the reward model
that scores, and a value model that starts as a copy of the reward model and learns what reward to
expect (Ouyang et al. 2022).
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from utils.alignment.advantages import gae, penalized_rewards, whiten
from utils.alignment.logprobs import logprobs_of_logits, token_logprobs
from utils.alignment.policy_losses import ppo_policy_loss, ppo_value_loss
from utils.alignment.policy_step import Logits, PolicyStep, kl_of_replies
from utils.alignment.replies import Replies, sample_replies
from utils.alignment.reward_model import ScalarGPT, rewards
from utils.model.gpt import GPT


@dataclass(frozen=True, kw_only=True)
class PPOSettings:
    """`beta`: price of a nat of KL, in units of reward.

    The others are sizes and rates that suit a very small GPT.
    """

    beta: float
    n_replies: int = 64  # sampled in each step
    epochs: int = 2  # updates with them
    lr: float = 5e-4
    value_lr: float = 1e-3
    clip: float = 0.2
    lam: float = 0.95
    max_new_tokens: int = 16


@dataclass(frozen=True)
class _Round:
    """The fixed numbers of a step's updates, (batch, pos_minus_1) each."""

    logprobs: Float[Tensor, "batch pos_minus_1"]
    values: Float[Tensor, "batch pos_minus_1"]
    returns: Float[Tensor, "batch pos_minus_1"]
    advantages: Float[Tensor, "batch pos_minus_1"]


def ppo(
    policy: GPT,
    reference: GPT,
    reward_model: ScalarGPT,
    prompts: Sequence[Sequence[int]],
    settings: PPOSettings,
    *,
    end_id: int,
    steps: int,
    seed: int,
) -> Iterator[PolicyStep]:
    """Train `policy` in place; yields what each step sampled.

    The first is therefore the policy as it came.
    """
    generator = torch.Generator().manual_seed(seed)
    value_model = copy.deepcopy(reward_model)
    rates = [
        {"params": policy.parameters(), "lr": settings.lr},
        {"params": value_model.parameters(), "lr": settings.value_lr},
    ]
    optimizer = torch.optim.AdamW(rates, weight_decay=0.0, fused=True)
    for _ in range(steps):
        asked = torch.randint(len(prompts), (settings.n_replies,), generator=generator).tolist()
        replies = sample_replies(
            policy,
            [prompts[i] for i in asked],
            end_id=end_id,
            max_new_tokens=settings.max_new_tokens,
            generator=generator,
        )
        with torch.no_grad():
            logits, ref_logits = (model(replies.ids, replies.real) for model in (policy, reference))
            step = PolicyStep(
                replies, rewards(reward_model, replies), kl_of_replies(logits, ref_logits, replies)
            )
            fixed = _prepare(logits, ref_logits, value_model, step, settings)
        for _ in range(settings.epochs):
            _update(optimizer, policy, value_model, replies, fixed, settings)
        yield step


def _prepare(
    logits: Logits,
    ref_logits: Logits,
    value_model: ScalarGPT,
    step: PolicyStep,
    settings: PPOSettings,
) -> _Round:
    replies, written = step.replies, step.replies.written
    logprobs, ref = logprobs_of_logits(logits, replies), logprobs_of_logits(ref_logits, replies)
    token_rewards = penalized_rewards(step.scores, logprobs - ref, written, settings.beta)
    # expected before the token, hence without the last
    values = value_model(replies)[:, :-1].where(written, 0.0)
    advantages = gae(token_rewards, values, written, lam=settings.lam)
    return _Round(logprobs, values, advantages + values, whiten(advantages, written))


def _update(
    optimizer: torch.optim.Optimizer,
    policy: GPT,
    value_model: ScalarGPT,
    replies: Replies,
    fixed: _Round,
    settings: PPOSettings,
) -> None:
    written = replies.written
    now, values = token_logprobs(policy, replies), value_model(replies)[:, :-1]
    policy_loss = ppo_policy_loss(now, fixed.logprobs, fixed.advantages, written, settings.clip)
    value_loss = ppo_value_loss(values, fixed.values, fixed.returns, written, settings.clip)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    for model in (policy, value_model):
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
