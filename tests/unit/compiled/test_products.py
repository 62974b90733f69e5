"""Products of int4 with a vector in whole numbers of 16 bits, against float64."""

import numpy as np
import pytest
import torch

from utils.compiled.products import (
    D_IN,
    D_OUT,
    FIELDS,
    IN_INT4,
    KIND,
    SCALES,
    WEIGHTS,
    multiply,
)
from utils.compiled.whole_numbers import GROUP, LANES, Rounded, round_vector
from utils.quantization.packed_linear import Int4Linear

SIZES = [(7, 54), (33, 64), (50, 70), (18, 97), (5, 1)]  # one group and many, whole and begun


def room(width: int) -> Rounded:
    groups = -(-width // 32)
    return Rounded(
        np.full(groups * 32 + 64, 99, np.int16),  # what another vector left there
        np.full(groups + 2, np.nan, np.float32),
        np.full(groups + 2, np.nan, np.float32),
        np.full(LANES, np.nan, np.float32),
        np.full(GROUP, np.nan, np.float32),
    )


def grouped(values: np.ndarray) -> np.ndarray:
    return np.pad(values, (0, -len(values) % 32)).reshape(-1, 32)


def vector(width: int, seed: int) -> np.ndarray:
    """Groups of very different sizes, and zeros where there are some to spare."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(width) * 10.0 ** rng.integers(-6, 7, -(-width // 32)).repeat(32)[:width]
    x[width // 2 : width // 2 + 32] = 0
    return x.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("d_out, d_in", SIZES)
def test_no_number_is_off_by_more_than_half_a_step(d_out, d_in, seed):
    x, rounded = vector(d_in, seed), room(d_in)
    round_vector(x, rounded)
    exact, groups = grouped(x.astype(np.float64)), -(-d_in // 32)
    codes = grouped(rounded.codes[: groups * 32]).astype(np.float64)
    steps = rounded.steps[:groups, None].astype(np.float64)
    largest = np.abs(exact).max(1)
    assert np.allclose(steps[:, 0], largest / 32_767, rtol=1e-6, atol=0)
    assert (np.abs(codes * steps - exact) <= 0.501 * steps).all()
    assert (np.abs(codes).max(1) == np.where(largest > 0, 32_767, 0)).all()
    assert np.allclose(rounded.sums[:groups], (codes * steps).sum(1), rtol=1e-6, atol=0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("d_out, d_in", SIZES)
def test_a_product_is_that_of_the_weights_and_the_rounded_vector(d_out, d_in, seed):
    torch.manual_seed(seed)
    layer = Int4Linear([torch.randn(d_out, d_in) + 0.3])
    x, rounded = vector(d_in, seed), room(d_in)
    matrix = np.zeros(len(FIELDS), np.int64)
    matrix[[KIND, D_OUT, D_IN]] = IN_INT4, d_out, d_in
    matrix[[WEIGHTS, SCALES]] = layer.nibbles.data_ptr(), layer.row_scales.data_ptr()
    out = np.full(d_out, np.nan, np.float32)
    round_vector(x, rounded)
    multiply(matrix, x, rounded, 1, d_out, out)
    weight = layer.unpack(torch.float32).double().numpy()
    exact = grouped(x.astype(np.float64))
    steps = np.abs(exact).max(1, keepdims=True) / 32_767
    seen = (np.rint(exact / np.where(steps > 0, steps, 1)) * steps).ravel()[:d_in]
    terms = np.abs(weight) @ np.abs(seen)
    assert np.isnan(out[0])  # rows of another thread
    assert (np.abs(out[1:] - (weight @ seen)[1:]) <= 1e-6 * terms[1:]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_does_not_get_lost(value):
    x, rounded = vector(64, 0), room(64)
    x[40] = value
    round_vector(x, rounded)
    assert np.isfinite(rounded.sums[0]) and np.isnan(rounded.sums[1]) and np.isnan(rounded.steps[1])
