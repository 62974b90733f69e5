"""Operations are counted by their names, those of a backward pass too."""

import torch

from utils.model.operations import count_operations


def test_each_operation_is_counted_as_often_as_it_is_done():
    x, W = torch.randn(3, 4), torch.randn(4, 4)

    def run():
        y = x
        for _ in range(5):
            y = torch.nn.functional.silu(y @ W) + x
        return y.softmax(dim=-1)

    found = count_operations(run)
    assert (found["mm"], found["silu"], found["add"], found["_softmax"]) == (5, 5, 5, 1)
    assert found["mul"] == 0


def test_nothing_is_counted_outside():
    inside = count_operations(lambda: torch.ones(2))
    torch.ones(2) + 1
    assert inside["add"] == 0 and sum(inside.values()) >= 1
