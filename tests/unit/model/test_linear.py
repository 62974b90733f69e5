"""All ways of the linear layer against float64; what holds for one kernel must hold for the others."""

import pytest
import torch
from torch.testing import assert_close

from utils.model import linear as module
from utils.model.linear import Linear

OUT = (23, 40)  # the second is a multiple of the number of slices


def layer(bias=True, d_out=23):
    torch.manual_seed(3)
    return Linear(37, d_out, bias=bias)


@pytest.mark.parametrize("shape", [(37,), (1, 37), (1, 1, 37), (3, 1, 37), (2, 5, 37), (0, 37)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("d_out", OUT)
def test_it_is_the_product(shape, bias, grad, d_out):
    linear, x = layer(bias, d_out), torch.randn(shape)
    with torch.set_grad_enabled(grad):
        got = linear(x)
    expected = x.double() @ linear.weight.double().T + (linear.bias.double() if bias else 0)
    assert got.requires_grad is grad and got.shape == (*shape[:-1], d_out)
    assert_close(got.detach().double(), expected.detach(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
@torch.no_grad()
def test_other_types_stay_what_they_are(dtype):
    x = torch.randn(4, 37).to(dtype)
    assert layer().to(dtype)(x).dtype == dtype


@pytest.mark.parametrize("d_out", OUT)
@pytest.mark.parametrize("shape", [(37,), (1, 1, 37), (2, 5, 37)])
def test_gradients_are_those_of_the_product(shape, d_out):
    linear, x = layer(True, d_out), torch.randn(shape, requires_grad=True)
    pull = torch.randn(*shape[:-1], d_out)
    found = torch.autograd.grad((pull * linear(x)).sum(), (x, linear.weight, linear.bias))
    rows, pulls = x.detach().view(-1, 37), pull.view(-1, d_out)
    expected = ((pulls @ linear.weight.detach()).view(shape), pulls.T @ rows, pulls.sum(dim=0))
    assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("d_out", OUT)
@torch.inference_mode()
def test_a_weight_that_does_not_lie_in_order(d_out):
    x, weight = torch.randn(1, 1, 37), torch.randn(37, d_out).T
    assert_close(
        module.linear(x, weight), module.linear(x, weight.contiguous()), rtol=1e-5, atol=1e-5
    )


@torch.inference_mode()
def test_a_single_row_goes_in_slices_if_they_are_even_and_not_too_large(monkeypatch):
    went = []
    in_slices = module._in_slices
    monkeypatch.setattr(
        module,
        "_in_slices",
        lambda *inputs: went.append(tuple(inputs[1].shape)) or in_slices(*inputs),
    )
    monkeypatch.setattr(module, "_HAS_MKL", module._HAS_ONEDNN)
    monkeypatch.setattr(module, "_LARGE", 37 * 48)
    for d_out, rows in ((40, 1), (23, 1), (40, 2), (48, 1)):
        module.linear(torch.randn(rows, 37), torch.randn(d_out, 37))
    assert went == [(40, 37)] * module._HAS_ONEDNN


@torch.inference_mode()
def test_rows_that_do_not_lie_side_by_side():
    x, linear = torch.randn(37, 6), layer()
    assert_close(linear(x.T), linear(x.T.contiguous()))
    assert_close(linear(x[:, ::2].T), linear(x.T.contiguous()[::2]))


@pytest.mark.parametrize("d_out", OUT)
@pytest.mark.parametrize("rows", [1, 2])
def test_a_changed_weight_counts_at_once(rows, d_out):
    linear, x = layer(False, d_out), torch.randn(rows, 37)
    with torch.inference_mode():
        before = linear(x)
    with torch.no_grad():
        linear.weight += 1
    with torch.inference_mode():
        assert_close(linear(x), before + x.sum(-1, keepdim=True), rtol=1e-4, atol=1e-4)
