"""Walks in a bowl against what can be computed by hand."""

import pytest
import torch
from torch.testing import assert_close

from utils.pictures.bowl import Bowl, steps_until, walk


def test_plain_descent_shrinks_each_weight_by_its_own_factor():
    places = walk(Bowl(along=2.0, across=5.0), lambda w: torch.optim.SGD(w, lr=0.3), (1.5, -0.4), 4)
    steps = torch.arange(5)[:, None]
    factors = torch.tensor([1 - 0.6, 1 - 1.5], dtype=torch.float64)
    wanted = torch.tensor([1.5, -0.4], dtype=torch.float64) * factors**steps
    assert_close(places, wanted)


def test_the_height_of_a_grid():
    x, y = torch.meshgrid(torch.tensor([0.0, 2.0]), torch.tensor([1.0, 3.0, 0.0]), indexing="ij")
    wanted = torch.tensor([[2.0, 18.0, 0.0], [2 + 2.0, 2 + 18.0, 2.0]])
    assert_close(Bowl(along=1.0, across=4.0).height(x, y), wanted)


@pytest.mark.parametrize(
    ("xs", "share", "wanted"),
    [
        ([4.0, 2.0, 1.0, 0.5], 0.05, 3),  # heights 16, 4, 1 and 0.25, and 0.8 is left to reach
        ([4.0, 2.0, 1.0, 0.5], 0.1, 2),
        ([4.0, 0.1, 3.0, 0.1], 0.1, 3),  # it must stay there
        ([0.0, 0.0], 0.1, 0),
        ([4.0, 3.0, 2.0], 0.1, None),
        ([4.0, 0.1, float("nan")], 0.1, None),
    ],
)
def test_steps_until_a_share_is_left(xs, share, wanted):
    places = torch.stack([torch.tensor(xs), torch.zeros(len(xs))], dim=1)
    assert steps_until(Bowl(along=2.0, across=1.0), places, share) == wanted
