"""Rounding to codes: worked numbers, bounds that follow from the formulas, and the bytes."""

import pytest
import torch
from torch.testing import assert_close

from utils.quantization.rounding import BITS, Quantized, quantize

SHAPE = (3, 5, 12)


def weights(size=1.0, shift=0.0, seed=0):
    return size * (torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed)) + shift)


def test_absmax_worked_by_hand():
    found = quantize(torch.tensor([-1.27, 0.0, 0.634, 1.0]), bits=8)
    assert (float(found.scale), found.codes.tolist(), found.zero) == (
        pytest.approx(0.01),
        [-127, 0, 63, 100],
        None,
    )
    assert_close(found.dequantize(), torch.tensor([-1.27, 0.0, 0.63, 1.0]))


def test_zero_point_worked_by_hand():
    found = quantize(torch.tensor([-1.0, 0.0, 0.26, 2.0]), bits=4, scheme="zero_point")
    assert (float(found.scale), int(found.zero), found.codes.tolist()) == (
        pytest.approx(0.2),
        5,
        [0, 5, 6, 15],
    )
    assert_close(found.dequantize(), torch.tensor([-1.0, 0.0, 0.2, 2.0]))


@pytest.mark.parametrize("scheme", ["absmax", "zero_point"])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize(
    ("group", "groups"),
    [(None, ()), ("row", (3, 5, 1)), (12, (3, 5, 1)), (4, (3, 5, 3)), (1, SHAPE)],
)
@pytest.mark.parametrize(("size", "shift"), [(1.0, 0.0), (1e-6, 0.5), (1e5, 3.0), (1.0, -4.0)])
def test_no_weight_is_off_by_more_than_half_a_step(scheme, bits, group, groups, size, shift):
    original = weights(size, shift, seed=bits)
    found = quantize(original, bits, group, scheme)
    assert found.scale.shape == groups and found.codes.shape == SHAPE
    low, high = (
        (0, 2**bits - 1) if scheme == "zero_point" else (1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1)
    )
    assert low <= int(found.codes.min()) and int(found.codes.max()) <= high
    step = (
        found.scale.expand(SHAPE)
        if group is None
        else found.scale.repeat_interleave(12 // groups[-1], dim=-1)
    )
    error = (found.dequantize() - original).abs()
    assert (error <= step * (0.5 + 1e-4)).all()


@pytest.mark.parametrize("scheme", ["absmax", "zero_point"])
@pytest.mark.parametrize("bits", BITS)
def test_steps_are_no_coarser_than_the_range_needs(scheme, bits):
    rows = weights(seed=bits)
    span = (
        rows.abs().amax(-1)
        if scheme == "absmax"
        else rows.amax(-1).clamp(min=0) - rows.amin(-1).clamp(max=0)
    )
    steps = 2**bits - 1 if scheme == "zero_point" else 2 ** (bits - 1) - 1
    assert_close(quantize(rows, bits, "row", scheme).scale[..., 0], span / steps)


@pytest.mark.parametrize("scheme", ["absmax", "zero_point"])
@pytest.mark.parametrize("bits", BITS)
def test_what_the_codes_can_say_comes_back_exactly(scheme, bits):
    low, high = (
        (0, 2**bits - 1) if scheme == "zero_point" else (1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1)
    )
    codes = torch.randint(low, high + 1, (4, 24), generator=torch.Generator().manual_seed(bits))
    codes[:, :2] = torch.tensor([low, high])
    zero = torch.full((4, 1), (low + high) // 2 if scheme == "zero_point" else 0)
    original = (codes - zero) * torch.tensor([0.5, 2.0, 0.125, 64.0])[:, None]
    found = quantize(original, bits, "row", scheme)
    assert torch.equal(found.codes.long(), codes)
    assert torch.equal(found.dequantize(), original)


def test_zero_is_exact_and_zeros_stay_zeros():
    original = weights(shift=2.0)
    original[0, 0] = 0
    original[1, 2, 3] = 0
    for scheme in ("absmax", "zero_point"):
        got = quantize(original, 3, 4, scheme).dequantize()
        assert got[0, 0].abs().max() == 0 and got[1, 2, 3] == 0 and got.isfinite().all()


def test_small_groups_save_the_neighbours_of_an_outlier():
    original = weights()
    original[0, 0, 0] = 100.0
    error = {
        group: float((quantize(original, 4, group).dequantize() - original)[1:].abs().mean())
        for group in (None, "row")
    }
    assert error["row"] < error[None] / 5


def test_bytes_are_those_of_a_file():
    assert (
        quantize(torch.ones(64, 128), 4, 32, "absmax", torch.float16).n_bytes
        == 64 * 128 / 2 + 64 * 4 * 2
    )
    assert (
        quantize(torch.ones(64, 128), 3, "row", "zero_point").n_bytes
        == (64 * 128 + 64) * 3 / 8 + 64 * 4
    )
    assert quantize(torch.ones(10), 8).n_bytes == 10 + 4


def test_codes_fit_the_scale_as_it_is_stored():
    original = weights(seed=5)
    found = quantize(original, 8, "row", scale_dtype=torch.bfloat16)
    assert found.scale.dtype == torch.bfloat16
    nearest = (original / found.scale.float()).round().clamp(-127, 127)
    assert torch.equal(found.codes.float(), nearest)


def test_the_original_is_left_alone():
    original = weights().requires_grad_()
    copy = original.detach().clone()
    found = quantize(original, 4, "row")
    assert torch.equal(original, copy) and not found.dequantize().requires_grad
    assert isinstance(found, Quantized)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((weights(), 5), ["bits is 5", "8, 6, 4, 3, 2"]),
        ((weights(), 4, 5), ["group is 5", "12 weights", "'row'"]),
        ((weights(), 4, 0), ["group is 0"]),
        ((torch.tensor([1.0, float("nan")]), 4), ["infinite or NaN"]),
        ((torch.zeros(0, 4), 4), ["(0, 4)"]),
    ],
)
def test_what_makes_no_sense_is_one_sentence(arguments, words):
    with pytest.raises(ValueError) as error:
        quantize(*arguments)
    assert all(word in str(error.value) for word in words)
