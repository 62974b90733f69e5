"""Exercise 05.4: layer norm, of each token over its features."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "05.4",
    minutes=10,
    graded=False,
    atol=1e-5,  # the deviations from the mean are differences of float32
    hints=(
        "A row is a token. Along which axis do mean and variance run, and how does one number for "
        "each row fit the row again?",
        "x.mean(dim=-1, keepdim=True) has the shape (pos, 1). The variance is the mean of the "
        "squared deviations: x.var(dim=-1, correction=0, keepdim=True).",
        "(x - mean) / (variance + eps).sqrt() first. Then times gain, then plus shift.",
    ),
)
def layer_norm(
    x: torch.Tensor, gain: torch.Tensor, shift: torch.Tensor, eps: float
) -> torch.Tensor:
    """Layer norm: each token is normalised over its own numbers.

    From each token's numbers their mean is taken off, and they are divided by the root
    of (their variance + eps). Then each place is multiplied by its gain, and its shift
    is added. The variance is the mean of the squared deviations.

    x: shape (pos, d_model).
    gain, shift: shape (d_model,).
    eps: a small number, not always the same.
    Returns the normalised tokens, shape (pos, d_model).
    """
    mean = x.mean(dim=-1, keepdim=True)  # (pos, 1)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return gain * (x - mean) / (variance + eps).sqrt() + shift


@layer_norm.also_right
def _of_the_library(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return F.layer_norm(x, gain.shape, gain, shift, eps)


@layer_norm.also_right
def _var_mean(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    variance, mean = torch.var_mean(x, dim=1, correction=0, keepdim=True)
    return torch.addcmul(shift, gain, (x - mean) * torch.rsqrt(variance + eps))


@layer_norm.also_right
def _token_by_token_in_float64(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    rows = []
    for token in x.double():
        off = token - token.sum() / len(token)
        rows.append(gain * off / (off @ off / len(token) + eps) ** 0.5 + shift)
    return torch.stack(rows)


@layer_norm.also_right
def _numpy_population_deviation(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    table = x.numpy().astype(np.float64).T  # (d_model, pos)
    normed = (table - table.mean(axis=0)) / np.sqrt(table.std(axis=0) ** 2 + eps)
    return torch.from_numpy(normed.T * gain.numpy() + shift.numpy())


def _normed(x: Tensor, eps: float, dim: int | None = -1, correction: int = 0) -> Tensor:
    """Normalised along an axis, or over the whole table (None)."""
    dims = tuple(range(x.dim())) if dim is None else (dim,)
    mean = x.mean(dim=dims, keepdim=True)
    return (x - mean) / (x.var(dim=dims, correction=correction, keepdim=True) + eps).sqrt()


@layer_norm.wrong(
    "Who is compared with whom? Here each place is normalised over the tokens, which is batch norm. "
    "Layer norm goes along the row of one token: dim=-1."
)
def _over_the_tokens(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * _normed(x, eps, dim=0) + shift


@layer_norm.wrong(
    "Does one token know of the others? Here mean and variance are those of the whole table. Each "
    "row has its own: dim=-1, keepdim=True."
)
def _over_the_whole_table(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * _normed(x, eps, dim=None) + shift


@layer_norm.wrong(
    "Divided by d_model, or by d_model - 1? var and std take one less by themselves, as for a "
    "sample. Here the mean of the squares is meant: correction=0."
)
def _sample_variance(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * _normed(x, eps, correction=1) + shift


@layer_norm.wrong(
    "Where does eps stand? Under the root, beside the variance. Added to the deviation it does more."
)
def _eps_outside_the_root(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    deviation = x.std(dim=-1, correction=0, keepdim=True)
    return gain * (x - x.mean(dim=-1, keepdim=True)) / (deviation + eps) + shift


@layer_norm.wrong(
    "What becomes of a token whose numbers are all equal? 0 / 0 is NaN, unless eps stands below the "
    "line."
)
def _no_eps(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * _normed(x, 0.0) + shift


@layer_norm.wrong("Is every eps 1e-5? torch's default stands here. Hand on the one that is given.")
def _eps_of_the_library(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return F.layer_norm(x, gain.shape, gain, shift)


@layer_norm.wrong(
    "Where does the mean go? This divides by the root of the mean square and leaves the mean in: "
    "that is RMS norm, the next exercise."
)
def _mean_left_in(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt() + shift


@layer_norm.wrong(
    "Is the mean taken off above the line? Below the line it is, in the variance. The numbers "
    "themselves still have it."
)
def _mean_taken_off_only_below(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * x / (x.var(dim=-1, correction=0, keepdim=True) + eps).sqrt() + shift


@layer_norm.wrong(
    "Variance or deviation? The variance is in squared units. Take its root before you divide."
)
def _no_root(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    off = x - x.mean(dim=-1, keepdim=True)
    return gain * off / (x.var(dim=-1, correction=0, keepdim=True) + eps) + shift


@layer_norm.wrong(
    "Is centring enough? The mean has been taken off, and the size is as it was: divide by the "
    "deviation as well."
)
def _only_centred(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * (x - x.mean(dim=-1, keepdim=True)) + shift


@layer_norm.wrong(
    "When does the gain come in? After the norm. Multiplied before it, it changes mean and variance "
    "and is partly normalised away."
)
def _gain_before_the_norm(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return _normed(x * gain, eps) + shift


@layer_norm.wrong(
    "In which order do gain and shift come? Gain first. Here the shift is multiplied by the gain, "
    "too."
)
def _shift_before_the_gain(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * (_normed(x, eps) + shift)


@layer_norm.wrong("Where is the shift? It is added at the end, to each place its own.")
def _no_shift(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return gain * _normed(x, eps)


@layer_norm.wrong("Where is the gain? After the norm each place is multiplied by its own.")
def _no_gain(x: Tensor, gain: Tensor, shift: Tensor, eps: float) -> Tensor:
    return _normed(x, eps) + shift


@layer_norm.inputs
def _tokens(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
    marks = torch.tensor([[45.0, 50.0, 55.0, 60.0, 65.0], [7.0, 7.0, 7.0, 7.0, 7.0]])
    yield (
        marks,
        torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]),
        torch.tensor([0.0, 1.0, 2.0, 3.0, -9.0]),
        1e-5,
    )
    for pos, d_model in ((3, 4), (5, 7), (2, 6), (6, 3), (4, 9), (7, 5)):
        for size, eps in ((1.0, 1e-3), (0.3, 0.1), (20.0, 0.5)):
            # each token and each place has a mean and a size of its own
            means = torch.randn(pos, 1, generator=rng) + torch.randn(d_model, generator=rng)
            spread = torch.randn(pos, 1, generator=rng).exp()
            x = size * (means + spread * torch.randn(pos, d_model, generator=rng))
            gain = 1 + torch.randn(d_model, generator=rng)
            yield x, gain, torch.randn(d_model, generator=rng), eps
