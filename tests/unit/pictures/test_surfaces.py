"""The surfaces to walk on: their gradients are those that torch finds by itself."""

import pytest
import torch

from utils.pictures.surfaces import SURFACES


@pytest.mark.parametrize("name", SURFACES)
def test_the_gradient_is_that_of_the_height(name):
    surface = SURFACES[name]
    rng = torch.Generator().manual_seed(2)
    for point in torch.randn(7, 2, generator=rng, dtype=torch.float64) * 1.5:
        asked = point.clone().requires_grad_()
        surface.height(asked[0], asked[1]).backward()
        assert surface.gradient(point).tolist() == pytest.approx(asked.grad.tolist(), abs=1e-12)


def test_the_heights_of_a_grid_are_those_of_its_points():
    x, y = torch.tensor([[0.0, 1.0, -2.0], [0.5, 0.0, 1.0]]), torch.full((2, 3), 0.7)
    for surface in SURFACES.values():
        heights = surface.height(x, y)
        for at in ((0, 0), (0, 2), (1, 1)):
            assert heights[at] == pytest.approx(float(surface.height(x[at], y[at])))


def test_two_valleys_have_two_minima_and_the_saddle_none_in_its_middle():
    at = torch.linspace(-2, 2, 401, dtype=torch.float64)
    floor = SURFACES["two valleys"].height(at, torch.zeros(401, dtype=torch.float64))
    lower = (floor[1:-1] < floor[:-2]) & (floor[1:-1] < floor[2:])
    assert lower.sum() == 2
    saddle = SURFACES["saddle"]
    assert saddle.gradient(torch.zeros(2)).tolist() == [0, 0]
    one, none = torch.tensor(0.1), torch.tensor(0.0)
    assert saddle.height(one, none) > saddle.height(none, none) > saddle.height(none, one)
