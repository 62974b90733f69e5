"""The GRPO loop: sample a group of replies to each prompt, score them, compare each with its group,
take a few clipped steps, and again (Shao et al. 2024).

Three models take part: the policy that learns, the reference it must stay near, and the reward
model that scores. What PPO asks a value model, GRPO asks the other replies to the same prompt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from utils.alignment.advantages import group_advantages
from utils.alignment.logprobs import logprobs_of_logits, token_logprobs
from utils.alignment.policy_losses import grpo_loss
from utils.alignment.policy_step import PolicyStep, kl_of_replies
from utils.alignment.replies import sample_replies
from utils.alignment.reward_model import ScalarGPT, rewards
from utils.model.gpt import GPT


@dataclass(frozen=True, kw_only=True)
class GRPOSettings:
    """`beta`: price of a nat of KL, in standard deviations of a group's rewards; so it is not
    PPO's beta.

    The others are sizes and rates that suit a very small GPT.
    """

    beta: float
    n_groups: int = 8  # prompts in each step
    group_size: int = 8  # replies to each of them
    epochs: int = 2  # updates with them
    lr: float = 5e-4
    clip: float = 0.2
    max_new_tokens: int = 16


def grpo(
    policy: GPT,
    reference: GPT,
    reward_model: ScalarGPT,
    prompts: Sequence[Sequence[int]],
    settings: GRPOSettings,
    *,
    end_id: int,
    steps: int,
    seed: int,
) -> Iterator[PolicyStep]:
    """Train `policy` in place; yields what each step sampled.

    The first is therefore the policy as it came. The replies of a step stand group by group.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=settings.lr, weight_decay=0.0, fused=True)
    for _ in range(steps):
        asked = torch.randint(len(prompts), (settings.n_groups,), generator=generator).tolist()
        replies = sample_replies(
            policy,
            [prompts[i] for i in asked for _ in range(settings.group_size)],
            end_id=end_id,
            max_new_tokens=settings.max_new_tokens,
            generator=generator,
        )
        with torch.no_grad():
            logits, ref_logits = (model(replies.ids, replies.real) for model in (policy, reference))
            scores = rewards(reward_model, replies)
            step = PolicyStep(replies, scores, kl_of_replies(logits, ref_logits, replies))
            old, ref = (logprobs_of_logits(each, replies) for each in (logits, ref_logits))
            by_group = scores.view(settings.n_groups, settings.group_size)
            advantages = group_advantages(by_group).flatten()
        for _ in range(settings.epochs):
            loss = grpo_loss(
                token_logprobs(policy, replies),
                old,
                ref,
                advantages,
                replies.written,
                clip=settings.clip,
                beta=settings.beta,
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        yield step
