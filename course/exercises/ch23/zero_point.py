"""Exercise 23.2: round weights to few bits and back, from the lowest weight to the highest one."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.exercises.ch23.absmax import absmax
from course.exercises.ch23.shared import _codes, _n, _off_the_halves, _there_and_back
from course.judging.exercise import exercise


@exercise(
    "23.2",
    minutes=8,
    atol=1e-5,
    hints=(
        "Think of a ruler from the lowest to the highest weight. It has 2 ** bits marks. How many "
        "steps lie between them?",
        "One step is worth (W.max() - W.min()) / (2 ** bits - 1). How many steps is a weight above "
        "the lowest one? That number, rounded, is its code.",
        "codes = ((W - low) / scale).round(), and back: codes * scale + low. If all weights are "
        "alike, there is no step, and 0 / 0 is NaN: give back the weights as they are.",
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
    "Map the lowest weight to code 0."
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
    "Is the lowest weight's sign lost? What was subtracted is added again as it is; here abs makes "
    "it positive."
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
    "there are 2 ** bits of them."
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
    "highest alone: subtract the lowest there, too."
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
    "zero point rounded to a whole number, 0 stays exact and the ends do not. Here code 0 is the "
    "lowest weight itself."
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


@zero_point.wrong(
    "How many steps lie between 2^bits codes? One fewer than codes: 2^bits - 1. Here the steps are "
    "too small, and clamp pulls the highest weight down."
)
def _a_step_for_each_code_and_clamped(W: Tensor, bits: int) -> Tensor:
    low, step = W.min(), (W.max() - W.min()) / 2**bits
    if step == 0:
        return W.clone()
    return ((W - low) / step).round().clamp(0, 2**bits - 1) * step + low


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
