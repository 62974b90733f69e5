"""Exercise 23.1: round weights to few bits and back, with one scale for the whole tensor."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.exercises.ch23.shared import _codes, _n, _off_the_halves, _there_and_back
from course.judging.exercise import exercise


@exercise(
    "23.1",
    minutes=8,
    atol=1e-5,
    hints=(
        "With so many bits, which whole numbers are there? As many on both sides of 0: from -n to "
        "n, where n is 2 ** (bits - 1) - 1. Which n comes out for 3 bits, and which for 8?",
        "The scale says how much one step is worth: the largest weight, without its sign, has to "
        "become n. So it is W.abs().max() / n, one number for the whole tensor.",
        "Divide by the scale, round, multiply by the scale: (W / scale).round() * scale. If all "
        "weights are 0, so is the scale, and 0 / 0 is NaN: treat that case by itself.",
    ),
)
def absmax(W: torch.Tensor, bits: int) -> torch.Tensor:
    """Round weights to few bits and back, with one scale for the whole tensor.

    The codes are whole numbers from -n to n, with n = 2^(bits-1) - 1. The scale is the
    largest |W| divided by n. A weight's code is weight / scale, rounded to the nearest
    whole number.

    W: weights, shape (out, in). If all are 0, they stay 0.
    bits: how many bits a code has, from 2 to 8.
    Returns the weights that the codes stand for, code * scale, shape (out, in).
    """
    n = 2 ** (bits - 1) - 1
    scale = W.abs().max() / n
    if scale == 0:
        return torch.zeros_like(W)
    codes = (W / scale).round()  # whole numbers from -n to n
    return codes * scale


@absmax.also_right
def _library_rounding(W: Tensor, bits: int) -> Tensor:
    n = 2 ** (bits - 1) - 1
    largest = float(W.abs().amax())
    return torch.fake_quantize_per_tensor_affine(W, largest / n or 1.0, 0, -n, n)


@absmax.also_right
def _weight_by_weight_in_float64(W: Tensor, bits: int) -> Tensor:
    largest, n = max(abs(weight) for row in W.tolist() for weight in row), (1 << (bits - 1)) - 1
    if not largest:
        return W.clone()
    back = [[round(weight * n / largest) * largest / n for weight in row] for row in W.tolist()]
    return torch.tensor(back, dtype=torch.float64)


@absmax.also_right
def _never_quite_zero(W: Tensor, bits: int) -> Tensor:
    scale = torch.linalg.vector_norm(W, math.inf).clamp(min=1e-12) / (2 ** (bits - 1) - 1)
    return (W / scale).round().to(torch.int8) * scale


@absmax.also_right
def _numpy_floor_of_a_half_more(W: Tensor, bits: int) -> Tensor:
    weights = W.numpy()
    scale = max(weights.max(), -weights.min()) / (2 ** (bits - 1) - 1)
    return torch.from_numpy(np.floor(weights / scale + 0.5) * scale if scale > 0 else weights * 0)


@absmax.also_right
def _nan_of_zeros_replaced(W: Tensor, bits: int) -> Tensor:
    scale = W.abs().max() / (2 ** (bits - 1) - 1)
    return (W / scale).nan_to_num(nan=0.0).round() * scale


@absmax.wrong(
    "How many codes are there on each side of 0? Half of them are for negative weights: n is 2 ** "
    "(bits - 1) - 1, and not 2 ** bits - 1."
)
def _all_bits_on_one_side(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().max() / (2**bits - 1))


@absmax.wrong(
    "Which is the largest code? One less than 2 ** (bits - 1): the 0 needs a code, too, and both "
    "sides are alike."
)
def _one_code_too_many(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().max() / 2 ** (bits - 1))


@absmax.wrong(
    "What happens to the largest weight? It is cut off by a step here: the scale fits n + 1, and "
    "clamp allows only n. Divide by n itself, and nothing has to be cut."
)
def _largest_cut_off(W: Tensor, bits: int) -> Tensor:
    scale = W.abs().max() / 2 ** (bits - 1)
    return _codes(W, scale).clamp(-(2 ** (bits - 1)), _n(bits)) * scale


@absmax.wrong(
    "Which whole number is nearest? floor always goes down, so all weights get too low. Use round."
)
def _rounded_down(W: Tensor, bits: int) -> Tensor:
    scale = W.abs().max() / _n(bits)
    return torch.zeros_like(W) if scale == 0 else (W / scale).floor() * scale


@absmax.wrong(
    "What does a conversion to int do with a fraction? It cuts it off, towards 0. Round first, and "
    "convert afterwards."
)
def _cut_towards_zero(W: Tensor, bits: int) -> Tensor:
    scale = W.abs().max() / _n(bits)
    return torch.zeros_like(W) if scale == 0 else (W / scale).trunc() * scale


@absmax.wrong(
    "Codes or weights? These are the codes. Multiplied by the scale they are weights again."
)
def _codes_left(W: Tensor, bits: int) -> Tensor:
    return _codes(W, W.abs().max() / _n(bits))


@absmax.wrong(
    "What is one step worth? The scale. Dividing the codes by n instead gives weights between -1 "
    "and 1, whatever they were before."
)
def _codes_over_n(W: Tensor, bits: int) -> Tensor:
    return _codes(W, W.abs().max() / _n(bits)) / _n(bits)


@absmax.wrong(
    "How many scales are there? One for the whole tensor. Here each row has its own; that comes "
    "later."
)
def _scale_for_each_row(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().amax(dim=1, keepdim=True) / _n(bits))


@absmax.wrong("How many scales are there? One for the whole tensor. Here each column has its own.")
def _scale_for_each_column(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().amax(dim=0, keepdim=True) / _n(bits))


@absmax.wrong(
    "What if the weight furthest from 0 is negative? Then W.max() misses it, and its code is "
    "beyond n. Take abs first."
)
def _largest_without_abs(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.max() / _n(bits))


@absmax.wrong(
    "Which weight has to fit? The largest one. The mean of |W| is smaller: codes go far beyond n."
)
def _mean_for_the_largest(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().mean() / _n(bits))


@absmax.wrong(
    "Which weight has to fit? The largest one. The standard deviation lets many codes go beyond n."
)
def _spread_for_the_largest(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.std(correction=0) / _n(bits))


@absmax.wrong(
    "What is 0 / 0? NaN. If all weights are 0, the scale is 0 as well: such a tensor stays as it "
    "is."
)
def _nan_from_zeros(W: Tensor, bits: int) -> Tensor:
    scale = W.abs().max() / _n(bits)
    return (W / scale).round() * scale


@absmax.wrong(
    "Are weights always as large as in your test? A small number added to the scale keeps you from "
    "dividing by 0, but it changes scales that are small themselves. Treat 0 by itself."
)
def _small_number_added_to_the_scale(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().max() / _n(bits) + 1e-4)


@absmax.wrong(
    "Is 0 in the middle? In absmax it is, whatever the weights. Half the way from the lowest to "
    "the highest weight is not the same as the largest |W|."
)
def _half_of_the_range(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, (W.max() - W.min()) / 2 / _n(bits))


@absmax.wrong(
    "Where does the weight 0 go? To code 0, exactly. This has a zero point, which is the next "
    "exercise."
)
def _lowest_is_zero(W: Tensor, bits: int) -> Tensor:
    return W.min() + _there_and_back(W - W.min(), (W.max() - W.min()) / (2**bits - 1))


@absmax.wrong(
    "What is rounded? Weights in steps of the scale. Rounding the weights themselves leaves hardly "
    "anything."
)
def _weights_rounded(W: Tensor, bits: int) -> Tensor:
    return W.round()


@absmax.wrong(
    "Is anything rounded? Divided and multiplied again, the weights are as before: .round() is "
    "missing."
)
def _never_rounded(W: Tensor, bits: int) -> Tensor:
    return W.clone()


@absmax.wrong(
    "Which of the two comes first? Divide by the scale, round, multiply by it. Here it is the "
    "other way."
)
def _multiplied_and_divided(W: Tensor, bits: int) -> Tensor:
    scale = W.abs().max() / _n(bits)
    return torch.zeros_like(W) if scale == 0 else (W * scale).round() / scale


@absmax.wrong("Are there always 8 bits? n has to follow from `bits`.")
def _always_eight_bits(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().max() / _n(8))


@absmax.wrong(
    "Where have the negative weights gone? Codes run from -n to n; here clamp starts at 0."
)
def _negative_ones_lost(W: Tensor, bits: int) -> Tensor:
    scale = W.abs().max() / _n(bits)
    return _codes(W, scale).clamp(0, _n(bits)) * scale


@absmax.wrong(
    "Which sign has a weight afterwards? The one it had. abs belongs into the scale alone."
)
def _signs_lost(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W.abs(), W.abs().max() / _n(bits))


@absmax.wrong(
    "What if the weight furthest from 0 is negative? Then W.max() misses it, and clamp cuts it off. "
    "Take abs first."
)
def _largest_without_abs_and_clamped(W: Tensor, bits: int) -> Tensor:
    scale = W.max() / _n(bits)
    return _codes(W, scale).clamp(-_n(bits), _n(bits)) * scale


@absmax.inputs
def _weights_and_bits(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    def weights(
        out: int, in_: int, size: float, bits: int, middle: float = 0.0, first: float | None = None
    ) -> Tensor:
        def draw() -> Tensor:
            W = torch.randn(out, in_, generator=rng) + middle
            W[0, 0] = W[0, 0] if first is None else first
            return W * size

        return _off_the_halves(draw, lambda W: W / W.abs().max() * _n(bits))

    yield torch.tensor([[3.0, -1.2], [0.4, 0.0]]), 3
    yield torch.tensor([[0.3, -7.0, 2.2]]), 4
    yield torch.zeros(2, 3), 4
    yield torch.zeros(3, 1), 8
    for out, in_ in ((2, 3), (4, 4), (3, 8), (5, 2), (1, 6)):
        for bits, size in ((2, 1.0), (3, 30.0), (4, 0.02), (5, 1.0), (8, 0.02)):
            yield weights(out, in_, size, bits), bits
    yield weights(3, 5, 1.0, 4, middle=3.0), 4  # all or nearly all above 0
    yield weights(3, 5, 1.0, 6, middle=-3.0), 6
    # one outlier, and all others get small codes
    yield weights(4, 6, 0.05, 7, first=-20.0), 7
    yield weights(4, 6, 0.05, 4, first=20.0), 4
