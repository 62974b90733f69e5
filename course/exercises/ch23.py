"""Exercises of chapter 23: rounding to few bits, a zero point, groups, a block of a
file, and the size of it.
"""

import math
import struct
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


def _off_the_halves(draw: Callable[[], Tensor], in_steps: Callable[[Tensor], Tensor]) -> Tensor:
    """Weights that are not halfway between two steps of their scale, so that no
    rounding of ours decides a code.
    """
    while True:
        W = draw()
        if ((in_steps(W.double()) % 1 - 0.5).abs() > 0.01).all():
            return W


# 23.1


@exercise(
    "23.1",
    minutes=8,
    atol=1e-5,
    hints=(
        "With so many bits, which whole numbers are there? As many on both sides of 0: from -n to "
        "n, where n is "
        "2 ** (bits - 1) - 1. Which n comes out for 3 bits, and which for 8?",
        "The scale says how much one step is worth: the largest weight, without its sign, has to "
        "become n. So it is "
        "W.abs().max() / n, one number for the whole tensor.",
        "Divide by the scale, round, multiply by the scale: (W / scale).round() * scale. If all "
        "weights are 0, so is "
        "the scale, and 0 / 0 is NaN: treat that case by itself.",
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


def _n(bits: int) -> int:
    """The largest code of absmax."""
    return 2 ** (bits - 1) - 1


def _codes(W: Tensor, scale: Tensor) -> Tensor:
    """Weights in steps of a scale (one, or one for each row or group), rounded; 0 where
    the scale is 0.
    """
    return (W / torch.where(scale == 0, 1.0, scale)).round()


def _there_and_back(W: Tensor, scale: Tensor) -> Tensor:
    return _codes(W, scale) * scale


@absmax.wrong(
    "How many codes are there on each side of 0? Half of them are for negative weights: n is 2 ** "
    "(bits - 1) - 1, and "
    "not 2 ** bits - 1."
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
    "clamp allows only n. "
    "Divide by n itself, and nothing has to be cut."
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
    "What does a conversion to int do with a fraction? It cuts it off, towards 0. Round first, "
    "and convert afterwards."
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
    "and 1, whatever they "
    "were before."
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
    "Are weights always as large as in your test? A small number added to the scale keeps you "
    "from dividing by 0, but "
    "it changes scales that are small themselves. Treat 0 by itself."
)
def _small_number_added_to_the_scale(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().max() / _n(bits) + 1e-4)


@absmax.wrong(
    "Is 0 in the middle? In absmax it is, whatever the weights. Half the way from the lowest to "
    "the highest weight is "
    "not the same as the largest |W|."
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
    "What is rounded? Weights in steps of the scale. Rounding the weights themselves leaves "
    "hardly anything."
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


# 23.2


@exercise(
    "23.2",
    minutes=8,
    atol=1e-5,
    hints=(
        "Think of a ruler from the lowest to the highest weight. It has 2 ** bits marks. How many "
        "steps lie between "
        "them?",
        "One step is worth (W.max() - W.min()) / (2 ** bits - 1). How many steps is a weight "
        "above the lowest one? "
        "That number, rounded, is its code.",
        "codes = ((W - low) / scale).round(), and back: codes * scale + low. If all weights are "
        "alike, there is no "
        "step, and 0 / 0 is NaN: give back the weights as they are.",
    ),
)
def zero_point(W: torch.Tensor, bits: int) -> torch.Tensor:
    """Round weights to few bits and back, from the lowest weight to the highest one.

    The codes are whole numbers from 0, for the lowest weight of the tensor, to 2^bits -
    1, for the highest one. In between they lie at equal steps, and each weight takes
    the nearest.

    W: weights, shape (out, in). If all are alike, they stay as they are.
    bits: how many bits a code has, from 2 to 8.
    Returns the weights that the codes stand for, shape (out, in).
    """
    low, high = W.min(), W.max()
    scale = (high - low) / (2**bits - 1)
    if scale == 0:
        return W.clone()
    codes = ((W - low) / scale).round()  # whole numbers from 0 to 2^bits - 1
    return codes * scale + low


@zero_point.also_right
def _library_with_shifted_weights(W: Tensor, bits: int) -> Tensor:
    low, steps = W.amin(), 2**bits - 1
    scale = float(W.amax() - low) / steps
    return torch.fake_quantize_per_tensor_affine(W - low, scale or 1.0, 0, 0, steps) + low


@zero_point.also_right
def _nearest_of_all_marks(W: Tensor, bits: int) -> Tensor:
    marks = torch.linspace(float(W.min()), float(W.max()), 2**bits, dtype=torch.float64)
    return marks[(W.double()[..., None] - marks).abs().argmin(dim=-1)]


@zero_point.also_right
def _each_weight_with_plain_numbers(W: Tensor, bits: int) -> Tensor:
    low, high, steps = float(W.min()), float(W.max()), (1 << bits) - 1

    def back(weight: float) -> float:
        return (
            low + round((weight - low) / (high - low) * steps) * (high - low) / steps
            if high > low
            else weight
        )

    return torch.tensor([[back(weight) for weight in row] for row in W.tolist()])


@zero_point.also_right
def _numpy_from_the_top(W: Tensor, bits: int) -> Tensor:
    weights = W.numpy().astype(np.float64)
    scale = np.ptp(weights) / (2**bits - 1)
    steps_down = np.rint((weights.max() - weights) / (scale or 1))
    return torch.from_numpy(weights.max() - steps_down * scale)


def _above(W: Tensor, low: Tensor, scale: Tensor) -> Tensor:
    """There and back, with codes that count from `low`."""
    return _there_and_back(W - low, scale) + low


def _step(W: Tensor, bits: int) -> Tensor:
    """The right scale of one tensor."""
    return (W.max() - W.min()) / (2**bits - 1)


@zero_point.wrong(
    "Are there weights on both sides of 0? Not always, and then absmax wastes half of its codes. "
    "Map the lowest weight "
    "to code 0."
)
def _absmax_again(W: Tensor, bits: int) -> Tensor:
    return W.clone() if W.min() == W.max() else absmax.reference(W, bits)


@zero_point.wrong(
    "What does code 0 stand for? The lowest weight: add it again after you multiply by the scale."
)
def _lowest_not_added_again(W: Tensor, bits: int) -> Tensor:
    return W.clone() if W.min() == W.max() else _there_and_back(W - W.min(), _step(W, bits))


@zero_point.wrong(
    "What does code 0 stand for? The lowest weight; here the highest is added instead."
)
def _highest_added(W: Tensor, bits: int) -> Tensor:
    return _there_and_back(W - W.min(), _step(W, bits)) + W.max()


@zero_point.wrong(
    "Is the lowest weight's sign lost? What was subtracted is added again as it is; here abs "
    "makes it positive."
)
def _lowest_added_without_its_sign(W: Tensor, bits: int) -> Tensor:
    return (
        W.clone()
        if W.min() == W.max()
        else _there_and_back(W - W.min(), _step(W, bits)) + W.min().abs()
    )


@zero_point.wrong(
    "How many steps lie between 2 ** bits marks? One less than there are marks. Here the highest "
    "code would not fit."
)
def _as_many_steps_as_codes(W: Tensor, bits: int) -> Tensor:
    return _above(W, W.min(), (W.max() - W.min()) / 2**bits)


@zero_point.wrong(
    "Does a bit go for the sign? Not here: all codes count up from the lowest weight, so that "
    "there are 2 ** bits of "
    "them."
)
def _half_of_the_codes(W: Tensor, bits: int) -> Tensor:
    return _above(W, W.min(), (W.max() - W.min()) / _n(bits))


@zero_point.wrong("Which mark is nearest? floor always takes the one below. Use round.")
def _mark_below(W: Tensor, bits: int) -> Tensor:
    scale = _step(W, bits)
    return W.clone() if scale == 0 else ((W - W.min()) / scale).floor() * scale + W.min()


@zero_point.wrong(
    "How many lowest weights are there? One for the whole tensor; here each row has its own."
)
def _range_of_each_row(W: Tensor, bits: int) -> Tensor:
    low, high = W.amin(dim=1, keepdim=True), W.amax(dim=1, keepdim=True)
    return _above(W, low, (high - low) / (2**bits - 1))


@zero_point.wrong(
    "How many lowest weights are there? One for the whole tensor; here each column has its own."
)
def _range_of_each_column(W: Tensor, bits: int) -> Tensor:
    low, high = W.amin(dim=0, keepdim=True), W.amax(dim=0, keepdim=True)
    return _above(W, low, (high - low) / (2**bits - 1))


@zero_point.wrong(
    "Is the lowest weight 0? Seldom. Here the steps run from 0 to the highest weight."
)
def _lowest_taken_for_zero(W: Tensor, bits: int) -> Tensor:
    return W.clone() if W.min() == W.max() else _there_and_back(W, W.max() / (2**bits - 1))


@zero_point.wrong(
    "How long is the ruler? From the lowest to the highest weight. The scale here takes the "
    "highest alone: subtract "
    "the lowest there, too."
)
def _ruler_from_zero(W: Tensor, bits: int) -> Tensor:
    return W.clone() if W.min() == W.max() else _above(W, W.min(), W.max() / (2**bits - 1))


@zero_point.wrong(
    "What is 0 / 0? NaN. If all weights are alike, the scale is 0: give them back as they are."
)
def _nan_from_equal_weights(W: Tensor, bits: int) -> Tensor:
    scale = _step(W, bits)
    return ((W - W.min()) / scale).round() * scale + W.min()


@zero_point.wrong(
    "What are weights worth that are all alike? What they were, and that need not be 0."
)
def _equal_weights_to_zero(W: Tensor, bits: int) -> Tensor:
    return torch.zeros_like(W) if W.min() == W.max() else _above(W, W.min(), _step(W, bits))


@zero_point.wrong(
    "Codes or weights? These are the codes. Multiply by the scale, and add the lowest weight."
)
def _codes_of_the_marks(W: Tensor, bits: int) -> Tensor:
    return _codes(W - W.min(), _step(W, bits))


@zero_point.wrong(
    "Is the lowest weight a whole number of steps away from 0? Seldom. Counted from 0, or from a "
    "zero point rounded "
    "to a whole number, 0 stays exact and the ends do not. Here code 0 is the lowest weight itself."
)
def _whole_zero_point(W: Tensor, bits: int) -> Tensor:
    scale = _step(W, bits)
    if scale == 0:
        return W.clone()
    zero = (-W.min() / scale).round()
    return (((W / scale).round() + zero).clamp(0, 2**bits - 1) - zero) * scale


@zero_point.wrong(
    "In which order is it undone? First times the scale, then plus the lowest weight. Here the "
    "lowest is scaled, too."
)
def _added_before_it_is_scaled(W: Tensor, bits: int) -> Tensor:
    scale = _step(W, bits)
    return W.clone() if scale == 0 else (_codes(W - W.min(), scale) + W.min()) * scale


@zero_point.wrong(
    "Where do the codes start? At the lowest weight: subtract it before you divide, as you add it "
    "later."
)
def _lowest_never_subtracted(W: Tensor, bits: int) -> Tensor:
    scale = _step(W, bits)
    return W.clone() if scale == 0 else _codes(W, scale) * scale + W.min()


@zero_point.wrong(
    "From where do the codes count? From the lowest weight. This counts from the mean."
)
def _counted_from_the_mean(W: Tensor, bits: int) -> Tensor:
    return _above(W, W.mean(), _step(W, bits))


@zero_point.wrong("Are there always 8 bits? The number of steps has to follow from `bits`.")
def _steps_of_eight_bits(W: Tensor, bits: int) -> Tensor:
    return _above(W, W.min(), _step(W, 8))


@zero_point.wrong("Is anything rounded? These are the weights as they were: .round() is missing.")
def _marks_ignored(W: Tensor, bits: int) -> Tensor:
    return W.clone()


@zero_point.inputs
def _weights_off_centre(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    def weights(out: int, in_: int, size: float, bits: int, middle: float) -> Tensor:
        return _off_the_halves(
            lambda: (torch.randn(out, in_, generator=rng) + middle) * size,
            lambda W: (W - W.min()) / (W.max() - W.min()) * (2**bits - 1),
        )

    yield torch.tensor([[2.0, 3.2], [5.0, 4.1]]), 2
    yield torch.tensor([[-1.0, 0.1, 6.0]]), 3
    yield torch.full((2, 3), 0.7), 4
    yield torch.full((3, 2), -2.5), 8
    yield torch.zeros(2, 2), 3
    for out, in_ in ((2, 3), (4, 4), (3, 7), (5, 2), (1, 6)):
        for bits, size, middle in (
            (2, 1.0, 0.0),
            (3, 30.0, 3.0),
            (4, 0.02, -4.0),
            (5, 1.0, 1.0),
            (8, 0.02, 0.5),
        ):
            yield weights(out, in_, size, bits, middle), bits


# 23.3


@exercise(
    "23.3",
    minutes=12,
    atol=1e-5,
    hints=(
        "How can neighbours of a row be brought together? W.reshape(-1, group) has one group in "
        "each of its rows, "
        "because a row of W is cut after each `group` weights.",
        "Each group has a scale of its own: the largest |weight| of its row, divided by n. With "
        "keepdim=True the "
        "scales have the shape (all groups, 1) and fit the groups.",
        "Then it is absmax, and a reshape back to W.shape. A group of zeros has the scale 0: "
        "divide it by 1 instead, "
        "for example with torch.where(scale == 0, 1.0, scale).",
    ),
)
def in_groups(W: torch.Tensor, group: int, bits: int) -> torch.Tensor:
    """Absmax with a scale for each group of neighbouring weights.

    Each row of W is cut into groups of `group` neighbours. A group's scale is its
    largest |weight| divided by n = 2^(bits-1) - 1. Its weights are rounded to the
    nearest multiple of that scale.

    W: weights, shape (out, in). A group that is all 0 stays 0.
    group: how many neighbours share a scale. It divides `in`.
    bits: how many bits a code has, from 2 to 8.
    Returns the weights that the codes stand for, shape (out, in).
    """
    n = 2 ** (bits - 1) - 1
    groups = W.reshape(-1, group)
    scale = groups.abs().amax(dim=1, keepdim=True) / n  # (all groups, 1)
    codes = (groups / torch.where(scale == 0, 1.0, scale)).round()
    return (codes * scale).reshape(W.shape)


@in_groups.also_right
def _slice_by_slice(W: Tensor, group: int, bits: int) -> Tensor:
    slices = W.double().split(group, dim=1)
    scales = [
        part.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / (2 ** (bits - 1) - 1)
        for part in slices
    ]
    return torch.cat(
        [(part / scale).round() * scale for part, scale in zip(slices, scales, strict=True)], dim=1
    )


@in_groups.also_right
def _row_and_group_in_loops(W: Tensor, group: int, bits: int) -> Tensor:
    result = torch.zeros_like(W)
    for row in range(W.shape[0]):
        for first in range(0, W.shape[1], group):
            here = slice(first, first + group)
            scale = W[row, here].abs().max() / (2 ** (bits - 1) - 1)
            if scale > 0:
                result[row, here] = torch.round(W[row, here] / scale) * scale
    return result


@in_groups.also_right
def _scales_repeated(W: Tensor, group: int, bits: int) -> Tensor:
    largest = W.unflatten(1, (-1, group)).abs().amax(dim=2)  # (out, groups)
    scale = (largest / (2 ** (bits - 1) - 1)).repeat_interleave(group, dim=1)
    return (W / scale).nan_to_num(nan=0.0).round() * scale


@in_groups.also_right
def _numpy_groups(W: Tensor, group: int, bits: int) -> Tensor:
    groups = W.numpy().reshape(W.shape[0], -1, group)
    scale = np.abs(groups).max(axis=2, keepdims=True) / np.float32(2 ** (bits - 1) - 1)
    codes = np.divide(groups, scale, out=np.zeros_like(groups), where=scale > 0)
    return torch.from_numpy((np.rint(codes) * scale).reshape(W.shape))


def _grouped(W: Tensor, group: int, bits: int, largest: Callable[[Tensor], Tensor]) -> Tensor:
    """The right groups, (all groups, group), with another way to take what fits the
    code n.
    """
    groups = W.reshape(-1, group)
    return _there_and_back(groups, largest(groups) / _n(bits)).reshape(W.shape)


def _largest(groups: Tensor) -> Tensor:
    return groups.abs().amax(dim=1, keepdim=True)


@in_groups.wrong(
    "Where does `group` come in? Each row has a single scale here: cut the rows first."
)
def _whole_rows(W: Tensor, group: int, bits: int) -> Tensor:
    return _there_and_back(W, _largest(W) / _n(bits))


@in_groups.wrong("Where does `group` come in? This is absmax with one scale for the whole tensor.")
def _whole_tensor(W: Tensor, group: int, bits: int) -> Tensor:
    return absmax.reference(W, bits)


@in_groups.wrong(
    "Which weights are neighbours? Those next to each other in a row. Here each column has one "
    "scale."
)
def _whole_columns(W: Tensor, group: int, bits: int) -> Tensor:
    return _there_and_back(W, W.abs().amax(dim=0, keepdim=True) / _n(bits))


@in_groups.wrong(
    "In which direction do the groups run? Along a row of W, over `in`. Here they run down the "
    "columns."
)
def _groups_down_the_columns(W: Tensor, group: int, bits: int) -> Tensor:
    return in_groups.reference(W.T, group, bits).T


def _same_remainder(W: Tensor, count: int, bits: int) -> Tensor:
    parts = W.unflatten(1, (-1, count))  # (out, in / count, count)
    return _there_and_back(parts, parts.abs().amax(dim=1, keepdim=True) / _n(bits)).flatten(1)


@in_groups.wrong(
    "Are the weights of a group neighbours? Here they are dealt out like cards, to as many hands "
    "as there are groups. "
    "Look at the order in your reshape, and along which axis you take the largest."
)
def _dealt_out_to_the_groups(W: Tensor, group: int, bits: int) -> Tensor:
    return _same_remainder(W, W.shape[1] // group, bits)


@in_groups.wrong(
    "Along which axis is the largest taken? Along the weights of one group. Here it goes across "
    "the groups of a row: "
    "first weights together, second weights together."
)
def _across_the_groups(W: Tensor, group: int, bits: int) -> Tensor:
    return _same_remainder(W, group, bits)


@in_groups.wrong(
    "Is `group` how many groups there are, or how many weights are in one? The second: "
    "reshape(-1, group), with group "
    "at the end."
)
def _as_many_groups_as_their_size(W: Tensor, group: int, bits: int) -> Tensor:
    return in_groups.reference(W, W.shape[1] // group, bits)


@in_groups.wrong(
    "May two rows share a scale? No: each group lies within a row. Here the same columns of all "
    "rows have one together."
)
def _rows_share_scales(W: Tensor, group: int, bits: int) -> Tensor:
    parts = W.unflatten(1, (-1, group))
    return _there_and_back(parts, parts.abs().amax(dim=(0, 2), keepdim=True) / _n(bits)).flatten(1)


@in_groups.wrong("Whose scale is it? Each group has its own; here all use that of the first group.")
def _scale_of_the_first_group(W: Tensor, group: int, bits: int) -> Tensor:
    return _grouped(W, group, bits, lambda groups: _largest(groups)[:1])


@in_groups.wrong(
    "Whose scale is it? Each group has its own. Here the groups of a row all use that of its "
    "first group."
)
def _scale_of_each_rows_first_group(W: Tensor, group: int, bits: int) -> Tensor:
    return _there_and_back(W, _largest(W[:, :group]) / _n(bits))


@in_groups.wrong(
    "Whose scale is left when the loop is over? That of the last group, and here all use it."
)
def _scale_of_the_last_group(W: Tensor, group: int, bits: int) -> Tensor:
    return _grouped(W, group, bits, lambda groups: _largest(groups)[-1:])


@in_groups.wrong(
    "Is one scale, the mean of all, as good as many? No: each group is divided by its own."
)
def _mean_of_the_scales(W: Tensor, group: int, bits: int) -> Tensor:
    return _grouped(W, group, bits, lambda groups: _largest(groups).mean())


@in_groups.wrong(
    "What does a group of zeros become? 0 / 0 is NaN: with the scale 0, divide by 1 instead."
)
def _nan_in_a_group_of_zeros(W: Tensor, group: int, bits: int) -> Tensor:
    groups = W.reshape(-1, group)
    scale = _largest(groups) / _n(bits)
    return ((groups / scale).round() * scale).reshape(W.shape)


@in_groups.wrong(
    "Where did the NaN come from? From a group of zeros. It is caught here only if all of W is 0: "
    "look at each group."
)
def _only_a_tensor_of_zeros_caught(W: Tensor, group: int, bits: int) -> Tensor:
    return torch.zeros_like(W) if not W.any() else _nan_in_a_group_of_zeros(W, group, bits)


@in_groups.wrong("What if the weight furthest from 0 is negative? max misses it: take abs first.")
def _largest_of_a_group_without_abs(W: Tensor, group: int, bits: int) -> Tensor:
    return _grouped(W, group, bits, lambda groups: groups.amax(dim=1, keepdim=True))


@in_groups.wrong(
    "Which weight of a group has to fit? The largest. The mean of |W| lets codes go beyond n."
)
def _mean_of_a_group(W: Tensor, group: int, bits: int) -> Tensor:
    return _grouped(W, group, bits, lambda groups: groups.abs().mean(dim=1, keepdim=True))


@in_groups.wrong(
    "How many codes are there on each side of 0? n is 2 ** (bits - 1) - 1, because half of them "
    "are for negative "
    "weights."
)
def _groups_with_all_bits_on_one_side(W: Tensor, group: int, bits: int) -> Tensor:
    return _grouped(W, group, bits, lambda groups: _largest(groups) / (2**bits - 1) * _n(bits))


@in_groups.wrong(
    "Which is the largest code? One less than 2 ** (bits - 1), so that both sides are alike."
)
def _groups_with_one_code_too_many(W: Tensor, group: int, bits: int) -> Tensor:
    return _grouped(W, group, bits, lambda groups: _largest(groups) / (_n(bits) + 1) * _n(bits))


@in_groups.wrong("Which whole number is nearest? floor always goes down. Use round.")
def _groups_rounded_down(W: Tensor, group: int, bits: int) -> Tensor:
    groups = W.reshape(-1, group)
    scale = _largest(groups) / _n(bits)
    return ((groups / torch.where(scale == 0, 1.0, scale)).floor() * scale).reshape(W.shape)


@in_groups.wrong(
    "Codes or weights? These are the codes: multiply them by the scale of their group."
)
def _codes_of_the_groups(W: Tensor, group: int, bits: int) -> Tensor:
    groups = W.reshape(-1, group)
    return _codes(groups, _largest(groups) / _n(bits)).reshape(W.shape)


@in_groups.wrong(
    "Which shape do the weights have? That of W. Here they are still cut into groups: reshape "
    "them back."
)
def _not_put_together(W: Tensor, group: int, bits: int) -> Tensor:
    return in_groups.reference(W, group, bits).reshape(-1, group)


@in_groups.wrong(
    "Which weights stay exact? 0 and the largest |weight|. This has a zero point in each group "
    "instead."
)
def _groups_with_a_zero_point(W: Tensor, group: int, bits: int) -> Tensor:
    return torch.cat(
        [zero_point.reference(one[None], bits) for one in W.reshape(-1, group)]
    ).reshape(W.shape)


@in_groups.inputs
def _weights_in_groups(rng: torch.Generator) -> Iterator[tuple[Tensor, int, int]]:
    def weights(
        out: int, in_: int, group: int, bits: int, size: float, zeros: bool = False
    ) -> Tensor:
        def draw() -> Tensor:
            # groups of different sizes
            of_groups = torch.randn(out, in_ // group, generator=rng).exp()
            kept = (
                torch.arange(out * in_ // group).view(out, -1) % 3 != 1
                if zeros
                else torch.tensor(True)
            )
            spread = (of_groups * kept).repeat_interleave(group, dim=1)
            return torch.randn(out, in_, generator=rng) * spread * size

        def in_steps(W: Tensor) -> Tensor:
            groups = W.view(-1, group)
            return groups / groups.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) * _n(bits)

        return _off_the_halves(draw, in_steps)

    yield torch.tensor([[3.0, -1.2, 0.6, 0.1]]), 2, 3
    yield torch.tensor([[0.3, -7.0, 0.0, 0.0], [0.0, 0.0, 5.0, 1.1]]), 2, 4
    yield torch.zeros(2, 6), 3, 4
    for out, groups, group in ((2, 2, 3), (3, 3, 2), (1, 4, 4), (4, 2, 5), (5, 1, 4), (3, 5, 3)):
        for bits, size in ((2, 1.0), (3, 30.0), (4, 0.02), (8, 1.0)):
            yield weights(out, groups * group, group, bits, size), group, bits
    yield weights(3, 12, 4, 4, 1.0, zeros=True), 4, 4
    yield weights(4, 10, 2, 6, 1.0, zeros=True), 2, 6


# 23.4


@exercise(
    "23.4",
    minutes=15,
    atol=1e-5,
    hints=(
        "Three things are in a block: two bytes of scale, two bytes of minimum, and sixteen bytes "
        "with two codes each. "
        "Cut the list first: block[:2], block[2:4], block[4:].",
        "torch.tensor(block[:4], dtype=torch.uint8).view(torch.float16) reads scale and minimum "
        "in one go. Turn both "
        "into float32. A byte's low half is byte & 15, its high half is byte >> 4.",
        "First all low halves, and behind them all high halves: torch.cat((packed & 15, packed >> "
        "4)). Then "
        "scale * codes + minimum.",
    ),
)
def unpack_q4_1(block: list[int]) -> torch.Tensor:
    """Take a Q4_1 block of a GGUF file apart: 20 bytes that hold 32 weights.

    Bytes 0 and 1 are the scale, bytes 2 and 3 the minimum: two float16 numbers, the low
    byte first. Each of the other 16 bytes holds two codes from 0 to 15. The low halves
    of these bytes (the last four bits) are the codes of weights 0 to 15, and the high
    halves are those of weights 16 to 31. A weight is scale * code + minimum.

    block: the bytes, a list of 20 whole numbers from 0 to 255.
    Returns the weights as float32, shape (32,).
    """
    raw = torch.tensor(block, dtype=torch.uint8)
    scale, minimum = raw[:4].view(torch.float16).float()
    packed = raw[4:]
    codes = torch.cat((packed & 15, packed >> 4))
    return scale * codes + minimum


@unpack_q4_1.also_right
def _with_struct(block: list[int]) -> Tensor:
    scale, minimum, *packed = struct.unpack("<2e16B", bytes(block))
    codes = [byte % 16 for byte in packed] + [byte // 16 for byte in packed]
    return torch.tensor([scale * code + minimum for code in codes])


@unpack_q4_1.also_right
def _numpy_frombuffer(block: list[int]) -> Tensor:
    raw = np.array(block, dtype=np.uint8)
    scale, minimum = np.frombuffer(raw[:4].tobytes(), dtype="<f2").astype(np.float32)
    low, high = np.bitwise_and(raw[4:], 0x0F), np.right_shift(raw[4:], 4)
    return torch.from_numpy(np.concatenate([low, high]) * scale + minimum)


@unpack_q4_1.also_right
def _float16_by_its_bits(block: list[int]) -> Tensor:
    def number(low: int, high: int) -> float:
        exponent, fraction = (high >> 2) & 31, ((high & 3) << 8 | low) / 1024
        size = math.ldexp(1 + fraction, exponent - 15) if exponent else math.ldexp(fraction, -14)
        return -size if high & 128 else size

    scale, minimum = number(*block[:2]), number(*block[2:4])
    halves = torch.tensor(block[4:]).expand(2, 16) // torch.tensor([[1], [16]]) % 16
    return (scale * halves.double() + minimum).flatten()


@unpack_q4_1.also_right
def _weight_by_weight(block: list[int]) -> Tensor:
    numbers = torch.tensor(block[1:4:2], dtype=torch.int32) * 256 + torch.tensor(
        block[0:4:2], dtype=torch.int32
    )
    scale, minimum = numbers.to(torch.uint16).view(torch.float16).tolist()
    weights = torch.full((32,), minimum)
    for place, byte in enumerate(block[4:]):
        high, low = divmod(byte, 16)
        weights[place] += scale * low
        weights[place + 16] += scale * high
    return weights


def _parts(block: list[int]) -> tuple[float, float, Tensor, Tensor]:
    """Scale, minimum, the low halves and the high halves of a block."""
    packed = torch.tensor(block[4:])
    return *struct.unpack("<2e", bytes(block[:4])), packed % 16, packed // 16


@unpack_q4_1.wrong(
    "Which half of the bytes comes first? The low halves are the first sixteen weights; here the "
    "high ones are."
)
def _high_halves_first(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * torch.cat((high, low)) + minimum


@unpack_q4_1.wrong(
    "Are the two codes of a byte neighbours? They are sixteen weights apart: first all low "
    "halves, and then all high "
    "ones. Here they alternate: use cat, not stack."
)
def _low_and_high_alternate(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * torch.stack((low, high), dim=1).flatten() + minimum


@unpack_q4_1.wrong(
    "Is the high half of each byte followed by its low half? No: all low halves come first. Here "
    "they alternate, and "
    "the high one is in front."
)
def _high_and_low_alternate(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * torch.stack((high, low), dim=1).flatten() + minimum


@unpack_q4_1.wrong(
    "Which of the two bytes of a number comes first? The low one; here they are read the other way."
)
def _high_byte_first(block: list[int]) -> Tensor:
    _, _, low, high = _parts(block)
    scale, minimum = struct.unpack(">2e", bytes(block[:4]))
    return scale * torch.cat((low, high)).float() + minimum


@unpack_q4_1.wrong(
    "What does code 0 stand for? The minimum: it is added to each weight, and is missing here."
)
def _minimum_forgotten(block: list[int]) -> Tensor:
    scale, _, low, high = _parts(block)
    return scale * torch.cat((low, high))


@unpack_q4_1.wrong(
    "Which number comes first in a block? The scale, then the minimum; here they are swapped."
)
def _scale_and_minimum_swapped(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return minimum * torch.cat((low, high)) + scale


@unpack_q4_1.wrong(
    "Are the codes centred? In other kinds of blocks 8 is taken away first. Here they count up "
    "from the minimum."
)
def _eight_subtracted(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * (torch.cat((low, high)) - 8) + minimum


@unpack_q4_1.wrong(
    "Which kind of block is this? With 8 taken away and no minimum it would be Q4_0. Q4_1 counts "
    "up from its minimum."
)
def _as_q4_0(block: list[int]) -> Tensor:
    scale, _, low, high = _parts(block)
    return scale * (torch.cat((low, high)) - 8)


@unpack_q4_1.wrong(
    "How many bytes stand before the codes? Four: there is a minimum as well. This takes its "
    "bytes for codes, and "
    "leaves out the last ones."
)
def _codes_begin_too_early(block: list[int]) -> Tensor:
    scale, minimum, _, _ = _parts(block)
    packed = torch.tensor(block[2:18])
    return scale * torch.cat((packed % 16, packed // 16)) + minimum


@unpack_q4_1.wrong("Is the minimum added or taken away? Added, with the sign that it has.")
def _minimum_subtracted(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * torch.cat((low, high)) - minimum


@unpack_q4_1.wrong(
    "In which order do the codes become weights? Times the scale, then plus the minimum. Here the "
    "minimum is added to "
    "the code, and scaled with it."
)
def _minimum_added_to_the_code(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * (torch.cat((low, high)) + minimum)


@unpack_q4_1.wrong(
    "How many weights does a byte hold? Two. These are the low halves only; the high ones are "
    "missing."
)
def _low_halves_only(block: list[int]) -> Tensor:
    scale, minimum, low, _ = _parts(block)
    return scale * low + minimum


@unpack_q4_1.wrong(
    "Where are the high halves? The low ones are there twice: shift the byte right by four bits."
)
def _low_halves_twice(block: list[int]) -> Tensor:
    scale, minimum, low, _ = _parts(block)
    return scale * torch.cat((low, low)) + minimum


@unpack_q4_1.wrong(
    "How many weights does a byte hold? Two, of four bits each. Here each byte is one large code."
)
def _bytes_for_codes(block: list[int]) -> Tensor:
    scale, minimum, _, _ = _parts(block)
    return scale * torch.tensor(block[4:]) + minimum


@unpack_q4_1.wrong(
    "How large is a high half? At most 15. Here it is masked but not shifted, and sixteen times "
    "too large: >> 4."
)
def _high_halves_not_shifted(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * torch.cat((low, high * 16)) + minimum


@unpack_q4_1.wrong(
    "What is left in a low half? Only four bits: & 15 takes the upper ones away. Here they are "
    "still in."
)
def _low_halves_not_masked(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * torch.cat((low + 16 * high, high)) + minimum


@unpack_q4_1.wrong(
    "Can a code be negative? Not here: all four bits count up. These are read with a sign."
)
def _codes_with_a_sign(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    codes = torch.cat((low, high))
    return scale * torch.where(codes > 7, codes - 16, codes) + minimum


@unpack_q4_1.wrong(
    "Are scale and minimum whole numbers? Their two bytes are the bits of a float16: .view reads "
    "them."
)
def _whole_numbers_for_scales(block: list[int]) -> Tensor:
    _, _, low, high = _parts(block)
    scale, minimum = block[0] + 256 * block[1], block[2] + 256 * block[3]
    return (scale * torch.cat((low, high)) + minimum).float()


@unpack_q4_1.wrong(
    "Does .to(torch.float16) read bits? It makes each byte a number of its own. "
    ".view(torch.float16) takes two bytes "
    "as the bits of one."
)
def _bytes_converted_not_read(block: list[int]) -> Tensor:
    _, _, low, high = _parts(block)
    return float(block[0]) * torch.cat((low, high)) + float(block[2])


@unpack_q4_1.wrong(
    "Which 16-bit numbers are these? float16. Read as bfloat16, the same bits mean something else."
)
def _read_as_bfloat16(block: list[int]) -> Tensor:
    _, _, low, high = _parts(block)
    scale, minimum = torch.tensor(block[:4], dtype=torch.uint8).view(torch.bfloat16).double()
    return scale * torch.cat((low, high)) + minimum


@unpack_q4_1.wrong(
    "Is the scale the whole range, or one step? One step already: the highest code is the minimum "
    "and fifteen of them. "
    "Do not divide again."
)
def _scale_divided_by_fifteen(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale / 15 * torch.cat((low, high)) + minimum


@unpack_q4_1.wrong(
    "In which precision are the weights computed? In float16, the product is rounded before the "
    "minimum is added. "
    "Turn scale and minimum into float32 first."
)
def _computed_in_float16(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return (
        torch.cat((low, high)).half() * torch.tensor(scale).half() + torch.tensor(minimum).half()
    ).float()


@unpack_q4_1.inputs
def _blocks(rng: torch.Generator) -> Iterator[tuple[list[int]]]:
    def random_block(scale: float, minimum: float) -> list[int]:
        first, second = (
            size * float(torch.rand((), generator=rng) + 0.5) for size in (scale, minimum)
        )
        return [
            *struct.pack("<2e", first, second),
            *torch.randint(0, 256, (16,), generator=rng).tolist(),
        ]

    yield ([*struct.pack("<2e", 0.5, -1.0), *(place + 16 * (15 - place) for place in range(16))],)
    yield ([*struct.pack("<2e", 0.25, 3.0), *[0] * 8, *[240] * 8],)
    for scale in (0.01, 0.002, 1.0, 7.0):
        for steps in (-8.0, -15.0, 0.3, 4.0):
            yield (random_block(scale, scale * steps),)
    # so small that float16 keeps them as subnormal numbers
    yield (random_block(2e-6, -1e-5),)


# 23.5


@exercise(
    "23.5",
    minutes=5,
    hints=(
        "How many bits does a weight take in all? Its code, and its part of the scales: "
        "scale_bits are shared by "
        "`group` weights.",
        "So a weight takes bits + scale_bits / group bits. Times n_weights these are the bits of "
        "the file. And in "
        "bytes?",
        "A byte has eight bits, and a gigabyte is a thousand million bytes, 1e9, as disks and "
        "download pages count.",
    ),
)
def file_gigabytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    """How large a file with quantized weights is, in gigabytes (1 GB = 10^9 bytes).

    Each weight has a code of its own. Each group of neighbouring weights shares a
    scale, and in some formats a minimum as well.

    n_weights: the number of weights. group divides it.
    bits: the bits of one code.
    group: how many weights share a scale.
    scale_bits: the bits of what a group shares, scale and minimum together.
    Returns the size in GB.
    """
    bits_per_weight = bits + scale_bits / group
    return n_weights * bits_per_weight / 8 / 1e9


@file_gigabytes.also_right
def _groups_counted(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    n_groups = n_weights // group
    return (n_weights * bits + n_groups * scale_bits) / 8e9


@file_gigabytes.also_right
def _blocks_of_bytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    bytes_per_block = (group * bits + scale_bits) / 8
    return n_weights / group * bytes_per_block * 10**-9


@file_gigabytes.also_right
def _codes_and_scales_apart(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    codes, scales = torch.tensor([bits, scale_bits / group], dtype=torch.float64) * n_weights / 8
    return float(codes + scales) / 1000**3


@file_gigabytes.also_right
def _numpy_bytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return float(
        np.divide(np.float64(n_weights), group) * np.dot([group, 1], [bits, scale_bits]) * 0.125e-9
    )


def _gigabytes(n_weights: int, bits_per_weight: float) -> float:
    return n_weights * bits_per_weight / 8 / 1e9


@file_gigabytes.wrong("Bits or bytes? This counts bits; a byte has eight of them.")
def _bits_counted(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * (bits + scale_bits / group) / 1e9


@file_gigabytes.wrong(
    "How many bytes has a gigabyte? A thousand million. 2 ** 30 is a gibibyte (GiB), a little more."
)
def _gibibytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * (bits + scale_bits / group) / 8 / 2**30


@file_gigabytes.wrong(
    "What does a reader of the file need besides the codes? The scales: each group has its own."
)
def _scales_forgotten(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, bits)


@file_gigabytes.wrong(
    "How many scales are there? One for each group. Here each weight brings its own."
)
def _scale_for_each_weight(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, bits + scale_bits)


@file_gigabytes.wrong(
    "How many scales are there? One for each group. Here the whole file has a single one."
)
def _scale_for_the_file(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return (n_weights * bits + scale_bits) / 8 / 1e9


@file_gigabytes.wrong(
    "In which unit is scale_bits? In bits, as the codes are. Here the scales are counted as "
    "bytes, and only the codes "
    "are divided by eight."
)
def _scale_bits_as_bytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * (bits / 8 + scale_bits / group) / 1e9


@file_gigabytes.wrong(
    "Are the bits of the codes bytes already? Here only the scales are divided by eight: both are "
    "given in bits."
)
def _codes_as_bytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * (bits + scale_bits / group / 8) / 1e9


@file_gigabytes.wrong("Mega or giga? This is in megabytes: a gigabyte is a thousand of them.")
def _megabytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * (bits + scale_bits / group) / 8 / 1e6


@file_gigabytes.wrong("In which unit is the answer? In gigabytes. This is the number of bytes.")
def _plain_bytes(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * (bits + scale_bits / group) / 8


@file_gigabytes.wrong(
    "Do larger groups make the file larger? Smaller: more weights share a scale. Divide by group."
)
def _multiplied_by_the_group(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, bits + scale_bits * group)


@file_gigabytes.wrong(
    "Which shares are counted? scale_bits for each group; here it is group for each scale_bits."
)
def _fraction_turned_round(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, bits + group / scale_bits)


@file_gigabytes.wrong(
    "Is the scale as small as a code? It has scale_bits bits; here each group has one code more."
)
def _scale_as_large_as_a_code(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, bits + bits / group)


@file_gigabytes.wrong(
    "Is scale_bits the scale alone? It has scale and minimum together already: do not count it "
    "twice."
)
def _scales_counted_twice(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, bits + 2 * scale_bits / group)


@file_gigabytes.wrong(
    "What do the codes take? This counts the scales alone: each weight has a code, too."
)
def _scales_alone(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, scale_bits / group)


@file_gigabytes.wrong(
    "Do the groups have a code in common? Each weight has its own; only the scales are shared."
)
def _codes_shared_too(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, (bits + scale_bits) / group)


@file_gigabytes.wrong(
    "Does // lose something? A scale's share is often less than one bit for each weight, and // "
    "makes 0 of it."
)
def _share_rounded_down(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return _gigabytes(n_weights, bits + scale_bits // group)


@file_gigabytes.wrong(
    "Does a weight always fill whole bytes? Codes of four bits share a byte, and scales are "
    "spread over a group: do "
    "not round up for each weight."
)
def _whole_bytes_for_each_weight(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * math.ceil((bits + scale_bits / group) / 8) / 1e9


@file_gigabytes.wrong(
    "How small may a file be? Rounded to two decimals, a small one has nothing left: do not round."
)
def _two_decimals(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return round(_gigabytes(n_weights, bits + scale_bits / group), 2)


@file_gigabytes.inputs
def _files(rng: torch.Generator) -> Iterator[tuple[int, int, int, int]]:
    yield 64, 4, 32, 32
    yield 320, 3, 64, 16
    yield 134_515_008, 4, 32, 32  # SmolLM2-135M as Q4_1
    yield 134_515_008, 8, 32, 16  # and as Q8_0
    yield 7_000_000_000, 4, 128, 16
    yield 70_000_000_000, 2, 16, 24
    for bits in (2, 3, 4, 5, 6, 8):
        for group, scale_bits in ((16, 8), (32, 32), (256, 48)):
            yield int(torch.randint(1, 10**6, (), generator=rng)) * group, bits, group, scale_bits
