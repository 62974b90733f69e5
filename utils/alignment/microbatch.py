"""A step of fine-tuning in parts: the gradients of several microbatches add up to that of the whole
batch, which would not fit into memory at once.
"""

from typing import NamedTuple

from jaxtyping import Bool, Float
from torch import Tensor

from utils.alignment.masked_sums import masked_normalize


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
    of_rows = masked_normalize(-logprobs, written, constant, dim=1)
    loss = of_rows.mean() / accumulation_steps
    loss.backward()
    nats = masked_normalize(-logprobs.detach(), written, tokens)
    return Microbatch(loss.detach(), tokens, float(nats))
