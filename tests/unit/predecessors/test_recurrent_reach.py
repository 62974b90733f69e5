"""How far a nudge reaches, against the recurrence written out step by step."""

import pytest
import torch
from torch import nn

from utils.predecessors.recurrent_reach import reach_of_lstm, reach_of_rnn

WIDTH = 5


def drawn(kind, steps, seed):
    """The same draws, in the same order."""
    torch.manual_seed(seed)
    net = kind(8, WIDTH, batch_first=True, dtype=torch.float64)
    x = torch.randn(1, steps, 8, dtype=torch.float64)[0]
    direction = torch.randn(WIDTH, dtype=torch.float64)
    return net, x, direction / direction.norm()


@pytest.mark.parametrize(("steps", "seed"), [(1, 0), (4, 1), (13, 2)])
def test_an_rnn_is_a_product_of_jacobians(steps, seed):
    net, x, direction = drawn(nn.RNN, steps, seed)
    h, product = torch.zeros(WIDTH, dtype=torch.float64), torch.eye(WIDTH, dtype=torch.float64)
    with torch.no_grad():
        for now in x:
            h = torch.tanh(
                net.weight_ih_l0 @ now + net.bias_ih_l0 + net.weight_hh_l0 @ h + net.bias_hh_l0
            )
            product = (1 - h**2)[:, None] * net.weight_hh_l0 @ product
        expected = (product.T @ direction).norm().item()
    assert reach_of_rnn(steps, width=WIDTH, seed=seed) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("steps", "forget_bias", "seed"), [(1, 2.0, 0), (6, -1.0, 1), (9, None, 2)]
)
def test_an_lstm_nudged_in_its_first_cell(steps, forget_bias, seed):
    net, x, direction = drawn(nn.LSTM, steps, seed)
    bias = (net.bias_ih_l0 + net.bias_hh_l0).detach().clone()
    if forget_bias is not None:
        bias[WIDTH : 2 * WIDTH] = forget_bias

    @torch.no_grad()
    def end(cell):
        h = torch.zeros(WIDTH, dtype=torch.float64)
        for now in x:
            z = net.weight_ih_l0 @ now + net.weight_hh_l0 @ h + bias
            take, keep, new, show = z.split(WIDTH)
            cell = keep.sigmoid() * cell + take.sigmoid() * new.tanh()
            h = show.sigmoid() * cell.tanh()
        return (h @ direction).item()

    slopes = []
    for place in torch.eye(WIDTH, dtype=torch.float64):
        slopes.append((end(1e-5 * place) - end(-1e-5 * place)) / 2e-5)
    found = reach_of_lstm(steps, forget_bias, width=WIDTH, seed=seed)
    assert found == pytest.approx(torch.tensor(slopes).norm().item(), rel=1e-5)


@pytest.mark.parametrize(("steps", "forget_bias", "seed"), [(3, 2.0, 0), (12, 0, 1), (7, 40, 2)])
def test_along_the_cell_alone_a_nudge_is_multiplied_by_each_gate(steps, forget_bias, seed):
    """In the last cell, that product; from there through tanh and the output gate."""
    net, x, direction = drawn(nn.LSTM, steps, seed)
    with torch.no_grad():
        bias = net.bias_ih_l0 + net.bias_hh_l0
        bias[WIDTH : 2 * WIDTH] = forget_bias
        cell, kept = torch.zeros(WIDTH, dtype=torch.float64), torch.ones(WIDTH)
        for now in x:
            take, keep, new, show = (net.weight_ih_l0 @ now + bias).split(WIDTH)
            cell = keep.sigmoid() * cell + take.sigmoid() * new.tanh()
            kept = keep.sigmoid() * kept
        expected = (direction * show.sigmoid() * (1 - cell.tanh() ** 2) * kept).norm().item()
    found = reach_of_lstm(steps, forget_bias, WIDTH, seed, cell_alone=True)
    assert found == pytest.approx(expected, rel=1e-9)


def test_the_gain_is_that_of_the_recurrent_matrix():
    # one step from a state of 0 with a small input: the slope is that of the matrix
    small, large = (reach_of_rnn(1, gain=gain, width=64) for gain in (0.5, 1.5))
    assert large == pytest.approx(3 * small, rel=0.3)


@pytest.mark.parametrize(("gain", "seed"), [(1, 0), (0.5, 1), (3, 2)])
def test_an_orthogonal_matrix_stretches_each_direction_by_its_gain(gain, seed):
    net, x, direction = drawn(nn.RNN, 1, seed)
    with torch.no_grad():
        h = torch.tanh(net.weight_ih_l0 @ x[0] + net.bias_ih_l0 + net.bias_hh_l0)
        expected = gain * ((1 - h**2) * direction).norm().item()
    found = reach_of_rnn(1, gain, WIDTH, seed, orthogonal=True)
    assert found == pytest.approx(expected, rel=1e-9)


def test_an_orthogonal_matrix_needs_a_gain():
    with pytest.raises(ValueError, match="give one, such as gain=1"):
        reach_of_rnn(3, orthogonal=True)


def test_it_leaves_the_random_numbers_of_others_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    reach_of_rnn(3, gain=2)
    reach_of_lstm(3)
    assert torch.equal(torch.rand(3), expected)
