import pytest
import torch
from torch.testing import assert_close

from utils.model.rms_norm import RMSNorm

EPS = 0.1  # large, so that one in the wrong place is seen


def norm(dtype=torch.float32):
    torch.manual_seed(1)
    layer = RMSNorm(6, eps=EPS)
    layer.weight.data = torch.randn(6)
    return layer.to(dtype)


@pytest.mark.parametrize("shape", [(6,), (1, 6), (1, 1, 6), (2, 6), (3, 1, 6), (0, 6)])
@pytest.mark.parametrize("size", [0.0, 1e-3, 1.0, 1e4])
def test_it_is_the_formula(shape, size):
    layer, x = norm(), size * (2 + torch.randn(shape))
    wide = x.double()
    expected = layer.weight.double() * wide / (wide.square().mean(-1, keepdim=True) + EPS).sqrt()
    assert_close(layer(x).detach().double(), expected.detach(), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("rows", [1, 3])
def test_other_types_are_torchs(dtype, rows):
    layer, x = norm(dtype), torch.randn(rows, 6).to(dtype)
    assert torch.equal(layer(x), torch.nn.functional.rms_norm(x, (6,), layer.weight, EPS))


@pytest.mark.parametrize("rows", [1, 3])
def test_gradients_are_torchs(rows):
    layer, x = norm(), torch.randn(rows, 6, requires_grad=True)
    inputs = (x, layer.weight)
    mine = torch.autograd.grad(layer(x)[:, 2].sum(), inputs)
    theirs = torch.autograd.grad(
        torch.nn.functional.rms_norm(x, (6,), layer.weight, EPS)[:, 2].sum(), inputs
    )
    assert_close(mine, theirs, rtol=1e-4, atol=1e-6)
