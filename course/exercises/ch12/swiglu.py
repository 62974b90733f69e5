"""Exercise 12.2: the feed-forward layer of today's models: SwiGLU, with a gate on every neuron."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.ch12.shared import SIZES
from course.judging.exercise import exercise


@exercise(
    "12.2",
    minutes=5,
    atol=1e-5,
    hints=(
        "Two products come first: x @ W_gate.T and x @ W_up.T, both (pos, d_mlp). Which of the two "
        "goes through silu?",
        "silu(z) is z times sigmoid(z): torch.sigmoid never overflows, and "
        "torch.nn.functional.silu does both at once. Only the gate goes through it. How do gate "
        "and up meet?",
        "Multiply them number by number, silu(gate) * up, with * and not with @. The result goes "
        "back to d_model: @ W_down.T.",
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
    "When does silu come in? On the gate alone, before the two are multiplied. Here it takes their "
    "product."
)
def _silu_after_the_product(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return F.silu(gate * up) @ W_down.T


@swiglu.wrong("Where is the curve? Without silu the gate never closes. It goes on x @ W_gate.T.")
def _no_silu(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (gate * up) @ W_down.T


@swiglu.wrong(
    "What is silu of z? It is z times sigmoid(z). This is sigmoid alone, the gate of an older kind "
    "of layer (GLU)."
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
    "line, or with sigmoid, nothing breaks."
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
    "How does a gate close a neuron? By a factor near 0. Gate and up are multiplied; here they are "
    "added."
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
    "What does the gate let through? The numbers of x @ W_up.T. They are missing: this is the gate "
    "alone."
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
    "Does view or reshape turn W_down? It only cuts the same numbers anew, so that they meet other "
    "neurons: W_down.T."
)
def _down_reshaped(x: Tensor, W_gate: Tensor, W_up: Tensor, W_down: Tensor) -> Tensor:
    gate, up = _gate_and_up(x, W_gate, W_up)
    return (F.silu(gate) * up) @ W_down.reshape(W_down.shape[1], W_down.shape[0])


@swiglu.wrong(
    "How are W_gate and W_up used? As x @ W.T, one row for each neuron. Reshape does not transpose "
    "them."
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
