"""How likely is a reply, and how undecided was the model? Log-probabilities and entropies per token,
log-probabilities per reply, their means, and the loss of fine-tuning.

Column i of a (batch, pos_minus_1) tensor is about token i + 1, as in
`utils.training.losses.next_token_losses`: the logits at position i judge the token after it. Prompt
and padding have 0 there, so a sum over columns is a sum over the reply.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from utils.alignment.replies import Replies
from utils.model.gpt import GPT
from utils.training.losses import next_token_losses


def token_logprobs(model: GPT, batch: Replies) -> Float[Tensor, "batch pos_minus_1"]:
    """log pi(token | all before it), in nats, for each token of the replies; 0 elsewhere."""
    return logprobs_of_logits(model(batch.ids, batch.real), batch)


def logprobs_of_logits(
    logits: Float[Tensor, "batch pos vocab"], batch: Replies
) -> Float[Tensor, "batch pos_minus_1"]:
    """The same from logits that a model gave for this batch."""
    return (-next_token_losses(logits, batch.ids)).masked_fill(~batch.written, 0.0)


def token_entropies(logits: Float[Tensor, "*shape vocab"]) -> Float[Tensor, "*shape"]:
    """How undecided the model is before each token, in nats: -sum of p log p over the vocabulary.

    0: one token is certain. log(vocab): all are equally likely. A logit of -inf is a token that
    cannot come, and adds 0.
    """
    log_p = logits.log_softmax(dim=-1)
    finite = log_p.masked_fill(log_p.isneginf(), 0.0)  # 0 times -inf would be NaN
    return -(log_p.exp() * finite).sum(dim=-1)


def reply_entropies(model: GPT, batch: Replies) -> Float[Tensor, "batch pos_minus_1"]:
    """`token_entropies` before each token of the replies; 0 elsewhere."""
    logits = model(batch.ids, batch.real)[:, :-1]  # position i decides on token i + 1
    return token_entropies(logits).masked_fill(~batch.written, 0.0)


def sequence_logprobs(model: GPT, batch: Replies) -> Float[Tensor, " batch"]:
    """log pi(reply | prompt), in nats: the sum over its tokens.

    A longer reply is therefore less likely.
    """
    return token_logprobs(model, batch).sum(dim=1)


def sft_loss(model: GPT, batch: Replies) -> tuple[Float[Tensor, ""], int]:
    """Supervised fine-tuning: the summed cross-entropy of the replies, and of how many tokens it is
    the sum.

    The prompts are read but not learnt: nobody wants the model to ask (Ouyang et al. 2022 train on
    demonstrations).
    """
    return -token_logprobs(model, batch).sum(), int(batch.written.sum())


def mean_over_tokens(
    values: Float[Tensor, "batch pos_minus_1"], written: Bool[Tensor, "batch pos_minus_1"]
) -> Float[Tensor, ""]:
    """Every token counts the same, so a long reply counts more than a short one."""
    return values.where(written, 0.0).sum() / _count(written).sum()


def mean_over_replies(
    values: Float[Tensor, "batch pos_minus_1"], written: Bool[Tensor, "batch pos_minus_1"]
) -> Float[Tensor, ""]:
    """The mean within each reply first, then over replies: every reply counts the same, however
    long it is.
    """
    return (values.where(written, 0.0).sum(dim=1) / _count(written)).mean()


def _count(written: Bool[Tensor, "batch pos_minus_1"]) -> Float[Tensor, " batch"]:
    count = written.sum(dim=1)
    if not bool((count > 0).all()):
        raise ValueError(
            "a reply has no tokens, so it has no mean: leave rows out in which nothing is written."
        )
    return count.to(torch.float32)
