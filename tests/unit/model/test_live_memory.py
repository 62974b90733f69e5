"""What tensors take while a computation runs, against tensors that can be counted by hand."""

import pytest
import torch
from torch import nn

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.kept_for_backward import bytes_kept_for_backward
from utils.model.live_memory import live_bytes


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_tensor_counts_until_nothing_refers_to_it(device):
    def run():
        a = torch.zeros(7, 5, device=device)  # 140 bytes
        b = a + 1
        del a
        c = b.double()  # 280
        return b, c

    assert live_bytes(run) == [140, 280, 420, 0]


def test_views_and_changes_in_place_take_nothing():
    def run():
        a = torch.zeros(7, 5)
        a.view(35).add_(1)
        return a.T

    assert live_bytes(run)[:-1] == [140] * 4


def test_parameters_do_not_count_and_their_gradients_do():
    layer, x = nn.Linear(5, 7), torch.randn(3, 5)
    line = live_bytes(lambda: layer(x).sum().backward())
    assert line[-1] == layer.weight.nbytes + layer.bias.nbytes
    assert live_bytes(lambda: layer(x))[-2:] == [4 * 3 * 7, 0]


def test_at_the_end_of_a_forward_pass_it_is_what_autograd_keeps():
    model = GPT(GPTConfig(vocab_size=61, context_length=20, n_layer=3, n_head=6, d_model=48))
    x, positions = torch.randn(5, 11, 48, requires_grad=True), torch.arange(11).expand(5, 11)
    kept = bytes_kept_for_backward(lambda: model.run_blocks(x, positions), model)
    result = []
    line = live_bytes(lambda: result.append(model.run_blocks(x, positions)))
    # x was there before; the result is held by the list
    assert line[-1] == kept - x.nbytes + result[0].nbytes
