"""Exercise 15.1: one step of an LSTM."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from course.judging.exercise import exercise

Inputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


@exercise(
    "15.1",
    minutes=10,
    atol=1e-5,
    hints=(
        "All four parts at once: parts = W @ x + U @ h + b, of shape (4 * size,). "
        "parts.chunk(4) gives the four.",
        "Three of them are gates, shares from 0 to 1: sigmoid. The new content g may be negative: "
        "tanh.",
        "The cell keeps f of the old one, and i of g is added. The state is o of tanh(new cell).",
    ),
)
def lstm_step(
    x: torch.Tensor,
    h: torch.Tensor,
    c: torch.Tensor,
    W: torch.Tensor,
    U: torch.Tensor,
    b: torch.Tensor,
) -> torch.Tensor:
    """One step of an LSTM with a forget gate.

    W x + U h + b has four parts of the same length, in this order: the gate i (let in),
    the gate f (keep), the new content g, the gate o (let out). The gates go through a
    sigmoid, g through tanh. Then

        new c = f * c + i * g        new h = o * tanh(new c)

    x: the input, shape (inputs,). h, c: the state and the cell, shape (size,).
    W: (4 * size, inputs), U: (4 * size, size), b: (4 * size,).
    Returns the new h and the new c, one below the other, shape (2, size).
    """
    i, f, g, o = (W @ x + U @ h + b).chunk(4)
    new_c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    new_h = o.sigmoid() * new_c.tanh()
    return torch.stack([new_h, new_c])


@lstm_step.also_right
def _of_the_library(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    cell = nn.LSTMCell(len(x), len(h))
    for name, value in (("weight_ih", W), ("weight_hh", U), ("bias_ih", b)):
        cell.get_parameter(name).data = value
    cell.get_parameter("bias_hh").data.zero_()
    new_h, new_c = cell(x[None], (h[None], c[None]))
    return torch.cat([new_h, new_c]).detach()


@lstm_step.also_right
def _gate_by_gate(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    size = len(h)
    rows = []
    for place in range(size):
        at = [place + part * size for part in range(4)]
        i, f, g, o = (W[row] @ x + U[row] @ h + b[row] for row in at)
        cell = c[place] / (1 + torch.exp(-f)) + torch.tanh(g) / (1 + torch.exp(-i))
        rows.append(torch.stack([torch.tanh(cell) / (1 + torch.exp(-o)), cell]))
    return torch.stack(rows, dim=1)


@lstm_step.also_right
def _one_matrix(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    both = torch.cat([W, U], dim=1) @ torch.cat([x, h]) + b
    i, f, g, o = both.view(4, -1)
    cell = torch.addcmul(torch.sigmoid(f) * c, torch.sigmoid(i), torch.tanh(g))
    return torch.stack((torch.sigmoid(o) * torch.tanh(cell), cell))


def _parts(x: Tensor, h: Tensor, W: Tensor, U: Tensor, b: Tensor) -> tuple[Tensor, ...]:
    i, f, g, o = (W @ x + U @ h + b).chunk(4)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


@lstm_step.wrong(
    "Which part is which? The order is i, f, g, o. Here the first part keeps and the second lets in."
)
def _in_and_forget_swapped(
    x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor
) -> Tensor:
    f, i, g, o = _parts(x, h, W, U, b)
    cell = f * c + i * g
    return torch.stack([o * cell.tanh(), cell])


@lstm_step.wrong(
    "Which part is which? The order is i, f, g, o. Here the last two are exchanged: the third is the "
    "new content, the fourth the gate that lets out."
)
def _content_and_out_swapped(
    x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor
) -> Tensor:
    i, f, o, g = (W @ x + U @ h + b).chunk(4)
    cell = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return torch.stack([o.sigmoid() * cell.tanh(), cell])


@lstm_step.wrong("A gate is a share from 0 to 1. tanh goes from -1 to 1: gates take the sigmoid.")
def _tanh_on_gates(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    i, f, g, o = (W @ x + U @ h + b).tanh().chunk(4)
    cell = f * c + i * g
    return torch.stack([o * cell.tanh(), cell])


@lstm_step.wrong(
    "What may be written into the cell? Negative numbers, too: g goes through tanh, not sigmoid."
)
def _sigmoid_on_content(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    i, f, g, o = (W @ x + U @ h + b).sigmoid().chunk(4)
    cell = f * c + i * g
    return torch.stack([o * cell.tanh(), cell])


@lstm_step.wrong("Where is the old cell? It is lost: f of it stays, f * c + i * g.")
def _old_cell_lost(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    i, _, g, o = _parts(x, h, W, U, b)
    cell = i * g
    return torch.stack([o * cell.tanh(), cell])


@lstm_step.wrong(
    "What does the forget gate do? It says which share of the old cell is *kept*: f * c, not "
    "(1 - f) * c."
)
def _forgets_what_it_should_keep(
    x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor
) -> Tensor:
    i, f, g, o = _parts(x, h, W, U, b)
    cell = (1 - f) * c + i * g
    return torch.stack([o * cell.tanh(), cell])


@lstm_step.wrong("From which cell is the new state read? From the new one; here it is the old c.")
def _state_of_the_old_cell(
    x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor
) -> Tensor:
    i, f, g, o = _parts(x, h, W, U, b)
    return torch.stack([o * c.tanh(), f * c + i * g])


@lstm_step.wrong("What does the state show? o * tanh(new c). The tanh is missing.")
def _state_without_tanh(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    i, f, g, o = _parts(x, h, W, U, b)
    cell = f * c + i * g
    return torch.stack([o * cell, cell])


@lstm_step.wrong(
    "Is the cell squeezed? It is not: tanh is for the state alone, and c stays as it is."
)
def _cell_squeezed(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    i, f, g, o = _parts(x, h, W, U, b)
    cell = (f * c + i * g).tanh()
    return torch.stack([o * cell, cell])


@lstm_step.wrong("What does the step know of the past? The state h, too: + U @ h is missing.")
def _state_not_read(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    return lstm_step.reference(x, torch.zeros_like(h), c, W, U, b)


@lstm_step.wrong("Which comes first? The new h stands above the new c.")
def _cell_above_state(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    return lstm_step.reference(x, h, c, W, U, b).flip(0)


@lstm_step.wrong("Where is the bias? + b is missing.")
def _no_bias(x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor) -> Tensor:
    return lstm_step.reference(x, h, c, W, U, torch.zeros_like(b))


@lstm_step.inputs
def _steps(rng: torch.Generator) -> Iterator[Inputs]:
    one = torch.tensor([1.0])
    W = torch.tensor([[1.0], [2.0], [-1.0], [0.5]])
    yield one, one / 2, 2 * one, W, torch.zeros(4, 1), torch.zeros(4)
    for inputs, size in ((1, 2), (3, 2), (2, 5), (4, 4), (6, 3), (5, 7)):
        for scale in (0.3, 1.0):
            x, h, c = (torch.randn(n, generator=rng) * 2 * scale for n in (inputs, size, size))
            W, U, b = (
                torch.randn(*shape, generator=rng) * scale
                for shape in ((4 * size, inputs), (4 * size, size), (4 * size,))
            )
            yield x, h.tanh(), c, W, U, b
