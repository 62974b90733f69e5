"""How far has a policy moved from its reference? KL(pi || ref) exactly, and three estimates from
sampled tokens.

KL(pi || ref) = sum over tokens x of pi(x) (log pi(x) - log ref(x)), in nats. It is 0 if both are
the same and positive otherwise. The estimates need only the log-ratio r = log pi(x) - log ref(x) of
tokens x that were sampled from pi:

    k1 = r                     right on average, but may be negative
    k2 = r^2 / 2               never negative, right for small distances only
    k3 = exp(-r) - 1 + r       right on average and never negative

Schulman, "Approximating KL Divergence" (2020).
"""

import torch
from jaxtyping import Float
from torch import Tensor


def exact_kl(
    logits: Float[Tensor, "*positions vocab"], ref_logits: Float[Tensor, "*positions vocab"]
) -> Float[Tensor, "*positions"]:
    """KL(pi || ref) at each position, from both models' logits over the whole vocabulary.

    Infinite where pi allows what the reference rules out. A token of probability 0 adds nothing, as
    p log p goes to 0.
    """
    log_pi, log_ref = logits.log_softmax(dim=-1), ref_logits.log_softmax(dim=-1)
    pi = log_pi.exp()
    return torch.where(pi > 0, pi * (log_pi - log_ref), 0.0).sum(dim=-1)


def k1(log_ratio: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The log-ratio itself."""
    return log_ratio


def k2(log_ratio: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Half its square."""
    return log_ratio.square() / 2


def k3(log_ratio: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The ratio ref / pi, less its tangent at 1; expm1 keeps the small ones from drowning in
    rounding.
    """
    return torch.expm1(-log_ratio) + log_ratio
