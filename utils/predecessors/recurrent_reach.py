"""How far back a recurrent network can learn: what a nudge of its first state does to its last one
(Bengio et al. 1994; Hochreiter 1991), for a plain RNN and for an LSTM.
"""

import torch
from torch import Tensor, nn

from utils.seeding import seeded


@torch.enable_grad()
def reach_of_rnn(
    steps: int,
    gain: float | int | None = None,
    width: int = 64,
    seed: int = 0,
    *,
    orthogonal: bool = False,
) -> float:
    """The norm of the gradient of a random direction of the last hidden state, with respect to the
    first, after `steps` steps of an untrained tanh RNN.

    gain: the recurrent matrix is drawn with a standard deviation of gain / sqrt(width); None is
        torch's own start.
    orthogonal: the recurrent matrix is gain times a random rotation or reflection, and not drawn
        one by one. Raises ValueError without a gain.
    """
    if orthogonal and gain is None:
        raise ValueError("an orthogonal start has no gain; give one, such as gain=1.")
    net, inputs, direction = _net(nn.RNN, steps, width, seed)
    if gain is not None:
        rng = torch.Generator().manual_seed(seed)
        recurrent = net.get_parameter("weight_hh_l0")
        if orthogonal:
            nn.init.orthogonal_(recurrent, gain=gain, generator=rng)
        else:
            nn.init.normal_(recurrent, std=gain / width**0.5, generator=rng)
    start = torch.zeros(1, 1, width, dtype=torch.float64, requires_grad=True)
    out, _ = net(inputs, start)
    (gradient,) = torch.autograd.grad((out[0, -1] * direction).sum(), start)
    return float(gradient.norm())


@torch.enable_grad()
def reach_of_lstm(
    steps: int,
    forget_bias: float | int | None = None,
    width: int = 64,
    seed: int = 0,
    *,
    cell_alone: bool = False,
) -> float:
    """The same for an LSTM, from its first cell to its last hidden state.

    forget_bias: of the forget gates, whose share that is kept is sigmoid(forget_bias + ...). None
        is torch's own start, where it is near 0. At 40 a gate is open for good, as if it were not
        there: that is the cell of 1997.
    cell_alone: the recurrent weights are 0, so that the nudge can only pass along the cell, and not
        from one step's hidden state to the next one's gates.
    """
    net, inputs, direction = _net(nn.LSTM, steps, width, seed)
    if forget_bias is not None:
        # torch adds two biases; the forget gates come second of four
        with torch.no_grad():
            net.get_parameter("bias_ih_l0")[width : 2 * width] = forget_bias
            net.get_parameter("bias_hh_l0")[width : 2 * width] = 0
    if cell_alone:
        nn.init.zeros_(net.get_parameter("weight_hh_l0"))
    hidden = torch.zeros(1, 1, width, dtype=torch.float64)
    cell = torch.zeros(1, 1, width, dtype=torch.float64, requires_grad=True)
    out, _ = net(inputs, (hidden, cell))
    (gradient,) = torch.autograd.grad((out[0, -1] * direction).sum(), cell)
    return float(gradient.norm())


def _net(
    kind: type[nn.RNN] | type[nn.LSTM], steps: int, width: int, seed: int
) -> tuple[nn.RNN | nn.LSTM, Tensor, Tensor]:
    """An untrained network, random inputs of 8 numbers, and a random direction of length 1."""
    with seeded(seed):
        net = kind(8, width, batch_first=True, dtype=torch.float64)
        inputs = torch.randn(1, steps, 8, dtype=torch.float64)
        direction = torch.randn(width, dtype=torch.float64)
    return net, inputs, direction / direction.norm()
