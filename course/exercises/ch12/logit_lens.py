"""Exercise 12.5: the logit lens: what would the model say if it ended after this layer?"""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "12.5",
    minutes=10,
    hints=(
        "What does a model do with its last residual stream? It goes through the final norm, then "
        "through the unembedding, then softmax. Here every layer's stream takes this way, each row "
        "by itself.",
        "RMS norm: the mean of the squares over d_model, plus eps, and the square root of that. "
        "Divide the row by it, and multiply by gain. With keepdim=True the shape (layer, 1) "
        "divides each row by its own number.",
        "resid.square().mean(dim=-1, keepdim=True) is the mean of the squares. After the norm: @ "
        "W_U.T for the logits, shape (layer, vocab), and torch.softmax over the last axis.",
    ),
)
def logit_lens(
    resid: torch.Tensor, gain: torch.Tensor, W_U: torch.Tensor, eps: float
) -> torch.Tensor:
    """The logit lens: what would the model say if it ended after this layer?

    Each layer's residual stream goes through the final norm, the unembedding and the
    softmax.
    RMS norm: x / sqrt(mean of x² + eps) * gain, where the mean is over d_model.

    resid: the residual stream at one position, after each layer, shape (layer,
        d_model).
    gain: the gain of the final norm, shape (d_model,).
    W_U: the unembedding, shape (vocab, d_model).
    eps: a small number above 0, inside the root.
    Returns probabilities, shape (layer, vocab). The logits may be anything from -200 to
    200.
    """
    mean_square = resid.square().mean(dim=-1, keepdim=True)  # (layer, 1)
    normed = resid / torch.sqrt(mean_square + eps) * gain
    return torch.softmax(normed @ W_U.T, dim=-1)


@logit_lens.also_right
def _library_norm(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return F.softmax(F.linear(F.rms_norm(resid, gain.shape, gain, eps), W_U), dim=1)


@logit_lens.also_right
def _layer_by_layer_in_float64(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    rows = []
    for x in resid.double():
        normed = x / math.sqrt(sum(float(a) ** 2 for a in x) / len(x) + eps) * gain.double()
        logits = [float(row @ normed) for row in W_U.double()]
        powers = [math.exp(logit - max(logits)) for logit in logits]
        rows.append([power / sum(powers) for power in powers])
    return torch.tensor(rows, dtype=torch.float64)


@logit_lens.also_right
def _einsum_and_gain_in_the_unembedding(
    resid: Tensor, gain: Tensor, W_U: Tensor, eps: float
) -> Tensor:
    scale = torch.rsqrt(torch.einsum("ld,ld->l", resid, resid) / resid.shape[1] + eps)
    # the gain may join W_U
    logits = torch.einsum("l,ld,vd,d->lv", scale, resid, W_U, gain)
    return (logits - logits.logsumexp(dim=-1, keepdim=True)).exp()


@logit_lens.also_right
def _numpy_scaled_after_the_unembedding(
    resid: Tensor, gain: Tensor, W_U: Tensor, eps: float
) -> Tensor:
    x = resid.numpy().astype(np.float64)
    # of the residual stream: dividing by it may wait
    root = np.sqrt(np.mean(x**2, axis=1) + eps)
    logits = np.inner(x * gain.numpy(), W_U.numpy()) / root[:, None]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return torch.from_numpy(powers / powers.sum(axis=1, keepdims=True))


def _normed(resid: Tensor, eps: float) -> Tensor:
    """RMS norm without gain, (layer, d_model)."""
    return resid / (resid.square().mean(dim=-1, keepdim=True) + eps).sqrt()


def _said(normed: Tensor, W_U: Tensor) -> Tensor:
    """The probabilities after the norm, (layer, vocab)."""
    return (normed @ W_U.T).softmax(dim=-1)


@logit_lens.wrong(
    "What stands before the unembedding? The final norm. Here the residual stream goes in as it is."
)
def _no_norm_and_no_gain(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid, W_U)


@logit_lens.wrong(
    "Is the gain the whole norm? First each row is divided by its root mean square; this only "
    "multiplies."
)
def _gain_but_no_norm(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid * gain, W_U)


@logit_lens.wrong(
    "Where is the gain? After the division, each of the d_model numbers is multiplied by its own."
)
def _no_gain(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(_normed(resid, eps), W_U)


@logit_lens.wrong(
    "When is the gain multiplied in? After the division. Here it changes the mean of the squares, "
    "too."
)
def _gain_before_the_norm(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(_normed(resid * gain, eps), W_U)


@logit_lens.wrong(
    "Is the gain counted from 0 or from 1? Here it is the factor itself: do not add 1 to it."
)
def _one_plus_gain(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(_normed(resid, eps) * (1 + gain), W_U)


@logit_lens.wrong(
    "Is the mean taken away first? In layer norm it is. RMS norm only divides, and centres nothing."
)
def _layer_norm(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(F.layer_norm(resid, gain.shape, gain, None, eps), W_U)


@logit_lens.wrong(
    "Where does eps stand? Inside the root, with the mean of the squares. Here it is added to the "
    "root."
)
def _eps_outside(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid / (resid.square().mean(dim=-1, keepdim=True).sqrt() + eps) * gain, W_U)


@logit_lens.wrong(
    "Where is eps? It is added to the mean of the squares. For a small residual stream that shows."
)
def _no_eps(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(_normed(resid, 0.0) * gain, W_U)


@logit_lens.wrong(
    "Is eps the same in all models? It is given: read it from `eps` and do not write a number of "
    "your own."
)
def _eps_of_its_own(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(_normed(resid, 1e-5) * gain, W_U)


@logit_lens.wrong(
    "Sum or mean? The M in RMS is the mean: divide the sum of the squares by d_model before the "
    "root."
)
def _sum_under_the_root(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid / (resid.square().sum(dim=-1, keepdim=True) + eps).sqrt() * gain, W_U)


@logit_lens.wrong(
    "Where is the root? The R in RMS is for it: this divides by the mean square itself."
)
def _no_root(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid / (resid.square().mean(dim=-1, keepdim=True) + eps) * gain, W_U)


@logit_lens.wrong(
    "Over which axis is the mean? Over d_model, the last one, in each layer by itself. This is "
    "over layers."
)
def _norm_over_the_layers(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid / (resid.square().mean(dim=0, keepdim=True) + eps).sqrt() * gain, W_U)


@logit_lens.wrong(
    "How many roots are there? One for each layer. Here one mean over everything divides all "
    "layers alike."
)
def _one_norm_for_everything(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid / (resid.square().mean() + eps).sqrt() * gain, W_U)


@logit_lens.wrong(
    "Whose root divides an early layer? Its own. Here all layers are divided by the last one's."
)
def _root_of_the_last_layer(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(resid / (resid[-1].square().mean() + eps).sqrt() * gain, W_U)


@logit_lens.wrong(
    "Norm first, or unembedding first? The residual stream is normalised. Here the logits are."
)
def _norm_after_the_unembedding(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _normed(resid * gain @ W_U.T, eps).softmax(dim=-1)


@logit_lens.wrong(
    "Logits or probabilities? These are the logits: the softmax over the vocabulary is missing."
)
def _logits(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _normed(resid, eps) * gain @ W_U.T


@logit_lens.wrong("Are the probabilities logarithms? Not here: softmax, and no log.")
def _logarithms(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return (_normed(resid, eps) * gain @ W_U.T).log_softmax(dim=-1)


@logit_lens.wrong(
    "What adds up to 1? The tokens of one layer, dim=-1. Here the layers compete for each token."
)
def _softmax_over_layers(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return (_normed(resid, eps) * gain @ W_U.T).softmax(dim=0)


@logit_lens.wrong(
    "How often does softmax run? Once. A second one takes probabilities for logits, and makes them "
    "flat."
)
def _softmax_twice(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(_normed(resid, eps) * gain, W_U).softmax(dim=-1)


@logit_lens.wrong(
    "What is exp of a logit in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "row's largest first, or use softmax."
)
def _unstable_softmax(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    powers = (_normed(resid, eps) * gain @ W_U.T).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@logit_lens.wrong(
    "Whose largest logit do you subtract before exp? A layer far below the others vanishes: take "
    "each layer's own."
)
def _one_maximum_for_all_layers(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    logits = _normed(resid, eps) * gain @ W_U.T
    powers = (logits - logits.max()).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@logit_lens.wrong(
    "Does view or reshape turn W_U? It only cuts the same numbers anew. Transpose: W_U.T."
)
def _unembedding_reshaped(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return (_normed(resid, eps) * gain @ W_U.reshape(W_U.shape[1], W_U.shape[0])).softmax(dim=-1)


@logit_lens.inputs
def _residual_streams(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
    yield torch.tensor([[3.0, 4.0], [6.0, 0.0]]), torch.tensor([1.0, 2.0]), torch.eye(2), 0.5
    for layer, d_model, vocab in (
        (1, 3, 4),
        (4, 2, 5),
        (3, 4, 4),
        (2, 5, 3),
        (5, 3, 2),
        (4, 4, 9),
        (6, 8, 20),
    ):
        # as the residual stream does from layer to layer
        growing = torch.linspace(0.3, 3.0, layer)[:, None]
        for size, eps in ((1.0, 1e-5), (2.0, 0.5), (0.05, 0.01)):
            resid = torch.randn(layer, d_model, generator=rng) * size * growing + 0.3 * size
            gain = 0.5 + torch.rand(d_model, generator=rng) * 2
            yield resid, gain, torch.randn(vocab, d_model, generator=rng), eps
    # all logits are far above 0, or far below
    unembedding = 40 + torch.randn(5, 4, generator=rng) * 0.5
    resid = torch.tensor([1.0, -2.0, 3.0])[:, None] * (1 + 0.2 * torch.rand(3, 4, generator=rng))
    yield resid, 0.8 + 0.4 * torch.rand(4, generator=rng), unembedding, 1e-6
