"""Sign, exponent and fraction, against how the numbers are defined."""

import struct

import numpy as np
import pytest
import torch

from utils.quantization.float_bits import float_bits

NUMBERS = [0.1, -0.1, 1.0, -2.5, 3.14159, 65_504.0, 6e-8, 0.0, -0.0]


@pytest.mark.parametrize("x", NUMBERS)
def test_float32_and_float16_are_as_struct_packs_them(x):
    for dtype, letter, size, exponent in ((torch.float32, "f", 32, 8), (torch.float16, "e", 16, 5)):
        whole = f"{int.from_bytes(struct.pack('>' + letter, x)):0{size}b}"
        parts = float_bits(x, dtype)
        assert "".join(parts) == whole
        assert [len(part) for part in parts] == [1, exponent, size - 1 - exponent]


@pytest.mark.parametrize("x", [0.1, -7.3, 1e30, 2.0**-100])
def test_bfloat16_means_one_and_a_fraction_times_a_power_of_two(x):
    sign, exponent, fraction = float_bits(x, torch.bfloat16)
    assert (len(sign), len(exponent), len(fraction)) == (1, 8, 7)
    value = (1 + int(fraction, 2) / 128) * 2.0 ** (int(exponent, 2) - 127)
    value *= -1 if sign == "1" else 1
    assert value == torch.tensor(x, dtype=torch.bfloat16).item()
    assert np.isclose(value, x, rtol=2**-8)


def test_another_type_is_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"torch\.float64.*torch\.bfloat16"):
        float_bits(0.1, torch.float64)
