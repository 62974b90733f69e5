"""From rewards to advantages: how much better was a token, or a reply, than could be expected?

(batch, pos_minus_1) tensors are aligned as in `logprobs`: column i is about token i + 1, `written`
tells which of them the policy wrote.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from utils.alignment.logprobs import mean_over_tokens


def penalized_rewards(
    score: Float[Tensor, " batch"],
    log_ratio: Float[Tensor, "batch pos_minus_1"],
    written: Bool[Tensor, "batch pos_minus_1"],
    beta: float,
) -> Float[Tensor, "batch pos_minus_1"]:
    """Each token's reward: -beta (log pi - log ref), and at the reply's last token the score of the
    whole in addition.

    Their sum over a reply is score - beta k1, so its mean is what RLHF maximises: E[score] - beta
    KL(pi || ref) (Ziegler et al. 2019, formula 2; per token as in Ouyang et al. 2022).
    """
    is_last = written & (written.flip(1).cumsum(dim=1).flip(1) == 1)
    return torch.where(written, -beta * log_ratio, 0.0) + torch.where(is_last, score[:, None], 0.0)


def gae(
    rewards: Float[Tensor, "batch pos_minus_1"],
    values: Float[Tensor, "batch pos_minus_1"],
    written: Bool[Tensor, "batch pos_minus_1"],
    *,
    gamma: float = 1.0,
    lam: float = 0.95,
) -> Float[Tensor, "batch pos_minus_1"]:
    """Generalised advantage estimation (Schulman et al. 2015, formula 16): sum over l of (gamma
    lam)^l delta(t + l).

    delta(t) = reward(t) + gamma value(t + 1) - value(t); value(t) is what was expected before token
    t was chosen, and nothing comes after the last one. lam 1 is the whole return minus the value,
    lam 0 looks one token ahead.
    """
    advantages = torch.zeros_like(rewards)
    next_value = next_advantage = torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        delta = rewards[:, t] + gamma * next_value - values[:, t]
        advantages[:, t] = torch.where(written[:, t], delta + gamma * lam * next_advantage, 0.0)
        next_value, next_advantage = torch.where(written[:, t], values[:, t], 0.0), advantages[:, t]
    return advantages


def whiten(
    values: Float[Tensor, "batch pos_minus_1"],
    written: Bool[Tensor, "batch pos_minus_1"],
    *,
    shift_mean: bool = True,
    eps: float = 1e-8,
) -> Float[Tensor, "batch pos_minus_1"]:
    """Divide by the standard deviation over all written tokens, and take off the mean; 0 where
    nothing was written.

    PPO whitens advantages: their mean tells nothing about which token to prefer. Without
    `shift_mean` only the scale changes; so one treats rewards, whose mean is wanted. Raises
    ValueError for a written value that is not finite, which would make all of them NaN.
    """
    _refuse_non_finite(values[written], "value")
    exact = values.double()  # in float32 the mean of equal values can be another value
    mean = mean_over_tokens(exact, written)
    std = (mean_over_tokens((exact - mean).square(), written) + eps).sqrt()
    whitened = (exact - mean) / std + (0.0 if shift_mean else mean)
    return whitened.where(written, 0.0).to(values.dtype)


def group_advantages(
    rewards: Float[Tensor, "group member"], eps: float = 1e-4
) -> Float[Tensor, "group member"]:
    """(reward - the group's mean) / (the group's standard deviation + eps): GRPO's stand-in for a
    value model.

    A group is several replies to one prompt. If all got the same reward there is nothing to learn,
    and it is 0 (Shao et al. 2024, section 4.1). Raises ValueError for groups of one, which have no
    spread, and for a reward that is not finite, which would make its whole group NaN.
    """
    exact = _compared(rewards)
    std = exact.std(dim=1, keepdim=True)
    return (_centered(exact) / (std + eps)).to(rewards.dtype)


def centered_rewards(rewards: Float[Tensor, "group member"]) -> Float[Tensor, "group member"]:
    """reward - the group's mean: `group_advantages` without the deviation (Liu et al. 2025,
    arXiv:2503.20783).

    Divided by the deviation, a group that is nearly always right or nearly always wrong pulls harder
    than it would otherwise, compared with one that is right half of the time. Equal rewards give 0.
    Times n / (n - 1), with n members, it is reward - `leave_one_out`. Raises ValueError as
    `group_advantages` does.
    """
    return _centered(_compared(rewards)).to(rewards.dtype)


def _compared(rewards: Float[Tensor, "group member"]) -> Float[Tensor, "group member"]:
    """The rewards of groups that can be compared, in float64: in float32 the mean of equal rewards
    can be another reward.
    """
    if rewards.shape[1] < 2:
        raise ValueError(
            f"the groups have {rewards.shape[1]} members; give two replies or more to each prompt."
        )
    _refuse_non_finite(rewards, "reward")
    return rewards.double()


def _centered(exact: Float[Tensor, "group member"]) -> Float[Tensor, "group member"]:
    return exact - exact.mean(dim=1, keepdim=True)


def leave_one_out(rewards: Float[Tensor, "group member"]) -> Float[Tensor, "group member"]:
    """A baseline for each reply: the mean reward of the others to the same prompt (Kool et al.
    2019).

    It does not depend on the reply itself, so subtracting it leaves the mean of the gradient as it
    is.
    """
    others = rewards.shape[1] - 1
    if others < 1:
        raise ValueError(
            f"the groups have {rewards.shape[1]} members; give two replies or more to each prompt."
        )
    return (rewards.sum(dim=1, keepdim=True) - rewards) / others


def _refuse_non_finite(values: Float[Tensor, "*shape"], what: str) -> None:
    bad = values[~values.isfinite()].tolist()
    if bad:
        raise ValueError(
            f"{len(bad)} of {values.numel()} {what}s are not finite, the first is {bad[0]}; "
            f"look at what computes them, or leave these replies out."
        )
