"""Exercise 15.4: attention from one text to another."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

Inputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


@exercise(
    "15.4",
    minutes=10,
    atol=1e-5,
    hints=(
        "Who asks? The text that is being written: q = x @ W_Q.T. Who answers? The text that was "
        "read: keys and values of memory.",
        "scores = q @ k.T / d_head ** 0.5 has the shape (pos, source). There is no causal mask: all of "
        "the source has been read. Only padding is closed.",
        "scores.masked_fill(~real, float('-inf')) closes the columns of padding; then a softmax over "
        "the source, and @ v.",
    ),
)
def cross_attention(
    x: torch.Tensor,
    memory: torch.Tensor,
    W_Q: torch.Tensor,
    W_K: torch.Tensor,
    W_V: torch.Tensor,
    real: torch.Tensor,
) -> torch.Tensor:
    """One head of cross-attention: what is being written looks at what was read.

    Queries are made of x, keys and values of memory. The weights of each query are the
    softmax, over the places that were read, of q k^T / sqrt(d_head). Padding gets no
    weight.

    x: shape (pos, d_model). memory: shape (source, d_model).
    W_Q, W_K, W_V: each of shape (d_head, d_model).
    real: False where memory is padding, shape (source,), bool; at least one is True.
    Returns the mixed values, shape (pos, d_head).
    """
    q, k, v = x @ W_Q.T, memory @ W_K.T, memory @ W_V.T
    scores = q @ k.T / q.shape[-1] ** 0.5  # (pos, source)
    pattern = scores.masked_fill(~real, float("-inf")).softmax(dim=-1)
    return pattern @ v


@cross_attention.also_right
def _of_the_library(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    mask = real.expand(len(x), -1)
    return F.scaled_dot_product_attention(x @ W_Q.T, memory @ W_K.T, memory @ W_V.T, mask)


@cross_attention.also_right
def _padding_cut_away(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    read = memory[real]
    rows = []
    for query in x @ W_Q.T:
        weights = (read @ W_K.T @ query / len(W_Q) ** 0.5).softmax(dim=0)
        rows.append(weights @ read @ W_V.T)
    return torch.stack(rows)


@cross_attention.also_right
def _in_numpy(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    q, k, v = (
        a.double().numpy() @ w.double().numpy().T
        for a, w in ((x, W_Q), (memory, W_K), (memory, W_V))
    )
    scores = np.where(real.numpy(), q @ k.T / np.sqrt(len(W_Q)), -1e300)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return torch.from_numpy(powers / powers.sum(axis=1, keepdims=True) @ v).float()


def _mixed(q: Tensor, k: Tensor, v: Tensor, real: Tensor) -> Tensor:
    scores = q @ k.T / q.shape[-1] ** 0.5
    return scores.masked_fill(~real, float("-inf")).softmax(dim=-1) @ v


@cross_attention.wrong(
    "Who asks? What is being written: queries are made of x. Here memory asks, and x answers."
)
def _sides_swapped(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    return _mixed(memory @ W_Q.T, x @ W_K.T, x @ W_V.T, torch.ones(len(x), dtype=torch.bool))


@cross_attention.wrong(
    "What does x look at? At memory. This is self-attention: keys and values are made of x."
)
def _looks_at_itself(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    return _mixed(x @ W_Q.T, x @ W_K.T, x @ W_V.T, torch.ones(len(x), dtype=torch.bool))


@cross_attention.wrong("Whose weights add up to 1? Those of each query, over the source: dim=-1.")
def _softmax_over_queries(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    scores = x @ W_Q.T @ (memory @ W_K.T).T / len(W_Q) ** 0.5
    return scores.softmax(dim=0).masked_fill(~real, 0.0) @ (memory @ W_V.T)


@cross_attention.wrong(
    "Is the source hidden from the first query? All of it has been read before the writing begins: "
    "no causal mask here."
)
def _causal(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    scores = x @ W_Q.T @ (memory @ W_K.T).T / len(W_Q) ** 0.5
    closed = torch.ones_like(scores, dtype=torch.bool).triu(1)
    closed[:, 0] = False
    scores = scores.masked_fill(closed | ~real, float("-inf"))
    return scores.softmax(dim=-1).nan_to_num() @ (memory @ W_V.T)


@cross_attention.wrong("May one look at padding? It says nothing: close its columns with -inf.")
def _padding_seen(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    return cross_attention.reference(x, memory, W_Q, W_K, W_V, torch.ones_like(real))


@cross_attention.wrong(
    "Do the weights of a row still add up to 1? Padding was closed after the softmax, and its part "
    "is lost: close it before."
)
def _closed_after_the_softmax(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    scores = x @ W_Q.T @ (memory @ W_K.T).T / len(W_Q) ** 0.5
    return scores.softmax(dim=-1).masked_fill(~real, 0.0) @ (memory @ W_V.T)


@cross_attention.wrong("Which side does the mask close? Padding is where real is *False*: ~real.")
def _real_closed(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    return cross_attention.reference(x, memory, W_Q, W_K, W_V, ~real).nan_to_num()


@cross_attention.wrong("What is mixed? The values of memory. This mixes its keys.")
def _keys_mixed(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    return cross_attention.reference(x, memory, W_Q, W_K, W_K, real)


@cross_attention.wrong("Where is the scale? Divide the scores by the square root of d_head.")
def _no_scale(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    return cross_attention.reference(x, memory, W_Q * len(W_Q) ** 0.5, W_K, W_V, real)


@cross_attention.wrong(
    "Which length is d_head? That of a query, not d_model, the length of a row of x."
)
def _scaled_by_d_model(
    x: Tensor, memory: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, real: Tensor
) -> Tensor:
    factor = (len(W_Q) / x.shape[1]) ** 0.5
    return cross_attention.reference(x, memory, W_Q * factor, W_K, W_V, real)


@cross_attention.inputs
def _texts(rng: torch.Generator) -> Iterator[Inputs]:
    for pos, source, d_model, d_head in (
        (1, 3, 2, 1),
        (2, 5, 4, 3),
        (5, 3, 6, 2),
        (4, 7, 3, 5),
        (3, 4, 8, 4),
        (6, 9, 5, 3),
    ):
        for padding in (0, 2):
            x = torch.randn(pos, d_model, generator=rng) * 1.5
            memory = torch.randn(source, d_model, generator=rng) * 1.5
            W_Q, W_K, W_V = (torch.randn(d_head, d_model, generator=rng) for _ in range(3))
            real = torch.arange(source) < source - padding
            yield x, memory, W_Q, W_K, W_V, real
