"""The longest chain of operations that wait for one another, counted by hand."""

import pytest
import torch

from utils.model.longest_chain import longest_chain


def test_a_chain_is_as_long_as_its_operations():
    x = torch.ones(3, requires_grad=True)
    assert longest_chain(x + 1) == 1
    y = x
    for _ in range(5000):  # deeper than Python's stack
        y = y * 2
    assert longest_chain(y) == 5000


def test_side_by_side_is_no_chain_and_the_longer_way_counts():
    x = torch.ones(3, requires_grad=True)
    side_by_side = torch.stack([x * k for k in range(7)])  # one multiplication, then stack
    assert longest_chain(side_by_side) == 2
    assert longest_chain(x.exp().sin() + x) == 3
    shared = x.exp()
    assert longest_chain(shared.sin() * shared.cos().tan()) == 4


def test_a_constant_and_a_tensor_without_graph():
    x = torch.ones(3, requires_grad=True)
    assert longest_chain(torch.ones(3) * x.sin()) == 2
    with pytest.raises(ValueError, match="has no graph"):
        longest_chain(torch.ones(3))
