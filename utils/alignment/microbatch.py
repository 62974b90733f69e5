"""A step of fine-tuning or of a policy gradient in parts: the gradients of several microbatches add up
to that of the whole batch, which would not fit into memory at once.
"""

from typing import NamedTuple

from jaxtyping import Bool, Float
from torch import Tensor

from utils.alignment.logprobs import mean_over_replies
from utils.alignment.masked_sums import masked_normalize
from utils.alignment.policy_losses import Average
from utils.alignment.policy_token_losses import TokenLosses


class Microbatch(NamedTuple):
    """loss: what was backpropagated, detached: this microbatch's part of the step's loss. tokens: how
    many tokens of replies are in it. nats: the mean of -log p over them.
    """

    loss: Float[Tensor, ""]
    tokens: int
    nats: float


def sft_microbatch_step(
    logprobs: Float[Tensor, "batch pos_minus_1"],
    written: Bool[Tensor, "batch pos_minus_1"],
    accumulation_steps: int,
    constant: float | int = 1.0,
) -> Microbatch:
    """Add this microbatch's gradient to what is there already. After `accumulation_steps` of them it
    is that of the mean over all their rows of: the sum of -log p over a reply / `constant`.

    So all microbatches must have as many rows. `logprobs`: of each token, with their graph, as
    `token_logprobs` gives them; `written`: which of them belong to a reply. Nothing is zeroed and no
    step is taken: that is the optimizer's, once for all of them. Raises ValueError for
    accumulation_steps below 1, and for a microbatch without a token of a reply.
    """
    tokens = _count(written, accumulation_steps)
    of_rows = masked_normalize(-logprobs, written, constant, dim=1)
    loss = of_rows.mean() / accumulation_steps
    loss.backward()
    nats = masked_normalize(-logprobs.detach(), written, tokens)
    return Microbatch(loss.detach(), tokens, float(nats))


class PolicyMicrobatch(NamedTuple):
    """loss: what was backpropagated, detached: this microbatch's part of the step's loss. tokens: how
    many were written in it. clipped: the share of them whose gradient the clip took away.
    """

    loss: Float[Tensor, ""]
    tokens: int
    clipped: float


def policy_microbatch_step(
    found: TokenLosses,
    written: Bool[Tensor, "batch pos_minus_1"],
    accumulation_steps: int,
    average: Average = mean_over_replies,
) -> PolicyMicrobatch:
    """Add this microbatch's gradient to what is there already. After `accumulation_steps` of them,
    with as many rows each, it is that of `average` over all their rows.

    found: of each token, from `policy_gradient_losses` or `clipped_losses`. average:
    `mean_over_replies`, or `mean_over_constant` with its constant: means over rows. (A mean over all
    tokens of a microbatch does not add up to that of the whole where one has more tokens than
    another.) Nothing is zeroed and no step is taken. Raises ValueError as `sft_microbatch_step` does.
    """
    tokens = _count(written, accumulation_steps)
    loss = average(found.losses, written) / accumulation_steps
    loss.backward()
    clipped = int((found.clipped & written).sum())
    return PolicyMicrobatch(loss.detach(), tokens, clipped / tokens)


def _count(written: Bool[Tensor, "batch pos_minus_1"], accumulation_steps: int) -> int:
    """How many tokens are learned; ValueError where there is none, or no number of steps."""
    if accumulation_steps < 1:
        raise ValueError(
            f"accumulation_steps is {accumulation_steps}; give a whole number from 1 up: how many "
            "microbatches make one step."
        )
    tokens = int(written.sum())
    if tokens == 0:
        raise ValueError(
            "no token of this microbatch belongs to a reply, so it teaches nothing: leave it out."
        )
    return tokens
