"""What autograd keeps for the way back, against sums over tensors that can be counted by hand."""

import torch
from torch import nn

from utils.model.kept_for_backward import bytes_kept_for_backward


def test_inputs_of_products_and_results_of_tanh_are_kept_and_weights_do_not_count():
    layer, x = nn.Linear(5, 7), torch.randn(3, 5)
    # dW needs x, and tanh's slope needs its own result: 4 bytes a number
    assert bytes_kept_for_backward(lambda: layer(x).tanh(), layer) == 4 * (3 * 5 + 3 * 7)


def test_a_tensor_that_two_steps_keep_counts_once():
    x = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)

    def run():
        y = x.tanh()  # keeps y
        return y.view(15) * y.view(15)  # keeps two views of y

    assert bytes_kept_for_backward(run, nn.Linear(2, 2)) == 8 * 3 * 5


def test_a_frozen_layer_keeps_no_input():
    layer = nn.Linear(5, 7).requires_grad_(False)
    x = torch.randn(3, 5, requires_grad=True)
    assert bytes_kept_for_backward(lambda: layer(x).tanh(), layer) == 4 * 3 * 7


def test_nothing_is_kept_without_a_way_back():
    layer = nn.Linear(5, 7)
    with torch.no_grad():
        assert bytes_kept_for_backward(lambda: layer(torch.randn(3, 5)).tanh(), layer) == 0
