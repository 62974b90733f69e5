"""From logits to the next token: pure functions on a batch of logits, each one step of the way.

The steps come in Hugging Face's order: repetition penalty, temperature, top-k, top-p, min-p, then
one draw. A step that removes tokens sets their logits to -inf; the next step sees only what is
left, as if it were the whole distribution.

Decimal shares such as 0.8 are no exact binary numbers, so a sum such as 0.5 + 0.3 may fall short of
them by rounding. A share that is reached up to one part in a million therefore counts as reached.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import TypeGuard

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

ROUNDING = 1e-6

# What each setting may be, and how to say it.
_RULES: dict[str, tuple[Callable[[float], bool], str]] = {
    "temperature": (
        lambda t: 0 <= t < math.inf,
        "a number from 0 (always the likeliest token) up, for example 0.8",
    ),
    "top_k": (
        lambda k: isinstance(k, Integral) and k >= 1,
        "a whole number from 1 up, for example 50",
    ),
    "top_p": (lambda p: 0 < p <= 1, "a share above 0 and up to 1, for example 0.9"),
    "min_p": (lambda m: 0 <= m <= 1, "a share from 0 to 1, for example 0.05"),
    "repetition_penalty": (
        lambda r: 0 < r < math.inf,
        "a number above 0; 1 changes nothing, 1.2 discourages repeats",
    ),
}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, Real)


def _check(name: str, value: object) -> None:
    allowed, expected = _RULES[name]
    if not (_is_number(value) and allowed(value)):
        raise ValueError(f"{name} is {value!r}; give {expected}.")


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    None leaves a step out. Raises ValueError for a value that makes no sense.
    """

    temperature: float | int = 1.0
    top_k: int | None = None
    top_p: float | int | None = None
    min_p: float | int | None = None
    repetition_penalty: float | int = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None or field.default is not None:
                _check(field.name, value)


def next_token_probabilities(
    logits: Float[Tensor, "batch vocab"], seen: Bool[Tensor, "batch vocab"], sampling: Sampling
) -> Float[Tensor, "batch vocab"]:
    """All steps in order: how likely each token is to be drawn next; every row sums to 1.

    `seen` is True for the tokens that the text holds already. Raises ValueError if a row of logits
    has NaN or +infinity, or nothing above -infinity, because then there is no distribution.
    """
    logits = penalize_repeats(logits, seen, sampling.repetition_penalty)
    logits = scale_by_temperature(logits, sampling.temperature)
    if sampling.top_k is not None:
        logits = keep_top_k(logits, sampling.top_k)
    if sampling.top_p is not None:
        logits = keep_top_p(logits, sampling.top_p)
    if sampling.min_p is not None:
        logits = keep_min_p(logits, sampling.min_p)
    return refuse_nan(logits.softmax(dim=-1))


def refuse_nan(distribution: Float[Tensor, "batch vocab"]) -> Float[Tensor, "batch vocab"]:
    """Give back what a softmax or log-softmax gave; ValueError if it had no distribution to give."""
    if distribution.isnan().any():
        raise ValueError(
            "the logits hold NaN or infinity, so no next token can be chosen: check that the "
            "weights were loaded or trained well, or try a wider precision."
        )
    return distribution


def penalize_repeats(
    logits: Float[Tensor, "batch vocab"], seen: Bool[Tensor, "batch vocab"], penalty: float | int
) -> Float[Tensor, "batch vocab"]:
    """Make seen tokens less likely: divide a positive logit by `penalty`, multiply a negative one
    (Keskar et al. 2019).

    However often a token was seen, it is penalised once. A penalty below 1 encourages repeats.
    """
    _check("repetition_penalty", penalty)
    if penalty == 1:
        return logits
    lowered = torch.where(logits > 0, logits / penalty, logits * penalty)
    return torch.where(seen, lowered, logits)


def scale_by_temperature(
    logits: Float[Tensor, "batch vocab"], temperature: float | int
) -> Float[Tensor, "batch vocab"]:
    """Divide by the temperature: below 1 sharpens the distribution, above 1 flattens it.

    Temperature 0 is the limit: only the largest logit stays (the lowest id, if several are equal).
    This is greedy decoding. The result is shifted so that the largest logit is 0, which leaves the
    probabilities as they are.
    """
    _check("temperature", temperature)
    # so that a tiny temperature cannot make +inf of the largest
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    return keep_top_k(shifted, 1) if temperature == 0 else shifted / temperature


def keep_top_k(logits: Float[Tensor, "batch vocab"], k: int) -> Float[Tensor, "batch vocab"]:
    """Keep the k largest logits (Fan et al. 2018).

    Of equal ones at the border the lowest ids stay.
    """
    _check("top_k", k)
    return logits.masked_fill(~k_largest(logits, k), -math.inf)


def k_largest(scores: Float[Tensor, "batch n"], k: int) -> Bool[Tensor, "batch n"]:
    """Which scores are among the k largest of their row; equal ones at the border are taken from
    the left.
    """
    border = scores.topk(min(k, scores.shape[-1])).values[:, -1:]
    above, equal = scores > border, scores == border
    room = k - above.sum(dim=-1, keepdim=True)
    return above | (equal & (equal.cumsum(dim=-1) <= room))


def keep_top_p(
    logits: Float[Tensor, "batch vocab"], p: float | int
) -> Float[Tensor, "batch vocab"]:
    """Keep the smallest set of likeliest tokens whose probabilities sum to p or more (nucleus,
    Holtzman et al. 2020).

    The token that crosses p belongs to the set, so at least one stays. Equal tokens enter by id,
    the lowest first.
    """
    _check("top_p", p)
    if p == 1:
        return logits  # rounding must not cut the tail
    ranked, ids = logits.sort(dim=-1, descending=True, stable=True)
    probabilities = ranked.softmax(dim=-1)
    mass_before = probabilities.cumsum(dim=-1) - probabilities
    stays = mass_before < p * (1 - ROUNDING)
    stays[:, 0] = True  # also for a p so small that it is 0 in the logits' precision
    return logits.masked_fill(~torch.zeros_like(stays).scatter(-1, ids, stays), -math.inf)


def keep_min_p(
    logits: Float[Tensor, "batch vocab"], min_p: float | int
) -> Float[Tensor, "batch vocab"]:
    """Keep tokens at least `min_p` times as likely as the likeliest one (Nguyen et al. 2024)."""
    _check("min_p", min_p)
    probabilities = logits.softmax(dim=-1)
    least = probabilities.amax(dim=-1, keepdim=True) * min_p * (1 - ROUNDING)
    return logits.masked_fill(probabilities < least, -math.inf)


def sample(
    probabilities: Float[Tensor, "batch vocab"], draws: Float[Tensor, " batch"]
) -> Int64[Tensor, " batch"]:
    """Lay the probabilities end to end on a line from 0 to 1; the token on which the row's draw
    falls is the one.

    `draws` are uniform in [0, 1), as from torch.rand. A token of probability 0 has no length, so it
    never comes.
    """
    ends = probabilities.double().cumsum(dim=-1)
    ends = ends / ends[:, -1:]  # the last end is exactly 1, above every draw
    return torch.searchsorted(ends, draws.double()[:, None], right=True)[:, 0]
