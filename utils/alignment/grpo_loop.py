"""The GRPO loop: sample a group of replies to each prompt, score them, compare each with its group,
take a few clipped steps, and again (Shao et al. 2024).

The policy learns, the reference is what it must stay near, and a judge scores: a reward model
(`grpo`), or any function of the replies (`grpo_judged`). What PPO asks a value model, GRPO asks the
other replies to the same prompt.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from utils.alignment.advantages import group_advantages
from utils.alignment.logprobs import logprobs_of_logits, mean_over_replies, token_logprobs
from utils.alignment.policy_losses import Average, grpo_loss
from utils.alignment.policy_step import PolicyStep, kl_of_replies
from utils.alignment.replies import Replies, sample_replies
from utils.alignment.reward_model import ScalarGPT, rewards
from utils.model.gpt import GPT

Judge = Callable[[Replies], Float[Tensor, " batch"]]
# the prompts of one step, one for each group, and who judges the replies to them
Round = tuple[Sequence[Sequence[int]], Judge]
Ask = Callable[[torch.Generator], Round]
Advantages = Callable[[Float[Tensor, "group member"]], Float[Tensor, "group member"]]


@dataclass(frozen=True, kw_only=True)
class GRPOSettings:
    """`beta`: price of a nat of KL, in standard deviations of a group's rewards; so it is not
    PPO's beta. `advantages`: of the rewards by group. `average`: from tokens to the loss.

    The others are sizes and rates that suit a very small GPT.
    """

    beta: float
    n_groups: int = 8  # prompts in each step
    group_size: int = 8  # replies to each of them
    epochs: int = 2  # updates with them
    lr: float = 5e-4
    clip: float = 0.2
    max_new_tokens: int = 16
    advantages: Advantages = group_advantages
    average: Average = mean_over_replies


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
    """Train `policy` in place to please `reward_model`, on prompts drawn from `prompts`; yields what
    each step sampled.

    The first is therefore the policy as it came. The replies of a step stand group by group.
    """

    def ask(generator: torch.Generator) -> Round:
        asked = torch.randint(len(prompts), (settings.n_groups,), generator=generator).tolist()
        return [prompts[i] for i in asked], lambda replies: rewards(reward_model, replies)

    yield from grpo_judged(policy, reference, ask, settings, end_id=end_id, steps=steps, seed=seed)


def grpo_judged(
    policy: GPT,
    reference: GPT,
    ask: Ask,
    settings: GRPOSettings,
    *,
    end_id: int,
    steps: int,
    seed: int,
) -> Iterator[PolicyStep]:
    """The same with any judge. `ask` gives the `n_groups` prompts of a step, and the judge of the
    replies to them.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=settings.lr, weight_decay=0.0, fused=True)
    for _ in range(steps):
        prompts, judge = ask(generator)
        replies = sample_replies(
            policy,
            [prompt for prompt in prompts for _ in range(settings.group_size)],
            end_id=end_id,
            max_new_tokens=settings.max_new_tokens,
            generator=generator,
        )
        with torch.no_grad():
            logits, ref_logits = (model(replies.ids, replies.real) for model in (policy, reference))
            scores = judge(replies)
            step = PolicyStep(replies, scores, kl_of_replies(logits, ref_logits, replies))
            old, ref = (logprobs_of_logits(each, replies) for each in (logits, ref_logits))
            by_group = scores.view(len(prompts), settings.group_size)
            advantages = settings.advantages(by_group).flatten()
        for _ in range(settings.epochs):
            loss = grpo_loss(
                token_logprobs(policy, replies),
                old,
                ref,
                advantages,
                replies.written,
                clip=settings.clip,
                beta=settings.beta,
                average=settings.average,
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        yield step
