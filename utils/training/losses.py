"""How wrong were we? Cross-entropy, and two ways to read it: perplexity and bits per byte."""

import math

import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor


def token_losses(
    logits: Float[Tensor, "batch pos vocab"], targets: Int64[Tensor, "batch pos"]
) -> Float[Tensor, "batch pos"]:
    """-log P(target) in nats, for every position: the surprise at each token (Shannon 1948)."""
    return F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")


def cross_entropy(
    logits: Float[Tensor, "batch pos vocab"], targets: Int64[Tensor, "batch pos"]
) -> Float[Tensor, ""]:
    """The mean of `token_losses`, in nats per token: the loss that pre-training lowers."""
    return token_losses(logits, targets).mean()


def next_token_losses(
    logits: Float[Tensor, "batch pos vocab"], ids: Int64[Tensor, "batch pos"]
) -> Float[Tensor, "batch pos_minus_1"]:
    """The loss of each token of `ids` but the first, given the logits of a model that read `ids`.

    The logits at position i judge the token at i + 1. The first token has nothing before it, and so
    no loss.
    """
    if ids.shape[1] < 2:
        raise ValueError(
            "a loss needs a token to predict and one before it: give at least two tokens."
        )
    return token_losses(logits[:, :-1], ids[:, 1:])


def perplexity(loss: float | Float[Tensor, ""]) -> float:
    """exp(loss): among how many equally likely tokens the model hesitates, as it were.

    `loss` in nats per token.
    """
    return math.exp(float(loss))


def bits_per_byte(loss: float | Float[Tensor, ""], n_tokens: int, n_bytes: int) -> float:
    """The loss per byte of the text instead of per token, in bits: comparable between tokenizers.

    `loss` in nats per token over `n_tokens` tokens that spell `n_bytes` bytes.
    """
    if n_tokens < 1 or n_bytes < 1:
        raise ValueError(
            f"{n_tokens} tokens and {n_bytes} bytes were given; a text has at least one of each."
        )
    return float(loss) / math.log(2) * n_tokens / n_bytes
