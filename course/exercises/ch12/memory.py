"""Exercise 12.1: the feed-forward layer as a memory: keys, and values that they bring."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.ch12.shared import SIZES
from course.judging.exercise import exercise


@exercise(
    "12.1",
    minutes=8,
    atol=1e-5,  # what memories add may cancel: float32 has to pass
    hints=(
        "When does a memory answer? Compare each token's x with each key by a dot product: x @ "
        "keys.T has the shape (pos, d_mlp), one number for each token and memory.",
        "Add the bias to these numbers, and then cut off what is negative: torch.relu. The result "
        "says how strongly each memory answers. What does a memory that answers bring along?",
        "Each memory adds its value, times its strength. For all memories of all tokens at once "
        "that is a matrix product: strength @ values.",
    ),
)
def memory(
    x: torch.Tensor, keys: torch.Tensor, bias: torch.Tensor, values: torch.Tensor
) -> torch.Tensor:
    """The feed-forward layer as a memory: keys that are looked for, and values that
    they add.

    Memory i answers with the strength relu(x · key_i + bias_i). It adds its value_i
    that many times, and the layer's output is the sum over all memories.

    x: the residual stream, shape (pos, d_model).
    keys: one key a row, shape (d_mlp, d_model).
    bias: one number for each key, shape (d_mlp,). A negative one makes its memory
        harder to wake.
    values: one value a row, shape (d_mlp, d_model).
    Returns what the layer adds to the residual stream, shape (pos, d_model).
    """
    strength = torch.relu(x @ keys.T + bias)  # (pos, d_mlp)
    return strength @ values


@memory.also_right
def _two_linear_layers(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return F.linear(F.relu(F.linear(x, keys, bias)), values.T)


@memory.also_right
def _memory_by_memory_in_float64(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    result = torch.zeros(x.shape, dtype=torch.float64)
    for key, threshold, value in zip(keys.double(), bias.tolist(), values.double(), strict=True):
        for pos, token in enumerate(x.double()):
            match = float(token @ key) + threshold
            if match > 0:
                result[pos] += match * value
    return result


@memory.also_right
def _einsum_and_clamp(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    match = torch.einsum("pd,md->pm", x, keys) + bias
    return torch.einsum("pm,md->pd", match.clamp(min=0), values)


@memory.also_right
def _numpy_maximum(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    match = np.inner(x.numpy(), keys.numpy()) + bias.numpy()
    return torch.from_numpy(np.maximum(match, 0) @ values.numpy())


@memory.also_right
def _bias_as_one_more_column(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    match = torch.cat([x, torch.ones(len(x), 1)], dim=1) @ torch.cat([keys, bias[:, None]], dim=1).T
    return torch.where(match > 0, match, 0.0).mm(values)


def _match(x: Tensor, keys: Tensor, bias: Tensor) -> Tensor:
    """How well each token fits each key, before the relu, (pos, d_mlp)."""
    return x @ keys.T + bias


@memory.wrong(
    "Do the memories compete? In attention they do, and softmax shares one whole out. Here each "
    "answers alone: relu."
)
def _softmax_as_in_attention(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return _match(x, keys, bias).softmax(dim=-1) @ values


@memory.wrong(
    "When does the bias come in? Before relu: it decides whether a memory answers at all. Here it "
    "is added after it."
)
def _bias_after_relu(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return (torch.relu(x @ keys.T) + bias) @ values


@memory.wrong(
    "Does half an AND make it true? Without the bias, one of two inputs wakes the memory: add it "
    "before relu."
)
def _no_bias(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(x @ keys.T) @ values


@memory.wrong(
    "Which way does the bias go? A negative one makes a memory harder to wake: add it, do not take "
    "it away."
)
def _bias_subtracted(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(x @ keys.T - bias) @ values


@memory.wrong(
    "How many memories may answer? All whose key fits. This keeps only the one that fits best."
)
def _best_key_only(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    best, which = torch.relu(_match(x, keys, bias)).max(dim=-1)
    return best[:, None] * values[which]


@memory.wrong(
    "Does it matter how well a key fits? It does: twice the strength adds twice the value. This "
    "knows only on and off."
)
def _on_or_off(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return (_match(x, keys, bias) > 0).float() @ values


@memory.wrong(
    "What does a memory do whose key does not fit? Nothing. Without relu it takes its value away, "
    "and two layers are no more than one."
)
def _no_relu(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return _match(x, keys, bias) @ values


@memory.wrong(
    "Where does relu belong? On the strengths, between keys and values. Here it stands after the "
    "values."
)
def _relu_at_the_end(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(_match(x, keys, bias) @ values)


@memory.wrong(
    "May a value hold negative numbers? It may, and then the output does, too. The relu at the end "
    "is one too many."
)
def _relu_twice(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(torch.relu(_match(x, keys, bias)) @ values)


@memory.wrong(
    "What is cut off? Whatever is negative becomes 0. abs turns it round, and a key that misfits "
    "answers."
)
def _abs_for_relu(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return _match(x, keys, bias).abs() @ values


@memory.wrong(
    "Does a strength end at 1? Not here: sigmoid squeezes it, and even a closed memory adds "
    "something. Relu."
)
def _sigmoid_for_relu(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return _match(x, keys, bias).sigmoid() @ values


@memory.wrong(
    "Which curve is asked for? This is gelu, the smooth one. Relu has a corner, and is exactly 0 "
    "below it."
)
def _gelu_for_relu(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return F.gelu(_match(x, keys, bias)) @ values


@memory.wrong(
    "Does the length of a value count? It does: a long value writes more. Do not normalise the "
    "values."
)
def _values_normalised(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(_match(x, keys, bias)) @ F.normalize(values, dim=-1)


@memory.wrong(
    "Does the length of a key count? It does: a long key answers more loudly. Do not normalise the "
    "keys."
)
def _keys_normalised(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(_match(x, F.normalize(keys, dim=-1), bias)) @ values


@memory.wrong(
    "Sum or mean? Every memory adds in full, however many there are: do not divide by d_mlp."
)
def _mean_of_the_memories(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(_match(x, keys, bias)) @ values / len(values)


@memory.wrong(
    "Do the strengths have to add up to 1? They need not, and if no memory answers, dividing by "
    "their sum gives NaN."
)
def _strengths_made_to_add_up(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    strength = torch.relu(_match(x, keys, bias))
    return strength / strength.sum(dim=-1, keepdim=True) @ values


@memory.wrong(
    "Which of the two is compared with x? The keys. Here keys and values have changed places."
)
def _keys_and_values_swapped(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(_match(x, values, bias)) @ keys


@memory.wrong(
    "What does a memory add? Its value. This adds the key that was found, and `values` has no part "
    "in it."
)
def _keys_for_values(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(_match(x, keys, bias)) @ keys


@memory.wrong(
    "Does view or reshape turn a matrix? It only cuts the same numbers anew, and mixes several "
    "keys. Transpose: keys.T."
)
def _keys_reshaped(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(x @ keys.reshape(keys.shape[1], keys.shape[0]) + bias) @ values


@memory.wrong(
    "Is x in the result? What is asked for is only what the layer adds; the block adds it to x "
    "later."
)
def _x_added_to_the_memories(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return x + torch.relu(_match(x, keys, bias)) @ values


@memory.wrong(
    "Is a match divided by the root of d_model? Attention scales its scores; a feed-forward layer "
    "does not."
)
def _scaled_as_in_attention(x: Tensor, keys: Tensor, bias: Tensor, values: Tensor) -> Tensor:
    return torch.relu(x @ keys.T / x.shape[1] ** 0.5 + bias) @ values


@memory.inputs
def _streams_and_memories(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    both = torch.tensor([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    # an AND gate
    yield (
        both,
        torch.tensor([[1.0, 1.0, 0.0]]),
        torch.tensor([-1.0]),
        torch.tensor([[0.0, 0.0, 1.0]]),
    )
    yield (
        3 * both,
        torch.tensor([[1.0, 1.0, 0.0]]),
        torch.tensor([-2.0]),
        torch.tensor([[0.0, -2.0, 1.0]]),
    )
    for pos, d_model, d_mlp in SIZES:
        for size, threshold in ((1.0, 1.0), (0.1, 0.2), (20.0, 5.0)):
            x, keys = (
                torch.randn(pos, d_model, generator=rng) * size,
                torch.randn(d_mlp, d_model, generator=rng),
            )
            bias = torch.randn(d_mlp, generator=rng) * threshold
            yield x, keys, bias, torch.randn(d_mlp, d_model, generator=rng) * 3
