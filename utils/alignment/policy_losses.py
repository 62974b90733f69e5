"""Losses that make good replies likelier: REINFORCE, PPO, GRPO and DPO. To be lowered; gradients
flow to pi alone.

(batch, pos_minus_1) tensors are aligned as in `logprobs`. "Old" log-probabilities are those of the
policy that sampled the replies, without gradient.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from utils.alignment.kl import k3
from utils.alignment.logprobs import mean_over_replies, mean_over_tokens
from utils.alignment.reward_model import bradley_terry_loss

Average = Callable[
    [Float[Tensor, "batch pos_minus_1"], Bool[Tensor, "batch pos_minus_1"]], Float[Tensor, ""]
]


def reinforce_loss(
    sequence_logprobs: Float[Tensor, " batch"],
    rewards: Float[Tensor, " batch"],
    baseline: Float[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """The mean of -(reward - baseline) log pi(reply) over replies that pi has just sampled
    (Williams 1992).

    Its gradient is, on average, that of -E[reward], whatever the baseline, as long as it ignores
    the reply itself.
    """
    return -((rewards - baseline).detach() * sequence_logprobs).mean()


def clipped_objective(
    logprobs: Float[Tensor, "*shape"],
    old: Float[Tensor, "*shape"],
    advantages: Float[Tensor, "*shape"],
    clip: float,
) -> Float[Tensor, "*shape"]:
    """min(ratio A, clamp(ratio, 1 - clip, 1 + clip) A) with ratio = pi / old (Schulman et al. 2017,
    formula 7).

    Once the ratio has moved by more than `clip` in the direction that the advantage wants, nothing
    more is gained.
    """
    ratio = (logprobs - old).exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


def ppo_policy_loss(
    logprobs: Float[Tensor, "batch pos_minus_1"],
    old: Float[Tensor, "batch pos_minus_1"],
    advantages: Float[Tensor, "batch pos_minus_1"],
    written: Bool[Tensor, "batch pos_minus_1"],
    clip: float = 0.2,
) -> Float[Tensor, ""]:
    """Minus the clipped objective, a mean over all tokens that were written."""
    return -mean_over_tokens(clipped_objective(logprobs, old, advantages, clip), written)


def ppo_value_loss(
    values: Float[Tensor, "batch pos_minus_1"],
    old: Float[Tensor, "batch pos_minus_1"],
    returns: Float[Tensor, "batch pos_minus_1"],
    written: Bool[Tensor, "batch pos_minus_1"],
    clip: float = 0.2,
) -> Float[Tensor, ""]:
    """Half the squared error of the value head, or of its value held within `clip` of the old one,
    if that is larger.

    So a value may not run away from where it was in one round, as with the policy (Schulman's
    implementation of PPO).
    """
    held = old + (values - old).clamp(-clip, clip)
    return (
        mean_over_tokens(
            torch.maximum((values - returns).square(), (held - returns).square()), written
        )
        / 2
    )


def grpo_loss(
    logprobs: Float[Tensor, "batch pos_minus_1"],
    old: Float[Tensor, "batch pos_minus_1"],
    ref: Float[Tensor, "batch pos_minus_1"],
    advantages: Float[Tensor, " batch"],
    written: Bool[Tensor, "batch pos_minus_1"],
    *,
    clip: float = 0.2,
    beta: float = 0.04,
    average: Average = mean_over_replies,
) -> Float[Tensor, ""]:
    """Minus (clipped objective - beta k3), the mean within each reply, then over replies (Shao et
    al. 2024, formula 3).

    All tokens of a reply share its advantage, from `group_advantages`; there is no value head.
    `average`: another way from tokens to one number, such as `mean_over_tokens`.
    """
    objective = clipped_objective(logprobs, old, advantages[:, None].expand_as(logprobs), clip)
    return -average(objective - beta * k3(logprobs - ref), written)


def implicit_reward(
    logprobs: Float[Tensor, " pair"], ref_logprobs: Float[Tensor, " pair"], beta: float
) -> Float[Tensor, " pair"]:
    """beta log(pi / ref): the reward for which pi is the optimum, up to a constant for each prompt."""
    return beta * (logprobs - ref_logprobs)


def dpo_loss(
    chosen: Float[Tensor, " pair"],
    rejected: Float[Tensor, " pair"],
    ref_chosen: Float[Tensor, " pair"],
    ref_rejected: Float[Tensor, " pair"],
    beta: float,
) -> Float[Tensor, ""]:
    """Bradley-Terry with the policy itself as reward model (Rafailov et al. 2023, formula 7); ln 2
    at the start.

    All four are log-probabilities of whole replies, summed and not averaged over their tokens.
    """
    return bradley_terry_loss(
        implicit_reward(chosen, ref_chosen, beta), implicit_reward(rejected, ref_rejected, beta)
    )
