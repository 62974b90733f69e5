"""Exercises of chapter 12: memories in the feed-forward layer, a fact found and edited,
what a direction says.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

# pos, d_model, d_mlp
SIZES = ((1, 3, 5), (4, 2, 3), (3, 4, 4), (2, 5, 2), (5, 1, 6), (4, 4, 1), (6, 3, 9), (3, 16, 40))


# 12.1


@exercise(
    "12.1",
    minutes=8,
    atol=1e-5,  # what memories add may cancel: float32 has to pass
    hints=(
        "When does a memory answer? Compare each token's x with each key by a dot product: x @ "
        "keys.T has the shape "
        "(pos, d_mlp), one number for each token and memory.",
        "Add the bias to these numbers, and then cut off what is negative: torch.relu. The result "
        "says how strongly "
        "each memory answers. What does a memory that answers bring along?",
        "Each memory adds its value, times its strength. For all memories of all tokens at once "
        "that is a matrix "
        "product: strength @ values.",
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
    "Which way does the bias go? A negative one makes a memory harder to wake: add it, do not "
    "take it away."
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
    "and two layers are "
    "no more than one."
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
    "May a value hold negative numbers? It may, and then the output does, too. The relu at the "
    "end is one too many."
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
    "Does the length of a key count? It does: a long key answers more loudly. Do not normalise "
    "the keys."
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
    "What does a memory add? Its value. This adds the key that was found, and `values` has no "
    "part in it."
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


# 12.2


@exercise(
    "12.2",
    minutes=8,
    atol=1e-5,
    hints=(
        "Two products come first: x @ W_gate.T and x @ W_up.T, both (pos, d_mlp). Which of the "
        "two goes through silu?",
        "silu(z) is z times sigmoid(z): torch.sigmoid never overflows, and "
        "torch.nn.functional.silu does both at once. "
        "Only the gate goes through it. How do gate and up meet?",
        "Multiply them number by number, silu(gate) * up, with * and not with @. The result goes "
        "back to d_model: "
        "@ W_down.T.",
    ),
)
def swiglu(
    x: torch.Tensor, W_gate: torch.Tensor, W_up: torch.Tensor, W_down: torch.Tensor
) -> torch.Tensor:
    """The feed-forward layer of today's models: SwiGLU, with a gate on every neuron.

    The output is (silu(x W_gate^T) * (x W_up^T)) W_down^T, where * multiplies number by
    number and silu(z) = z / (1 + exp(-z)).

    x: the residual stream, shape (pos, d_model).
    W_gate, W_up: each of shape (d_mlp, d_model).
    W_down: shape (d_model, d_mlp).
    Returns what the layer adds to the residual stream, shape (pos, d_model). The gates,
    that is the numbers of x W_gate^T, may be anything from -1000 to 1000.
    """
    gate = x @ W_gate.T  # (pos, d_mlp)
    up = x @ W_up.T
    return (gate * torch.sigmoid(gate) * up) @ W_down.T


@swiglu.also_right
def _library_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    return F.linear(F.silu(F.linear(x, W_gate)) * F.linear(x, W_up), W_down)


@swiglu.also_right
def _division_by_one_and_exp(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    # exp(-gate) may become inf, and gate / inf is 0, as it should be
    gate = x.mm(W_gate.T)
    return (gate / (1 + torch.exp(-gate)) * x.mm(W_up.T)).mm(W_down.T)


@swiglu.also_right
def _einsum_and_tanh(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = torch.einsum("pd,gmd->gpm", x, torch.stack([W_gate, W_up]))
    silu = gate * (1 + torch.tanh(gate / 2)) / 2
    return torch.einsum("pm,pm,dm->pd", silu, up, W_down)


@swiglu.also_right
def _neuron_by_neuron_in_float64(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    result = torch.zeros(x.shape, dtype=torch.float64)
    for neuron, (pos, token) in itertools.product(range(len(W_gate)), enumerate(x.double())):
        gate = float(token @ W_gate[neuron].double())
        power = math.exp(-abs(gate))  # never above 1
        share = 1 / (1 + power) if gate >= 0 else power / (1 + power)
        result[pos] += gate * share * (token @ W_up[neuron].double()) * W_down[:, neuron].double()
    return result


@swiglu.also_right
def _numpy_logaddexp(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = (np.inner(x.numpy(), W.numpy()).astype(np.float64) for W in (W_gate, W_up))
    return torch.from_numpy(np.inner(gate * np.exp(-np.logaddexp(0, -gate)) * up, W_down.numpy()))


def _gate_and_up(x: Tensor, W_gate: Tensor, W_up: Tensor) -> tuple[Tensor, Tensor]:
    """Both products, before silu, each (pos, d_mlp)."""
    return x @ W_gate.T, x @ W_up.T


@swiglu.wrong(
    "Which of the two is the gate? The one from W_gate: silu belongs there, and not on up."
)
def _silu_on_up(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate * F.silu(up)) @ W_down.T


@swiglu.wrong(
    "How many of the two go through silu? Only the gate. The other one carries what is let "
    "through, as it is."
)
def _silu_on_both(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (F.silu(gate) * F.silu(up)) @ W_down.T


@swiglu.wrong(
    "When does silu come in? On the gate alone, before the two are multiplied. Here it takes "
    "their product."
)
def _silu_after_the_product(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return F.silu(gate * up) @ W_down.T


@swiglu.wrong("Where is the curve? Without silu the gate never closes. It goes on x @ W_gate.T.")
def _no_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate * up) @ W_down.T


@swiglu.wrong(
    "What is silu of z? It is z times sigmoid(z). This is sigmoid alone, the gate of an older "
    "kind of layer (GLU)."
)
def _sigmoid_for_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate.sigmoid() * up) @ W_down.T


@swiglu.wrong(
    "Does silu have a corner? Relu has one, and it is 0 for all that is negative. Silu is smooth."
)
def _relu_for_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate.relu() * up) @ W_down.T


@swiglu.wrong(
    "Which smooth curve is it? This is gelu. Both bend near 0 and look alike, but silu is z times "
    "sigmoid(z)."
)
def _gelu_for_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (F.gelu(gate) * up) @ W_down.T


@swiglu.wrong(
    "Does silu end at 1? tanh does. Silu is z times sigmoid(z), and goes on growing with z."
)
def _tanh_for_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate.tanh() * up) @ W_down.T


@swiglu.wrong(
    "Which side of 0 is open? The positive one. In z / (1 + exp(-z)) the minus is missing here."
)
def _opens_on_the_wrong_side(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate * torch.sigmoid(-gate) * up) @ W_down.T


@swiglu.wrong(
    "What is exp of a large gate? It is infinite, and inf / inf is NaN. With exp(-z) below the "
    "line, or with sigmoid, "
    "nothing breaks."
)
def _exp_that_overflows(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate * gate.exp() / (1 + gate.exp()) * up) @ W_down.T


@swiglu.wrong(
    "Do the neurons compete for the gate? Each opens by itself: silu, number by number, and no "
    "softmax."
)
def _softmax_for_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate.softmax(dim=-1) * up) @ W_down.T


@swiglu.wrong(
    "How does a gate close a neuron? By a factor near 0. Gate and up are multiplied; here they "
    "are added."
)
def _added(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (F.silu(gate) + up) @ W_down.T


@swiglu.wrong(
    "Where is the gate? This is up and down alone. The numbers of x @ W_up.T are multiplied by "
    "silu(gate)."
)
def _no_gate(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    return x @ W_up.T @ W_down.T


@swiglu.wrong(
    "What does the gate let through? The numbers of x @ W_up.T. They are missing: this is the "
    "gate alone."
)
def _gate_only(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    return F.silu(x @ W_gate.T) @ W_down.T


@swiglu.wrong(
    "How many matrices read x? Two. Here gate and up both come from W_gate, and W_up has no part "
    "in it."
)
def _one_matrix_for_both(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    return swiglu.reference(x, W_gate, W_gate, W_down)


@swiglu.wrong(
    "How does the result get back to d_model? Through W_down, which is missing: (silu(gate) * up) "
    "@ W_down.T."
)
def _no_way_down(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return F.silu(gate) * up


@swiglu.wrong(
    "Does view or reshape turn W_down? It only cuts the same numbers anew, so that they meet "
    "other neurons: W_down.T."
)
def _down_reshaped(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (F.silu(gate) * up) @ W_down.reshape(W_down.shape[1], W_down.shape[0])


@swiglu.wrong(
    "How are W_gate and W_up used? As x @ W.T, one row for each neuron. Reshape does not "
    "transpose them."
)
def _gate_and_up_reshaped(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = (x @ W.reshape(W.shape[1], W.shape[0]) for W in (W_gate, W_up))
    return (F.silu(gate) * up) @ W_down.T


@swiglu.wrong(
    "What goes through silu? The gates, and they are made by W_gate first. Here x goes through it "
    "before."
)
def _silu_before_the_matrix(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    return (F.silu(x) @ W_gate.T * (x @ W_up.T)) @ W_down.T


@swiglu.wrong(
    "Is x in the result? What is asked for is only what the layer adds; the block adds it to x "
    "later."
)
def _x_added_to_the_layer(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    return x + swiglu.reference(x, W_gate, W_up, W_down)


@swiglu.inputs
def _streams_and_gates(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    # the first opens, the second goes through
    open_and_closed = torch.tensor([[2.0, 1.0], [-2.0, 1.0], [0.0, 1.0]])
    yield (
        open_and_closed,
        torch.tensor([[1.0, 0.0]]),
        torch.tensor([[0.0, 1.0]]),
        torch.tensor([[0.0], [1.0]]),
    )
    for pos, d_model, d_mlp in SIZES:
        for size, opening in ((1.0, 1.0), (0.2, 5.0), (10.0, 0.2)):
            x, W_down = (
                torch.randn(pos, d_model, generator=rng),
                torch.randn(d_model, d_mlp, generator=rng),
            )
            W_gate, W_up = (torch.randn(d_mlp, d_model, generator=rng) for _ in range(2))
            yield x * size, W_gate * opening, W_up, W_down * 2
    # one number of x makes gates of -1000, 1000 and between
    for pos, d_model, d_mlp in ((2, 3, 4), (4, 5, 3)):
        x, W_gate = torch.randn(pos, d_model, generator=rng), torch.zeros(d_mlp, d_model)
        W_gate[:, 0] = torch.linspace(-250, 250, d_mlp)
        x[:, 0] = torch.linspace(-4, 4, pos)
        yield (
            x,
            W_gate,
            torch.randn(d_mlp, d_model, generator=rng),
            torch.randn(d_model, d_mlp, generator=rng),
        )


# 12.3


@exercise(
    "12.3",
    minutes=5,
    atol=1e-5,  # restored - corrupted may cancel
    hints=(
        "Two amounts are compared: how much probability was lost, and how much of it each "
        "restoration brings back. "
        "From which number does either of them start?",
        "Both start at `corrupted`: clean - corrupted was lost, restored - corrupted has come "
        "back. A share is one "
        "amount divided by the other.",
        "Mind the order: without brackets, division goes before subtraction. Two pairs of "
        "brackets, one above the line "
        "and one below, and no clamp.",
    ),
)
def restored_share(clean: float, corrupted: float, restored: torch.Tensor) -> torch.Tensor:
    """Causal tracing: what share of the lost probability does each restoration bring
    back?

    0 means that nothing came back, and 1 that all of it did. A restoration may also do
    harm, or
    bring back more than was lost: shares below 0 and above 1 stay as they are.

    clean: the answer's probability after the clean prompt.
    corrupted: the same with noise on the subject. It is lower than clean.
    restored: the same with noise, and one hidden state put back: one for each place,
    shape (layer, pos).
    Returns the shares, shape (layer, pos).
    """
    return (restored - corrupted) / (clean - corrupted)


@restored_share.also_right
def _place_by_place_in_float64(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    lost = clean - corrupted
    return torch.tensor(
        [[(p - corrupted) / lost for p in layer] for layer in restored.tolist()],
        dtype=torch.float64,
    )


@restored_share.also_right
def _one_minus_what_is_missing(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return 1 - (clean - restored.double()) / (clean - corrupted)


@restored_share.also_right
def _library_calls(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return torch.div(torch.sub(restored, corrupted), clean - corrupted)


@restored_share.also_right
def _numpy_interpolation_backward(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    # the line through (corrupted, 0) and (clean, 1)
    slope, start = np.polyfit([corrupted, clean], [0.0, 1.0], 1)
    return torch.from_numpy(np.polyval([slope, start], restored.numpy().astype(np.float64)))


@restored_share.also_right
def _einsum_with_one_factor(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    gained = restored - torch.full_like(restored, corrupted)
    return torch.einsum("lp,->lp", gained, torch.tensor(1 / (clean - corrupted)))


def _gained(corrupted: float, restored: Tensor) -> Tensor:
    """How much probability each restoration brings back, (layer, pos)."""
    return restored - corrupted


@restored_share.wrong(
    "How much was there to win? Not all of clean: a part was never lost. Divide by what was lost, "
    "clean - corrupted."
)
def _divided_by_clean(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / clean


@restored_share.wrong(
    "Of what is it a share? Of the lost probability, clean - corrupted. Dividing by corrupted "
    "says how far it grew."
)
def _divided_by_corrupted(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / corrupted


@restored_share.wrong(
    "An amount, or a share of one? This is how much came back. Divide it by how much was lost, "
    "clean - corrupted."
)
def _difference_only(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored)


@restored_share.wrong(
    "Came back, or still missing? clean - restored is missing, and it is no share yet either."
)
def _still_missing(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return clean - restored


@restored_share.wrong(
    "Which share is asked for? That which came back. This is the other part: the share still "
    "missing."
)
def _share_still_missing(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (clean - restored) / (clean - corrupted)


@restored_share.wrong(
    "What is the share where nothing came back? It must be 0 there. restored / clean starts too "
    "high: take corrupted "
    "away from both."
)
def _ratio_to_clean(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored / clean


@restored_share.wrong(
    "Where does a gain start? At corrupted: take it away from restored before you divide, too."
)
def _corrupted_not_taken_away(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored / (clean - corrupted)


@restored_share.wrong(
    "May a share be below 0 or above 1? It may: one restoration does harm, another brings back "
    "more than was lost. "
    "Clamping hides both."
)
def _clamped(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).clamp(0, 1)


@restored_share.wrong(
    "May a restoration do harm? It may, and that is worth seeing: leave shares below 0 as they are."
)
def _clamped_below(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).clamp(min=0)


@restored_share.wrong("May more come back than was lost? It may: leave shares above 1 as they are.")
def _clamped_above(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).clamp(max=1)


@restored_share.wrong(
    "Help or harm? The sign tells: with abs, a restoration that makes it worse looks like a good "
    "one."
)
def _without_sign(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).abs()


@restored_share.wrong(
    "Which is taken from which? A restoration that helps has a share above 0; here the sign is "
    "turned."
)
def _sign_turned(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return -restored_share.reference(clean, corrupted, restored)


@restored_share.wrong(
    "What is above the line? What came back; below it stands what was lost. Here they are upside "
    "down."
)
def _upside_down(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (clean - corrupted) / _gained(corrupted, restored)


@restored_share.wrong(
    "Which is worked out first, minus or divided by? Without brackets, corrupted / (clean - "
    "corrupted) is. Put them "
    "around restored - corrupted."
)
def _no_brackets_above(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored - corrupted / (clean - corrupted)


@restored_share.wrong(
    "Which is worked out first, minus or divided by? Without brackets it is divided by clean "
    "alone, and corrupted is "
    "taken away once more: put brackets around clean - corrupted."
)
def _no_brackets_below(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (restored - corrupted) / clean - corrupted


@restored_share.wrong(
    "What counts as all of it? What the clean prompt gave, not the best restoration: that one "
    "need not bring all back."
)
def _divided_by_the_largest(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / _gained(corrupted, restored.max())


@restored_share.wrong(
    "Does the worst place have 0 and the best one 1? Not by itself: `clean` and `corrupted` say "
    "where 0 and 1 are."
)
def _from_least_to_largest(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (restored - restored.min()) / (restored.max() - restored.min())


@restored_share.wrong(
    "Do the shares add up to 1? Each place is tried by itself: do not divide by the sum of all "
    "gains."
)
def _made_to_add_up(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / _gained(corrupted, restored).sum()


@restored_share.wrong("A share, or per cent? All of it is 1 here: do not multiply.")
def _per_cent(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return 100 * restored_share.reference(clean, corrupted, restored)


@restored_share.wrong(
    "Probability, or its logarithm? The share is one of probability itself: leave the log out."
)
def _share_of_the_logarithm(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (restored / corrupted).log() / math.log(clean / corrupted)


@restored_share.inputs
def _probabilities(rng: torch.Generator) -> Iterator[tuple[float, float, Tensor]]:
    yield 0.75, 0.25, torch.tensor([[0.25, 0.5], [0.75, 0.375]])
    # harm, nothing, more than was lost
    yield 0.5, 0.25, torch.tensor([[0.125, 0.25, 0.75]])
    for layer, pos in ((1, 3), (2, 2), (4, 3), (3, 5), (6, 1), (5, 12)):
        for highest in (1.0, 0.4, 0.004):
            low, high = torch.rand(2, generator=rng, dtype=torch.float64).tolist()
            clean, corrupted = highest * (0.6 + 0.3 * high), highest * (0.1 + 0.4 * low)
            yield clean, corrupted, (0.02 + 0.98 * torch.rand(layer, pos, generator=rng)) * highest


# 12.4


@exercise(
    "12.4",
    minutes=15,
    atol=1e-5,  # v - W k may cancel
    hints=(
        "What does W answer to k now, and what is missing from it? W @ k is the old answer, and v "
        "- W @ k has to be "
        "added to it: a vector of d_model numbers.",
        "Which matrix gives nothing for an input perpendicular to k? One whose rows are all "
        "multiples of k: the outer "
        "product of any vector with k, torch.outer(…, k). Its answer to k is that vector times k "
        "· k.",
        "So divide by k @ k, and the answer to k is the vector itself. Add torch.outer(v - W @ k, "
        "k) / (k @ k) to W, "
        "with + and not with +=.",
    ),
)
def edited_matrix(W: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Give one key another value: the smallest change of a matrix W that makes W' k =
    v.

    For every input perpendicular to k, W' gives what W gives. This is a change of rank
    one, as in ROME (Meng et al. 2022).

    W: the matrix that is used as W x, shape (d_model, d_mlp).
    k: the key, shape (d_mlp,). It is not 0, and its length may be anything.
    v: the new value, shape (d_model,).
    Returns the new matrix W', shape (d_model, d_mlp). W itself stays as it was.
    """
    missing = v - W @ k  # (d_model,)
    return W + torch.outer(missing, k) / (k @ k)


@edited_matrix.also_right
def _projection_and_new_value(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    along_k = torch.outer(k, k) / k.square().sum()
    return W @ (torch.eye(len(k)) - along_k) + torch.outer(v, k) / k.square().sum()


@edited_matrix.also_right
def _number_by_number_in_float64(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    rows, key = W.tolist(), k.tolist()
    length = math.fsum(a * a for a in key)
    for row, value in zip(rows, v.tolist(), strict=True):
        step = (value - math.fsum(w * a for w, a in zip(row, key, strict=True))) / length
        row[:] = [w + step * a for w, a in zip(row, key, strict=True)]
    return torch.tensor(rows, dtype=torch.float64)


@edited_matrix.also_right
def _library_pseudo_inverse(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.addr(W, v - W.mv(k), torch.linalg.pinv(k[:, None])[0])


@edited_matrix.also_right
def _einsum_and_unit_key(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    unit, length = k / k.norm(), k.norm()
    return W + torch.einsum("d,m->dm", v / length - torch.einsum("dm,m->d", W, unit), unit)


@edited_matrix.also_right
def _copy_changed_in_place(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    new = W.clone()
    new += (v - W @ k)[:, None] * k[None, :] / k.dot(k)
    return new


def _missing(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """What the old answer to k lacks, (d_model,)."""
    return v - W @ k


@edited_matrix.wrong(
    "What does W answer to k already? This adds v on top of it, so that W' k = W k + v. Add only "
    "what is missing: "
    "v - W @ k."
)
def _old_answer_left_in(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(v, k) / (k @ k)


@edited_matrix.wrong(
    "What is the outer product's answer to k? The vector times k · k: divide by k @ k."
)
def _not_divided(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k)


@edited_matrix.wrong(
    "By what is it divided? By k @ k, which is the square of k's length. This divides by the "
    "length itself."
)
def _divided_by_the_length(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / k.norm()


@edited_matrix.wrong("Whose length counts? That of the key, k @ k. This divides by v @ v.")
def _divided_by_the_value(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / (v @ v)


@edited_matrix.wrong(
    "By what is it divided? By the sum of the squares of k, k @ k; this takes how many numbers k "
    "has."
)
def _divided_by_the_number_of_neurons(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / len(k)


@edited_matrix.wrong(
    "Why add 1 to k @ k? The key is never 0, so nothing has to be kept from 0, and W' k does not "
    "get as far as v."
)
def _one_added_below(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / (k @ k + 1)


@edited_matrix.wrong(
    "To which input does W' answer v now? To k divided by its length. The old answer and the new "
    "one are those to k "
    "itself, as long as it is."
)
def _value_for_the_unit_key(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    unit = k / k.norm()
    return W + torch.outer(_missing(W, unit, v), unit)


@edited_matrix.wrong(
    "Which of the two vectors gives the rows? W has d_model rows and d_mlp columns: torch.outer(v "
    "- W @ k, k). Here "
    "the order is turned."
)
def _outer_product_turned(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(k, _missing(W, k, v)).reshape(W.shape) / (k @ k)


@edited_matrix.wrong(
    "What becomes of all other inputs? Here W is gone, and an input perpendicular to k gets 0. "
    "Add the change to W."
)
def _everything_replaced(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.outer(v, k) / (k @ k)


@edited_matrix.wrong("The change, or the changed matrix? This is only what has to be added to W.")
def _change_only(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.outer(_missing(W, k, v), k) / (k @ k)


@edited_matrix.wrong(
    "What does W' answer to k? Here 0: the old answer is taken out, and v is not put in."
)
def _new_value_forgotten(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W - torch.outer(W @ k, k) / (k @ k)


@edited_matrix.wrong(
    "Added or taken away? The answer goes away from v here. What is missing is v - W @ k, and it "
    "is added."
)
def _sign_turned_in_the_edit(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W - torch.outer(_missing(W, k, v), k) / (k @ k)


@edited_matrix.wrong(
    "Is the old matrix still there? Your function changed its input W. `+=` writes into it, and "
    "whoever wants to undo "
    "the edit has nothing left: W + …, or begin with W.clone()."
)
def _matrix_changed(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    W += torch.outer(_missing(W, k, v), k) / (k @ k)
    return W


@edited_matrix.wrong(
    "What about inputs perpendicular to k? W' k is right, but every column is shifted alike, and "
    "that moves them, too. "
    "Each column gets as much as k has in its place."
)
def _all_columns_shifted(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + _missing(W, k, v)[:, None] / k.sum()


@edited_matrix.wrong(
    "What about inputs perpendicular to k? W' k is right, but one column alone takes the whole "
    "change. Spread it over "
    "the columns as k does."
)
def _strongest_neuron_only(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    strongest = k.abs().argmax()
    return W + torch.outer(_missing(W, k, v), F.one_hot(strongest, len(k)) / k[strongest])


@edited_matrix.wrong(
    "Does dividing by each number of k undo the product with k? For k itself it does, but "
    "perpendicular inputs move, "
    "and a 0 in k gives infinity. Multiply by k, and divide by k @ k."
)
def _divided_number_by_number(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + _missing(W, k, v)[:, None] / k / len(k)


@edited_matrix.wrong(
    "Does each row of W' give its part of v? It does, but each was stretched for that, and the "
    "answers to all other "
    "inputs are stretched with it. Add a multiple of k to each row."
)
def _rows_stretched(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W * (v / (W @ k))[:, None]


@edited_matrix.wrong(
    "Half the way? W' k must be v itself; here it is the mean of the old answer and the new one."
)
def _half_of_the_way(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / (2 * k @ k)


@edited_matrix.inputs
def _matrices_keys_and_values(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    # one column only
    yield (
        torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
        torch.tensor([2.0, 0.0]),
        torch.tensor([6.0, 10.0]),
    )
    yield torch.tensor([[1.0, 0.0, 2.0]]), torch.tensor([1.0, 1.0, 2.0]), torch.tensor([8.0])
    for d_model, d_mlp in (
        (2, 2),
        (3, 3),
        (2, 5),
        (4, 3),
        (1, 4),
        (5, 2),
        (4, 4),
        (3, 12),
        (6, 24),
    ):
        for of_key, of_value in ((1.0, 1.0), (0.1, 3.0), (8.0, 20.0)):
            W, k, v = (
                torch.randn(shape, generator=rng)
                for shape in ((d_model, d_mlp), (d_mlp,), (d_model,))
            )
            # no number of k is close to 0
            yield W, (k + 0.5 * k.sign()) * of_key, v * of_value


# 12.5


@exercise(
    "12.5",
    minutes=10,
    hints=(
        "What does a model do with its last residual stream? It goes through the final norm, then "
        "through the "
        "unembedding, then softmax. Here every layer's stream takes this way, each row by itself.",
        "RMS norm: the mean of the squares over d_model, plus eps, and the square root of that. "
        "Divide the row by it, "
        "and multiply by gain. With keepdim=True the shape (layer, 1) divides each row by its own "
        "number.",
        "resid.square().mean(dim=-1, keepdim=True) is the mean of the squares. After the norm: @ "
        "W_U.T for the logits, "
        "shape (layer, vocab), and torch.softmax over the last axis.",
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
    "How often does softmax run? Once. A second one takes probabilities for logits, and makes "
    "them flat."
)
def _softmax_twice(resid: Tensor, gain: Tensor, W_U: Tensor, eps: float) -> Tensor:
    return _said(_normed(resid, eps) * gain, W_U).softmax(dim=-1)


@logit_lens.wrong(
    "What is exp of a logit in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "row's largest first, "
    "or use softmax."
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


# 12.6


@exercise(
    "12.6",
    minutes=10,
    hints=(
        "The cosine of two vectors is their dot product after both were divided by their length. "
        "How do you give all "
        "rows the length 1 at once?",
        "unit = directions / directions.norm(dim=-1, keepdim=True). Then unit @ unit.T has the "
        "cosine of every pair. "
        "What stands on its diagonal, and does that count?",
        "Take abs, for two directions that point against each other disturb each other, too. "
        "Leave the diagonal out, "
        "by a mask such as ~torch.eye(n, dtype=torch.bool), and take the largest of the rest.",
    ),
)
def largest_interference(directions: torch.Tensor) -> torch.Tensor:
    """How much do two features disturb each other at worst? The largest |cosine| of two
    of them.

    More features than dimensions cannot all be perpendicular: reading one of them then
    picks up a part of another. The cosine, with or against its direction, says how
    large that part is.

    directions: one direction for each feature, two or more, shape (feature, d_model).
    Their lengths differ and do not count; none is 0.
    Returns the largest absolute cosine between two different features: a tensor with
    one number, shape ().
    """
    unit = directions / directions.norm(dim=-1, keepdim=True)
    cosines = (unit @ unit.T).abs()  # (feature, feature)
    different = ~torch.eye(len(unit), dtype=torch.bool)
    return cosines[different].max()


@largest_interference.also_right
def _pair_by_pair_in_float64(directions: Tensor) -> Tensor:
    largest = 0.0
    for a, b in itertools.combinations(directions.tolist(), 2):
        product = math.fsum(x * y for x, y in zip(a, b, strict=True))
        largest = max(largest, abs(product) / (math.hypot(*a) * math.hypot(*b)))
    return torch.tensor(largest, dtype=torch.float64)


@largest_interference.also_right
def _library_cosine_similarity(directions: Tensor) -> Tensor:
    cosines = F.cosine_similarity(directions[:, None], directions[None], dim=-1)
    return cosines.fill_diagonal_(0).abs().amax()


@largest_interference.also_right
def _einsum_and_upper_triangle(directions: Tensor) -> Tensor:
    unit = F.normalize(directions, dim=1)
    return torch.einsum("fd,gd->fg", unit, unit).triu(1).abs().max()


@largest_interference.also_right
def _numpy_extremes(directions: Tensor) -> Tensor:
    table = np.inner(directions.numpy(), directions.numpy())
    lengths = np.sqrt(np.diag(table))
    rest = (table / np.outer(lengths, lengths))[np.triu_indices(len(table), 1)]
    return torch.tensor(max(rest.max(), -rest.min()))


def _cosines(directions: Tensor) -> Tensor:
    """All cosines, with their sign and with the diagonal, (feature, feature)."""
    unit = F.normalize(directions, dim=-1)
    return unit @ unit.T


def _pairs(table: Tensor) -> Tensor:
    """The numbers of a table that belong to two different features: all but the
    diagonal.
    """
    return table[~torch.eye(len(table), dtype=torch.bool)]


@largest_interference.wrong(
    "How much is a feature like itself? Wholly, so with the diagonal left in it gives 1 for all "
    "directions. Only pairs "
    "of different features count."
)
def _diagonal_included(directions: Tensor) -> Tensor:
    return _cosines(directions).abs().max()


@largest_interference.wrong(
    "Do two features that point against each other disturb each other? They do, and their cosine "
    "is negative: take abs "
    "before the largest."
)
def _without_abs(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).max()


@largest_interference.wrong(
    "Is the smallest cosine the worst? Only if it is far below 0, and even then its size is asked "
    "for. Take abs, and "
    "then the largest."
)
def _most_negative(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).min()


@largest_interference.wrong(
    "Does the length of a direction count? Not for a cosine: divide each row by its length first."
)
def _not_normalised(directions: Tensor) -> Tensor:
    return _pairs(directions @ directions.T).abs().max()


@largest_interference.wrong(
    "How many of the two are divided by their length? Both. Here one side stays as long as it was."
)
def _one_side_normalised(directions: Tensor) -> Tensor:
    return _pairs(F.normalize(directions, dim=-1) @ directions.T).abs().max()


@largest_interference.wrong(
    "Which numbers make one direction? A row, so the length runs along dim=-1. Here the columns "
    "were normalised."
)
def _columns_normalised(directions: Tensor) -> Tensor:
    unit = F.normalize(directions, dim=0)
    return _pairs(unit @ unit.T).abs().max()


@largest_interference.wrong(
    "When are the directions normalised? Before the product. Here the rows of the table of dot "
    "products are."
)
def _normalised_after_the_product(directions: Tensor) -> Tensor:
    return _pairs(F.normalize(directions @ directions.T, dim=-1)).abs().max()


@largest_interference.wrong(
    "Is one length enough for all? Each direction has its own; here all share the longest one."
)
def _one_length_for_all(directions: Tensor) -> Tensor:
    longest = directions.norm(dim=-1).max()
    return _pairs(directions @ directions.T).abs().max() / longest**2


@largest_interference.wrong(
    "Is a length a sum of squares, or its root? Its root is missing: divide by .norm()."
)
def _divided_by_squared_lengths(directions: Tensor) -> Tensor:
    short = directions / directions.square().sum(dim=-1, keepdim=True)
    return _pairs(short @ short.T).abs().max()


@largest_interference.wrong(
    "On the whole, or at worst? The mean hides the worst pair: take the largest."
)
def _mean_of_the_pairs(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).abs().mean()


@largest_interference.wrong(
    "Which pair is asked for? The one that disturbs most. This is the one that disturbs least."
)
def _smallest(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).abs().min()


@largest_interference.wrong(
    "Which pairs are there? Every feature with every other one, not only with the next in the list."
)
def _neighbours_only(directions: Tensor) -> Tensor:
    return _cosines(directions).diagonal(1).abs().max()


@largest_interference.wrong(
    "Which pairs are there? Every feature with every other one. This looks at the first one's only."
)
def _first_feature_only(directions: Tensor) -> Tensor:
    return _cosines(directions)[0, 1:].abs().max()


@largest_interference.wrong(
    "The cosine, or its square? A square loses the sign as well, but it is smaller: take abs."
)
def _squares_of_cosines(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).square().max()


@largest_interference.wrong(
    "What does a feature get from a single other one? This adds up all that the others do to it. "
    "The largest pair is "
    "asked for."
)
def _sum_over_the_others(directions: Tensor) -> Tensor:
    return (_cosines(directions).abs().sum(dim=-1) - 1).max()


@largest_interference.wrong(
    "Is the mean of a direction taken away? That makes a correlation; for a cosine, leave it in."
)
def _correlation(directions: Tensor) -> Tensor:
    centred = directions - directions.mean(dim=-1, keepdim=True)
    return _pairs(_cosines(centred)).abs().max()


@largest_interference.wrong(
    "What is compared? Features, which are the rows. This compares the columns: the product is "
    "turned."
)
def _columns_compared(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions.T)).abs().max()


@largest_interference.wrong(
    "The angle, or its cosine? No acos is needed: the cosine itself says how much is picked up."
)
def _angle(directions: Tensor) -> Tensor:
    return _pairs(_cosines(directions)).abs().max().acos()


@largest_interference.wrong(
    "One number for each feature, or one in all? Of these largest ones, take the largest again."
)
def _one_for_each_feature(directions: Tensor) -> Tensor:
    return _cosines(directions).fill_diagonal_(0).abs().amax(dim=-1)


@largest_interference.wrong(
    "How large, or where? argmax gives the place of the largest cosine; max gives its size."
)
def _place_of_the_largest(directions: Tensor) -> Tensor:
    return _cosines(directions).fill_diagonal_(0).abs().argmax()


def _with_a_close_pair(feature: int, d_model: int, sign: float, rng: torch.Generator) -> Tensor:
    """Directions of all lengths, of which two that are no neighbours, if there are
    enough, are close (or opposed).
    """
    directions = torch.randn(feature, d_model, generator=rng)
    directions[-1] = sign * directions[min(1, feature - 2)] + 0.4 * directions[-1]
    return directions * (0.2 + 3 * torch.rand(feature, 1, generator=rng))


@largest_interference.inputs
def _directions(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[2.0, 0.0], [3.0, 4.0]]),)
    # the closest two point against each other
    yield (torch.tensor([[0.0, 1.0], [-1.0, 0.0], [0.6, -0.8]]),)
    for feature, d_model in ((2, 3), (3, 2), (4, 4), (5, 3), (4, 7), (8, 5), (12, 6), (30, 20)):
        for sign in (1.0, -1.0):
            yield (_with_a_close_pair(feature, d_model, sign, rng),)
        yield (torch.randn(feature, d_model, generator=rng),)
