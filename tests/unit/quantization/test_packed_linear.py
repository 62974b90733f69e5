"""Packed layers against the product of what their codes stand for, in float64."""

import copy

import pytest
import torch
from torch.testing import assert_close

from utils.quantization.gguf_blocks import Q41Blocks
from utils.quantization.packed_linear import Int4Linear, Int8Linear, PackedLinear

KINDS = [Int8Linear, Int4Linear]
# Of 8 bits: neighbours of 1 are 2**-7 apart, so rounding is off by half of that at most, relative.
BFLOAT16 = 2**-8


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def rms(x):
    return float(x.double().square().mean().sqrt())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("d_in", "d_outs"),
    [(64, (16,)), (33, (7,)), (48, (40, 5)), (96, (3, 17, 29)), (1, (1,)), (160, (130,))],
)
@pytest.mark.parametrize("rows", [1, 2, 5, 16, 17, 32, 33, 48, 49, 70])
@pytest.mark.parametrize("bias", [True, False])
@torch.inference_mode()
def test_the_kernels_compute_what_the_codes_stand_for(kind, d_in, d_outs, rows, bias):
    bias = normal(sum(d_outs), seed=9) if bias else None
    layer = kind([normal(d_out, d_in, seed=d_out) for d_out in d_outs], bias)
    x = normal(rows, d_in, seed=rows).bfloat16()
    got = layer(x.float().view(rows, 1, d_in))
    assert got.shape == (rows, 1, sum(d_outs)) and got.dtype == torch.bfloat16
    expected = x.double() @ layer.dequantize().double().T + (0 if bias is None else bias.double())
    # Four roundings: the kernel's weights, `dequantize`'s, the sum, and the sum with the bias.
    size = x.double().abs() @ layer.dequantize().double().abs().T + (
        0 if bias is None else bias.double().abs()
    )
    assert ((got[:, 0].double() - expected).abs() <= 4 * BFLOAT16 * size + 1e-30).all()
    if rows > 2 and sum(d_outs) > 10:
        assert rms(got[:, 0].double() - expected) < BFLOAT16 * rms(expected)


@pytest.mark.parametrize(("kind", "steps"), [(Int8Linear, 254), (Int4Linear, 15)])
def test_codes_are_the_nearest(kind, steps):
    weight = normal(20, 96) * torch.logspace(-4, 4, 20)[:, None]
    layer = kind([weight])
    groups = weight.unflatten(1, (-1, 96 if kind is Int8Linear else 32))
    span = 2 * groups.abs().amax(-1) if kind is Int8Linear else groups.amax(-1) - groups.amin(-1)
    error = (layer.dequantize().float() - weight).unflatten(1, groups.shape[1:]).abs()
    rounding = BFLOAT16 * groups.abs().amax(-1)  # of scale, zero and weight to bfloat16
    assert (error.amax(-1) <= span / steps / 2 + 1.5 * rounding).all()
    assert (error.amax(-1) >= span / steps / 4).float().mean() > 0.9  # no finer either


def test_codes_of_a_file_are_taken_over():
    codes = torch.randint(
        3, 12, (24, 64), generator=torch.Generator().manual_seed(1), dtype=torch.uint8
    )
    scale = 2.0 ** torch.randint(-6, 3, (24, 2), generator=torch.Generator().manual_seed(2))
    # exact in bfloat16; neither code 0 nor 15 occurs
    blocks = Q41Blocks(codes, scale.half(), (-5 * scale).half())
    layer = Int4Linear([blocks])
    expected = (codes.unflatten(1, (2, 32)) - 5.0) * scale[..., None]
    assert torch.equal(layer.dequantize().float(), expected.flatten(1))
    # the kernel's own view of them, a column at a time
    one_by_one = layer(torch.eye(64)[:, None])[:, 0].T
    assert torch.equal(
        torch.cat([layer(row[None]) for row in torch.eye(64)]).T, expected.flatten(1).bfloat16()
    )
    assert torch.equal(one_by_one, expected.flatten(1).bfloat16())


@pytest.mark.parametrize("kind", KINDS)
def test_zeros_and_equal_weights(kind):
    weight = torch.zeros(18, 64)
    weight[1], weight[2, 32:] = 3.0, -0.5
    assert torch.equal(kind([weight]).dequantize().float(), weight)


def test_bytes():
    assert Int8Linear([normal(32, 64)]).n_bytes == 32 * 64 + 32 * 2
    # Two copies of the codes, and of a scale and a zero of 2 bytes for 32 weights.
    assert Int4Linear([normal(32, 64)]).n_bytes == 2 * (32 * 64 / 2 + 32 * 64 / 32 * 4)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_packed_layer_cannot_do_is_one_sentence(kind):
    layer = kind([normal(16, 32)])
    with pytest.raises(RuntimeError, match=r"computes no gradients.*precision='float32'"):
        layer(torch.ones(1, 32, requires_grad=True))
    with pytest.raises(RuntimeError, match=r"no weight to read or change.*dequantize\(\)"):
        print(layer.weight)
    for change in (layer.half, layer.double, lambda: layer.to("meta")):
        with pytest.raises(RuntimeError, match="load it again"):
            change()
    assert layer.to("cpu")(torch.ones(1, 32)).isfinite().all()
    with torch.no_grad():
        assert layer(torch.ones(1, 32, requires_grad=True)).isfinite().all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_computes_the_same(kind):
    layer, x = kind([normal(16, 32)]), normal(3, 32)
    assert_close(copy.deepcopy(layer)(x), layer(x), rtol=0, atol=0)
    assert isinstance(layer, PackedLinear) and f"bits={layer.bits}" in repr(layer)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 3, 70])
@torch.inference_mode()
def test_cuda_computes_what_the_cpu_computes(kind, rows):
    weights, x = [normal(40, 96), normal(7, 96, seed=1)], normal(rows, 96, seed=2)
    on_cpu, on_gpu = kind(weights)(x), kind([weight.cuda() for weight in weights])(x.cuda()).cpu()
    assert rms(on_cpu - on_gpu) < 2 * BFLOAT16 * rms(on_cpu)
