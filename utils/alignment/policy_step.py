"""What one step of PPO or GRPO sampled, and how far its policy is from the reference."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from utils.alignment.kl import exact_kl
from utils.alignment.replies import Replies
from utils.model.gpt import GPT

Logits = Float[Tensor, "batch pos vocab"]


@dataclass(frozen=True)
class PolicyStep:
    """What one step sampled, before it learnt from it: the replies, their learned rewards, and
    KL(pi || ref) of each.

    The KL is exact for each next token and summed over the reply, in nats.
    """

    replies: Replies
    scores: Float[Tensor, " batch"]
    kl: Float[Tensor, " batch"]


@torch.no_grad()
def reply_kl(policy: GPT, reference: GPT, replies: Replies) -> Float[Tensor, " batch"]:
    """KL(pi || ref) of each next token of a reply, exact over the vocabulary, summed over the
    reply, in nats.

    The mean over replies that the policy has sampled estimates the KL of whole replies, with less
    noise than k1.
    """
    return kl_of_replies(
        policy(replies.ids, replies.real), reference(replies.ids, replies.real), replies
    )


def kl_of_replies(logits: Logits, ref_logits: Logits, replies: Replies) -> Float[Tensor, " batch"]:
    """The same from the logits that policy and reference gave for these replies."""
    return exact_kl(logits[:, :-1], ref_logits[:, :-1]).where(replies.written, 0.0).sum(dim=1)
