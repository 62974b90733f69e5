"""Exercise 05.6: feed-forward layers with residuals, and a norm before each of them."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "05.6",
    minutes=15,
    atol=1e-5,
    hints=(
        "Two things run through the loop: the stream x, which nobody normalises, and what the layer "
        "reads, which is a normalised copy of it. Which of them is added to?",
        "For each layer: read = rms(x); x = x + relu(read @ up.T) @ down.T. A small function rms "
        "saves writing, because you need it once more.",
        "zip(W_up, W_down) gives the two matrices of each layer. After the loop: return rms(x).",
    ),
)
def pre_norm_stack(
    x: torch.Tensor, W_up: torch.Tensor, W_down: torch.Tensor, eps: float
) -> torch.Tensor:
    """A stack of feed-forward layers, pre-norm, with residuals, and a norm at the end.

    Each layer reads an RMS-normalised copy of the stream, multiplies it by its W_up,
    applies ReLU, multiplies by its W_down, and adds the result to the stream. After the
    last layer the stream itself is normalised once.

    The norm has no gain here: it divides each token by the root of (its mean square +
    eps).

    x: the stream in front of the first layer, shape (pos, d_model).
    W_up: the first matrix of each layer, shape (layer, d_mlp, d_model).
    W_down: the second one, shape (layer, d_model, d_mlp).
    eps: a small number, not always the same.
    Returns the normalised stream behind the last layer, shape (pos, d_model).
    """

    def rms(x: torch.Tensor) -> torch.Tensor:
        return x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()

    for up, down in zip(W_up, W_down, strict=True):
        x = x + torch.relu(rms(x) @ up.T) @ down.T
    return rms(x)


@pre_norm_stack.also_right
def _of_the_library(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    width = (x.shape[-1],)
    for layer in range(len(W_up)):
        read = F.rms_norm(x, width, eps=eps)
        x = x + F.linear(F.relu(F.linear(read, W_up[layer])), W_down[layer])
    return F.rms_norm(x, width, eps=eps)


@pre_norm_stack.also_right
def _in_place_on_a_copy(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    stream = x.clone()
    for up, down in zip(W_up.mT, W_down.mT, strict=True):
        scale = torch.rsqrt(stream.pow(2).mean(1) + eps)[:, None]
        stream += ((stream * scale) @ up).clamp(min=0) @ down
    return stream * torch.rsqrt(stream.pow(2).mean(1) + eps)[:, None]


@pre_norm_stack.also_right
def _recursive_in_float64(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    x = x.double()
    read = x / ((x * x).sum(dim=1, keepdim=True) / x.shape[1] + eps) ** 0.5
    if not len(W_up):
        return read
    hidden = torch.einsum("pd,md->pm", read, W_up[0].double()).relu()
    more = torch.einsum("pm,dm->pd", hidden, W_down[0].double())
    return _recursive_in_float64(x + more, W_up[1:], W_down[1:], eps)


@pre_norm_stack.also_right
def _numpy_columns(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    stream = x.numpy().astype(np.float64).T  # (d_model, pos)

    def normed(table: np.ndarray) -> np.ndarray:
        return table / np.sqrt((table**2).mean(axis=0) + eps)

    for up, down in zip(W_up.numpy(), W_down.numpy(), strict=True):
        stream = stream + down @ np.maximum(up @ normed(stream), 0)
    return torch.from_numpy(normed(stream).T)


def _rms(x: Tensor, eps: float) -> Tensor:
    return x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()


def _branch(read: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """The feed-forward layer alone."""
    return torch.relu(read @ up.T) @ down.T


@pre_norm_stack.wrong(
    "What happens to the old stream? It stays, and the layer's result is added. Here the result "
    "takes its place: the residual is missing."
)
def _no_residual(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = _branch(_rms(x, eps), up, down)
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "Where does the norm stand? This is post-norm: the sum is normalised after each layer. Before "
    "the layer only the copy is, which the layer reads."
)
def _post_norm(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = _rms(x + _branch(x, up, down), eps)
    return x


@pre_norm_stack.wrong(
    "Is the stream normalised, or a copy of it? Here x = norm(x) comes first, and the result is "
    "added to the normalised one. Give the copy a name of its own."
)
def _stream_normalised(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = _rms(x, eps)
        x = x + _branch(x, up, down)
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "On which side of the layer is the norm? In front of it. Here the layer reads the stream as it "
    "is, and its result is normalised."
)
def _norm_behind_the_branch(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = x + _rms(_branch(x, up, down), eps)
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "How many norms has a layer? One, in front. Here its result is normalised as well, before it is "
    "added."
)
def _norm_on_both_sides(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = x + _rms(_branch(_rms(x, eps), up, down), eps)
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "What does a layer read? A normalised copy. Here it reads the stream itself, and the only norm "
    "is that at the end."
)
def _no_norm_before_the_layers(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = x + _branch(x, up, down)
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "What comes behind the last layer? One more norm, over the stream itself: nothing has set its "
    "size so far."
)
def _no_norm_at_the_end(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = x + _branch(_rms(x, eps), up, down)
    return x


@pre_norm_stack.wrong(
    "What does the second layer read? The stream with the first layer's result in it. Here all "
    "layers read the first x."
)
def _all_read_the_first_stream(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    read = _rms(x, eps)
    added = sum(_branch(read, up, down) for up, down in zip(W_up, W_down, strict=True))
    return _rms(x + added, eps)


@pre_norm_stack.wrong("Whose matrices are these? Each layer has its own; here all use the first.")
def _one_layer_again_and_again(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for _ in W_up:
        x = x + _branch(_rms(x, eps), W_up[0], W_down[0])
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "Where is the bend? Without ReLU between up and down each layer is a single matrix."
)
def _no_relu(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = x + _rms(x, eps) @ up.T @ down.T
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "Where does ReLU stand? Between up and down. Behind down it would let a layer only add, and "
    "never take away."
)
def _relu_behind_down(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    for up, down in zip(W_up, W_down, strict=True):
        x = x + torch.relu(_rms(x, eps) @ up.T @ down.T)
    return _rms(x, eps)


@pre_norm_stack.wrong(
    "Is the mean taken off? This is layer norm. RMS norm divides by the root of the mean square, "
    "and leaves the mean."
)
def _layer_norm_for_rms(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    width = (x.shape[-1],)
    for up, down in zip(W_up, W_down, strict=True):
        x = x + _branch(F.layer_norm(x, width, eps=eps), up, down)
    return F.layer_norm(x, width, eps=eps)


def _with_norm(norm: Callable[[Tensor], Tensor], x: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    """The right stack, with another norm."""
    for up, down in zip(W_up, W_down, strict=True):
        x = x + _branch(norm(x), up, down)
    return norm(x)


@pre_norm_stack.wrong(
    "Which eps? The one that is given, in every norm. Here it is left out, or a tiny number of your "
    "own stands in its place."
)
def _eps_of_ones_own(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    return _with_norm(lambda z: _rms(z, 1e-5), x, W_up, W_down)


@pre_norm_stack.wrong(
    "Where does eps stand? Under the root, beside the mean square. Added behind the root it does more."
)
def _eps_outside_the_root(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    def norm(z: Tensor) -> Tensor:
        return z / (z.square().mean(dim=-1, keepdim=True).sqrt() + eps)

    return _with_norm(norm, x, W_up, W_down)


@pre_norm_stack.wrong(
    "Sum, or mean? The norm divides by the root of the mean square. Here the squares are only summed, "
    "and each token comes out with length 1."
)
def _sum_for_mean(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    def norm(z: Tensor) -> Tensor:
        return z / (z.square().sum(dim=-1, keepdim=True) + eps).sqrt()

    return _with_norm(norm, x, W_up, W_down)


@pre_norm_stack.wrong(
    "Which layer comes first? The first one. Here the stack is run through from its end."
)
def _last_layer_first(x: Tensor, W_up: Tensor, W_down: Tensor, eps: float) -> Tensor:
    return pre_norm_stack.reference(x, W_up.flip(0), W_down.flip(0), eps)


@pre_norm_stack.inputs
def _stacks(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
    yield (
        torch.tensor([[3.0, 4.0]]),
        torch.tensor([[[1.0, 1.0]], [[1.0, -1.0]]]),
        torch.tensor([[[1.0], [0.0]], [[0.0], [2.0]]]),
        0.1,
    )
    sizes = ((2, 3, 4, 6), (3, 2, 5, 4), (4, 5, 3, 7), (5, 4, 6, 3), (2, 6, 7, 5), (3, 4, 2, 8))
    for layers, pos, d_model, d_mlp in sizes:
        for size, eps in ((0.5, 0.3), (3.0, 1e-3)):
            x = size * (torch.randn(pos, d_model, generator=rng) + 0.5)
            W_up = torch.randn(layers, d_mlp, d_model, generator=rng)
            yield x, W_up, torch.randn(layers, d_model, d_mlp, generator=rng), eps / layers
