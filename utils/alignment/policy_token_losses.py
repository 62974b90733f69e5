"""What each token of a reply loses under a policy gradient, before anything is added up. To be
lowered; gradients flow to the policy alone.

    policy_gradient_losses(logprobs, rewards)               no baseline (Williams 1992)
    policy_gradient_losses(logprobs, advantages)            with a baseline
    clipped_losses(logprobs, old, advantages, clip=0.2)     off-policy: `old` wrote the replies (GRPO)
    clipped_losses(logprobs, old, advantages, math.inf)     the same, never clipped

(batch, pos_minus_1) tensors are aligned as in `logprobs`. How tokens become one number is
`mean_over_replies`, `mean_over_tokens` or `mean_over_constant`; `policy_microbatch_step` does it in
parts.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from utils.alignment.policy_losses import clipped_objective


class TokenLosses(NamedTuple):
    """losses: of each token, with their graph. clipped: where the clip has taken the gradient away."""

    losses: Float[Tensor, "batch pos_minus_1"]
    clipped: Bool[Tensor, "batch pos_minus_1"]


def policy_gradient_losses(
    logprobs: Float[Tensor, "batch pos_minus_1"], weights: Float[Tensor, " batch"]
) -> TokenLosses:
    """-weight log pi(token): REINFORCE, token by token, for replies that pi has just written.

    weights: of each reply, its raw reward or its advantage. Nothing is clipped.
    """
    losses = -weights.detach()[:, None] * logprobs
    return TokenLosses(losses, torch.zeros_like(losses, dtype=torch.bool))


def clipped_losses(
    logprobs: Float[Tensor, "batch pos_minus_1"],
    old: Float[Tensor, "batch pos_minus_1"],
    advantages: Float[Tensor, " batch"],
    clip: float,
) -> TokenLosses:
    """Minus the clipped objective, for replies that an earlier policy wrote, whose log-probabilities
    are `old`. With `clip` = math.inf it is -ratio * advantage.

    Raises ValueError for a clip that is not above 0.
    """
    if not clip > 0:
        raise ValueError(
            f"clip is {clip}; give a number above 0, such as 0.2, or math.inf for none."
        )
    of_tokens = advantages.detach()[:, None].expand_as(logprobs)
    losses = -clipped_objective(logprobs, old.detach(), of_tokens, clip)
    with torch.no_grad():
        clipped = losses > -(logprobs - old).exp() * of_tokens
    return TokenLosses(losses, clipped)
