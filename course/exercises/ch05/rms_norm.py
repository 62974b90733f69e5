"""Exercise 05.5: RMS norm, which sets the size of each token and leaves its mean."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "05.5",
    minutes=6,
    hints=(
        "Read the name from behind: a square, its mean over the token's numbers, and the root of "
        "that.",
        "x.square().mean(dim=-1, keepdim=True) is one number for each token, shape (pos, 1). eps is "
        "added to it.",
        "gain * x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()",
    ),
)
def rms_norm(x: torch.Tensor, gain: torch.Tensor, eps: float) -> torch.Tensor:
    """RMS norm: each token is divided by the root of its mean square.

    eps is added to the mean square. Then each place is multiplied by its gain.

    x: shape (pos, d_model).
    gain: shape (d_model,).
    eps: a small number, not always the same.
    Returns the normalised tokens, shape (pos, d_model).
    """
    mean_square = x.square().mean(dim=-1, keepdim=True)  # (pos, 1)
    return gain * x / (mean_square + eps).sqrt()


@rms_norm.also_right
def _of_the_library(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return F.rms_norm(x, gain.shape, gain, eps)


@rms_norm.also_right
def _from_the_length(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    length = x.double().norm(dim=1, keepdim=True)
    return x * torch.rsqrt(length**2 / x.shape[1] + eps) * gain


@rms_norm.also_right
def _token_by_token(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    rows = [token / (token @ token / len(token) + eps) ** 0.5 for token in x]
    return torch.stack(rows) * gain


@rms_norm.also_right
def _numpy_einsum(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    table = x.numpy().astype(np.float64)
    mean_square = np.einsum("pd,pd->p", table, table) / table.shape[1]
    scaled = np.einsum("pd,p,d->pd", table, (mean_square + eps) ** -0.5, gain.numpy())
    return torch.from_numpy(scaled)


def _divided(x: Tensor, gain: Tensor, mean_square: Tensor, eps: float) -> Tensor:
    return gain * x / (mean_square + eps).sqrt()


@rms_norm.wrong(
    "Is the mean taken off? Not here: that is layer norm. RMS norm divides, and does nothing else."
)
def _mean_taken_off(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return F.layer_norm(x, gain.shape, gain, None, eps)


@rms_norm.wrong(
    "By what is it divided? By the root of the mean square, not by the deviation from the mean. "
    "The mean square has the mean in it."
)
def _divided_by_the_deviation(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return _divided(x, gain, x.var(dim=-1, correction=0, keepdim=True), eps)


@rms_norm.wrong(
    "Where is the R of RMS? The mean square is in squared units: take its root before you divide."
)
def _no_root(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return gain * x / (x.square().mean(dim=-1, keepdim=True) + eps)


@rms_norm.wrong(
    "Where is the M of RMS? Here the squares are summed, so that each token gets the length 1. The "
    "mean divides by d_model."
)
def _sum_for_mean(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return _divided(x, gain, x.square().sum(dim=-1, keepdim=True), eps)


@rms_norm.wrong(
    "Do all tokens share one size? Here the mean goes over the whole table. Each token has its own: "
    "dim=-1, keepdim=True."
)
def _over_the_whole_table(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return _divided(x, gain, x.square().mean(), eps)


@rms_norm.wrong(
    "Along which axis does the mean run? Along the numbers of one token. Here it runs over the "
    "tokens: dim=0."
)
def _over_the_tokens(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return _divided(x, gain, x.square().mean(dim=0, keepdim=True), eps)


@rms_norm.wrong(
    "Where does eps stand? Under the root, beside the mean square. Added to the root it does more."
)
def _eps_outside_the_root(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return gain * x / (x.square().mean(dim=-1, keepdim=True).sqrt() + eps)


@rms_norm.wrong("What becomes of a token of zeros? 0 / 0 is NaN, unless eps stands below the line.")
def _no_eps(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return _divided(x, gain, x.square().mean(dim=-1, keepdim=True), 0.0)


@rms_norm.wrong(
    "Squares, or sizes? The mean of the absolute values is another number: it is smaller, where "
    "they differ."
)
def _mean_of_the_sizes(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return gain * x / (x.abs().mean(dim=-1, keepdim=True).square() + eps).sqrt()


@rms_norm.wrong("Where is the gain? After the division each place is multiplied by its own.")
def _no_gain(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return _divided(x, torch.ones_like(gain), x.square().mean(dim=-1, keepdim=True), eps)


@rms_norm.wrong(
    "When does the gain come in? After the norm. Multiplied before it, it changes the mean square."
)
def _gain_before_the_norm(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return rms_norm.reference(x * gain, torch.ones_like(gain), eps)


@rms_norm.wrong(
    "Multiplied or divided? A large token has to become smaller. Here its size is squared instead."
)
def _multiplied(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return gain * x * (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()


@rms_norm.inputs
def _tokens(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    tokens = torch.tensor([[3.0, 4.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 2.0, 0.0]])
    yield tokens, torch.tensor([1.0, 2.0, 3.0, 4.0]), 0.01
    for pos, d_model in ((3, 4), (5, 7), (2, 6), (6, 3), (4, 9), (7, 5)):
        for size, eps in ((1.0, 1e-3), (0.3, 0.1), (20.0, 0.5)):
            means = torch.randn(pos, 1, generator=rng)
            spread = torch.randn(pos, 1, generator=rng).exp()
            x = size * (means + spread * torch.randn(pos, d_model, generator=rng))
            yield x, 1 + torch.randn(d_model, generator=rng), eps
