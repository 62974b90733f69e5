"""Exercise 04.6: the backward pass of layer norm, with respect to its input."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.6",
    minutes=20,
    atol=1e-5,  # three terms nearly cancel: float32 has to pass
    hints=(
        "Call the normalised x x_hat. First go back through the gain: what is the gradient of "
        "x_hat? Then ask on how many ways one x acts on the x_hat of its row.",
        "There are three: directly, through the mean, and through the variance. The first one "
        "gives g / std, with g = grad_out * gain. Each of the other two takes something away that "
        "is the same sum for the whole row.",
        "(g - mean(g) - x_hat * mean(g * x_hat)) / std, with std = sqrt(var + eps) and x_hat = (x "
        "- mean) / std. All means run over the last axis, with keepdim=True; the variance has "
        "correction=0.",
    ),
)
def layer_norm_backward(
    x: torch.Tensor, gain: torch.Tensor, grad_out: torch.Tensor, eps: float
) -> torch.Tensor:
    """The backward pass of layer norm, with respect to its input.

    Forward, it computed out = gain * (x - mean) / sqrt(var + eps) (+ a bias), with the
    mean and the variance of each position over its d_model numbers. The variance
    divides by d_model, not by d_model - 1.

    x: what came in, shape (pos, d_model).
    gain: shape (d_model,).
    grad_out: dC/dout, shape (pos, d_model).
    eps: a small number, not always the same.
    Returns dC/dx, shape (pos, d_model).
    """
    std = (x.var(dim=-1, correction=0, keepdim=True) + eps).sqrt()
    x_hat = (x - x.mean(dim=-1, keepdim=True)) / std
    g = grad_out * gain  # dC/dx_hat
    through_mean = g.mean(dim=-1, keepdim=True)
    through_variance = x_hat * (g * x_hat).mean(dim=-1, keepdim=True)
    return (g - through_mean - through_variance) / std


@layer_norm_backward.also_right
def _autograd_of_the_library(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    with torch.enable_grad():
        leaf = x.clone().requires_grad_()
        return torch.autograd.grad(F.layer_norm(leaf, gain.shape, gain, None, eps), leaf, grad_out)[
            0
        ]


@layer_norm_backward.also_right
def _link_by_link(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    n = x.shape[-1]
    centred = x - x.sum(dim=-1, keepdim=True) / n
    spread = (centred**2).sum(dim=-1, keepdim=True) / n + eps
    of_x_hat = grad_out * gain
    of_spread = (of_x_hat * centred).sum(dim=-1, keepdim=True) * -0.5 * spread**-1.5
    of_centred = of_x_hat * spread**-0.5 + of_spread * 2 * centred / n
    return of_centred - of_centred.sum(dim=-1, keepdim=True) / n


@layer_norm_backward.also_right
def _jacobian_of_each_row(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    rows, n = [], x.shape[-1]
    for row, slopes in zip(x.double(), grad_out.double(), strict=True):
        std = torch.sqrt(row.var(unbiased=False) + eps)
        x_hat = (row - row.mean()) / std
        jacobian = (torch.eye(n, dtype=torch.float64) - 1 / n - torch.outer(x_hat, x_hat) / n) / std
        rows.append((slopes * gain.double()) @ jacobian)
    return torch.stack(rows)


@layer_norm_backward.also_right
def _numpy_einsum(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    data, g = x.numpy().astype(np.float64), np.einsum("pd,d->pd", grad_out.numpy(), gain.numpy())
    scale = 1 / np.sqrt(data.var(axis=1) + eps)
    x_hat = (data - data.mean(axis=1)[:, None]) * scale[:, None]
    along = np.einsum("pd,pd->p", g, x_hat) / data.shape[1]
    return torch.from_numpy((g - g.mean(axis=1)[:, None] - along[:, None] * x_hat) * scale[:, None])


def _mean(values: Tensor) -> Tensor:
    return values.mean(dim=-1, keepdim=True)


def _std(x: Tensor, eps: float, correction: int = 0) -> Tensor:
    return (x.var(dim=-1, correction=correction, keepdim=True) + eps).sqrt()


def _back(x: Tensor, g: Tensor, std: Tensor) -> Tensor:
    """The right formula, for whatever the standard deviation and the gradient of x_hat
    are.
    """
    x_hat = (x - _mean(x)) / std
    return (g - _mean(g) - x_hat * _mean(g * x_hat)) / std


@layer_norm_backward.wrong("Do you use the eps that you were given? It is not always 0.00001.")
def _eps_of_the_library(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return layer_norm_backward.reference(x, gain, grad_out, 1e-5)


@layer_norm_backward.wrong(
    "Where is eps? It belongs to the variance, under the root, on the way back too."
)
def _no_eps(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return layer_norm_backward.reference(x, gain, grad_out, 0.0)


@layer_norm_backward.wrong(
    "Are the mean and the standard deviation constants? Moving one x moves both, and with them the "
    "whole row. Two ways are missing."
)
def _both_constant(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return grad_out * gain / _std(x, eps)


@layer_norm_backward.wrong(
    "Does the variance stay the same when one x moves? The way through the variance is missing."
)
def _variance_constant(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g = grad_out * gain
    return (g - _mean(g)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Does the mean stay the same when one x moves? The way through the mean is missing."
)
def _mean_constant(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - x_hat * _mean(g * x_hat)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Where is the gain? It stands between x_hat and the output: multiply grad_out by it first."
)
def _no_gain(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out, _std(x, eps))


@layer_norm_backward.wrong(
    "When do you go through the gain? It came last on the way forward, so it comes first on the "
    "way back, before the means are taken."
)
def _gain_last(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return gain * _back(x, grad_out, _std(x, eps))


@layer_norm_backward.wrong(
    "Divide by the gain or multiply? Forward it was a factor, so it is a factor backward as well."
)
def _divided_by_the_gain(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out / gain, _std(x, eps))


@layer_norm_backward.wrong(
    "What does the variance divide by? By d_model. torch divides by one less unless you say "
    "correction=0."
)
def _unbiased(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, eps, correction=1))


@layer_norm_backward.wrong(
    "Whose mean and variance are they? Each position has its own: take the last axis, not the "
    "first."
)
def _over_positions(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g = (grad_out * gain).T
    return _back(x.T, g, _std(x.T, eps)).T


@layer_norm_backward.wrong("Where does eps stand? Inside of the root, together with the variance.")
def _eps_outside_of_the_root(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, 0.0) + eps)


@layer_norm_backward.wrong(
    "How did you get the standard deviation? x.std() + eps differs twice: it divides by d_model - "
    "1, and eps stands outside of the root. Take the root of var + eps, with correction=0."
)
def _unbiased_and_eps_outside(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, 0.0, correction=1) + eps)


@layer_norm_backward.wrong(
    "What does layer norm divide by? By the root of the variance; here the root is missing."
)
def _no_root(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, eps) ** 2)


@layer_norm_backward.wrong(
    "Did x go through the division by the standard deviation? Then so does its gradient: divide "
    "everything by it."
)
def _not_divided_by_the_std(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, eps)) * _std(x, eps)


@layer_norm_backward.wrong(
    "Sum or mean? The mean has a 1/d_model in it, and so has the variance: take means in both "
    "terms."
)
def _sums(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - g.sum(dim=-1, keepdim=True) - x_hat * (g * x_hat).sum(dim=-1, keepdim=True)) / _std(
        x, eps
    )


@layer_norm_backward.wrong(
    "Whom does the way through the variance move? Each x in proportion to its x_hat; that factor "
    "is missing."
)
def _x_hat_missing(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - _mean(g) - _mean(g * x_hat)) / _std(x, eps)


@layer_norm_backward.wrong(
    "x or x_hat? On the way through the variance it is the normalised x_hat, in both places."
)
def _x_for_x_hat(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g = grad_out * gain
    return (g - _mean(g) - x * _mean(g * x)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Which sign has the way through the variance? A wider row makes every x_hat smaller: it is "
    "subtracted."
)
def _sign_of_the_variance(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - _mean(g) + x_hat * _mean(g * x_hat)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Which way is it? This is layer norm forward, applied to grad_out; backward needs x as well."
)
def _norm_of_the_gradient(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return F.layer_norm(grad_out, gain.shape, gain, None, eps)


@layer_norm_backward.inputs
def _positions(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
    yield torch.tensor([[1.0, 2.0, 6.0]]), torch.ones(3), torch.tensor([[1.0, 0.0, 0.0]]), 0.1
    # all equal
    yield (
        torch.tensor([[2.0, 2.0, 2.0, 2.0]]),
        torch.ones(4),
        torch.tensor([[1.0, 2.0, 3.0, -1.0]]),
        0.01,
    )
    for (pos, d_model), eps in zip(
        ((1, 4), (4, 3), (5, 4), (3, 8), (4, 4), (6, 5), (7, 64)),
        (0.1, 1e-5, 0.5, 1e-3, 0.1, 1e-5, 1e-5),
        strict=True,
    ):
        gain = torch.randn(d_model, generator=rng) * 0.5 + 1.2
        for size, offset, slope in ((1.0, 0.0, 1.0), (20.0, 50.0, 0.001), (0.02, -0.1, 30.0)):
            x = torch.randn(pos, d_model, generator=rng) * size + offset
            yield x, gain, torch.randn(pos, d_model, generator=rng) * slope + 0.2 * slope, eps
