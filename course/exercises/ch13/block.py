"""Exercise 13.1: one block of Llama's kind, with its two norms and its two additions."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

Layer = Callable[[Tensor], Tensor]


@exercise(
    "13.1",
    minutes=6,
    atol=1e-5,
    hints=(
        "The stream x is never normalised. Each layer reads a normalised copy of it, and what the "
        "layer gives is added to x.",
        "A small function norm(x, gain), as in chapter 05, saves writing: x divided by the root of "
        "(its mean square + eps), times gain. Then attention: x = x + attend(norm(x, gain_1)).",
        "The second layer reads the stream as attention has left it: "
        "x = x + feed_forward(norm(x, gain_2)).",
    ),
)
def block(
    x: torch.Tensor,
    attend,
    feed_forward,
    gain_1: torch.Tensor,
    gain_2: torch.Tensor,
    eps: float,
) -> torch.Tensor:
    """One block of Llama's kind, with its two norms and its two additions.

    x: the residual stream that comes in, shape (pos, d_model).
    attend: attention, a function from (pos, d_model) to (pos, d_model).
    feed_forward: the feed-forward layer, a function of the same kind.
    gain_1, gain_2: the gains of the RMS norms before attention and before the
        feed-forward layer, shape (d_model,).
    eps: added to the mean square inside the root.
    Returns the residual stream that goes out, shape (pos, d_model).
    """

    def norm(x: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        return gain * x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()

    x = x + attend(norm(x, gain_1))
    return x + feed_forward(norm(x, gain_2))


@block.also_right
def _of_the_library(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    middle = x + attend(F.rms_norm(x, gain_1.shape, gain_1, eps))
    return middle + feed_forward(F.rms_norm(middle, gain_2.shape, gain_2, eps))


@block.also_right
def _as_a_loop(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    stream = x.clone()
    for layer, gain in ((attend, gain_1), (feed_forward, gain_2)):
        scale = torch.rsqrt(torch.einsum("pd,pd->p", stream, stream) / stream.shape[1] + eps)
        stream += layer(stream * scale[:, None] * gain)
    return stream


@block.also_right
def _what_was_added_at_the_end(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    first = attend(_norm(x, gain_1, eps))
    second = feed_forward(_norm(x + first, gain_2, eps))
    return x + (first + second)


def _norm(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return gain * x * torch.rsqrt(x.pow(2).mean(dim=1, keepdim=True) + eps)


@block.wrong(
    "Where do the norms stand? Before each layer, on a copy. Here the stream itself is normalised "
    "after each addition: add & norm, the block of 2017."
)
def _post_norm(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = _norm(x + attend(x), gain_1, eps)
    return _norm(x + feed_forward(x), gain_2, eps)


@block.wrong(
    "What does the feed-forward layer read? The stream as attention has left it. Here it reads the "
    "x that came in, and knows nothing of attention."
)
def _side_by_side(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    return x + attend(_norm(x, gain_1, eps)) + feed_forward(_norm(x, gain_2, eps))


@block.wrong(
    "Where is x? What attention gives is added to the stream, and does not replace it. The first "
    "addition is missing."
)
def _no_first_residual(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = attend(_norm(x, gain_1, eps))
    return x + feed_forward(_norm(x, gain_2, eps))


@block.wrong(
    "What does the block give back? The stream plus what the feed-forward layer gives. The second "
    "addition is missing."
)
def _no_second_residual(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = x + attend(_norm(x, gain_1, eps))
    return feed_forward(_norm(x, gain_2, eps))


@block.wrong("How many additions has a block? Two, one behind each layer. Here there is none.")
def _no_residual(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    return feed_forward(_norm(attend(_norm(x, gain_1, eps)), gain_2, eps))


@block.wrong(
    "How often is x added? Once behind each layer. Here one addition, at the end, goes round both "
    "layers together."
)
def _one_residual_for_both(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    return x + feed_forward(_norm(attend(_norm(x, gain_1, eps)), gain_2, eps))


@block.wrong(
    "What goes on along the stream? x itself. Here the normalised copy takes its place, and the "
    "layers are added to that."
)
def _copy_goes_on(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = _norm(x, gain_1, eps)
    x = _norm(x + attend(x), gain_2, eps)
    return x + feed_forward(x)


@block.wrong(
    "What is normalised? What a layer reads. Here it is what a layer gives, just before it is added."
)
def _norm_of_the_result(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = x + _norm(attend(x), gain_1, eps)
    return x + _norm(feed_forward(x), gain_2, eps)


@block.wrong("How many norms has a block? Two. The feed-forward layer here reads the bare stream.")
def _second_norm_missing(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = x + attend(_norm(x, gain_1, eps))
    return x + feed_forward(x)


@block.wrong("How many norms has a block? Two. Attention here reads the bare stream.")
def _first_norm_missing(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = x + attend(x)
    return x + feed_forward(_norm(x, gain_2, eps))


@block.wrong("Which gain belongs where? gain_1 to attention, gain_2 to the feed-forward layer.")
def _gains_exchanged(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    return block.reference(x, attend, feed_forward, gain_2, gain_1, eps)


@block.wrong("Each norm has its own gain. Here gain_1 is used for both.")
def _one_gain(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    return block.reference(x, attend, feed_forward, gain_1, gain_1, eps)


@block.wrong("Which layer comes first? Attention; then the feed-forward layer.")
def _feed_forward_first(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    return block.reference(x, feed_forward, attend, gain_1, gain_2, eps)


@block.wrong("What does RMS norm leave alone? The mean. Here it is taken off: that is layer norm.")
def _layer_norm(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    x = x + attend(F.layer_norm(x, gain_1.shape, gain_1, eps=eps))
    return x + feed_forward(F.layer_norm(x, gain_2.shape, gain_2, eps=eps))


@block.wrong("Where does eps stand? Inside the root, added to the mean square. Here it is missing.")
def _no_eps(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    return block.reference(x, attend, feed_forward, gain_1, gain_2, 0.0)


@block.wrong("Where does a gain come in? The normalised copy is multiplied by it. It is missing.")
def _no_gains(
    x: Tensor, attend: Layer, feed_forward: Layer, gain_1: Tensor, gain_2: Tensor, eps: float
) -> Tensor:
    ones = torch.ones_like(gain_1)
    return block.reference(x, attend, feed_forward, ones, ones, eps)


@block.inputs
def _streams_and_layers(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Layer, Layer, Tensor, Tensor, float]]:
    for pos, d_model in ((1, 2), (2, 3), (4, 3), (3, 6), (5, 4), (2, 8)):
        for size, eps in ((1.0, 0.3), (4.0, 0.01)):
            x = size * (torch.randn(pos, d_model, generator=rng) + 0.7)
            attend = _mixing(torch.randn(d_model, d_model, generator=rng))
            feed_forward = _bent(torch.randn(d_model, d_model, generator=rng))
            gains = 0.5 + 1.5 * torch.rand(2, d_model, generator=rng)
            yield x, attend, feed_forward, gains[0], gains[1], eps / pos


def _mixing(matrix: Tensor) -> Layer:
    """Something like attention: each token gets the mean of itself and those before it."""

    def attend(x: Tensor) -> Tensor:
        counts = torch.arange(1, len(x) + 1)[:, None]
        return (x @ matrix).cumsum(dim=0) / counts

    return attend


def _bent(matrix: Tensor) -> Layer:
    """Something like a feed-forward layer: each token by itself, with a bend."""

    def feed_forward(x: Tensor) -> Tensor:
        return torch.relu(x @ matrix) - 0.2 * x

    return feed_forward
