"""Exercise 23.3: absmax with a scale for each group of neighbouring weights."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from course.exercises.ch23.absmax import absmax
from course.exercises.ch23.shared import _codes, _n, _off_the_halves, _there_and_back
from course.exercises.ch23.zero_point import zero_point
from course.judging.exercise import exercise


@exercise(
    "23.3",
    minutes=12,
    atol=1e-5,
    hints=(
        "How can neighbours of a row be brought together? W.reshape(-1, group) has one group in "
        "each of its rows, because a row of W is cut after each `group` weights.",
        "Each group has a scale of its own: the largest |weight| of its row, divided by n. With "
        "keepdim=True the scales have the shape (all groups, 1) and fit the groups.",
        "Then it is absmax, and a reshape back to W.shape. A group of zeros has the scale 0: "
        "divide it by 1 instead, for example with torch.where(scale == 0, 1.0, scale).",
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
    "as there are groups. Look at the order in your reshape, and along which axis you take the "
    "largest."
)
def _dealt_out_to_the_groups(W: Tensor, group: int, bits: int) -> Tensor:
    return _same_remainder(W, W.shape[1] // group, bits)


@in_groups.wrong(
    "Along which axis is the largest taken? Along the weights of one group. Here it goes across "
    "the groups of a row: first weights together, second weights together."
)
def _across_the_groups(W: Tensor, group: int, bits: int) -> Tensor:
    return _same_remainder(W, group, bits)


@in_groups.wrong(
    "Is `group` how many groups there are, or how many weights are in one? The second: reshape(-1, "
    "group), with group at the end."
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
    "Whose scale is it? Each group has its own. Here the groups of a row all use that of its first "
    "group."
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
    "are for negative weights."
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
    "Which shape do the weights have? That of W. Here they are still cut into groups: reshape them "
    "back."
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
