"""Exercise 23.5: how large a file with quantized weights is, in gigabytes (1 GB = 10^9 bytes)."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "23.5",
    minutes=5,
    hints=(
        "How many bits does a weight take in all? Its code, and its part of the scales: scale_bits "
        "are shared by `group` weights.",
        "So a weight takes bits + scale_bits / group bits. Times n_weights these are the bits of "
        "the file. And in bytes?",
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
    "In which unit is scale_bits? In bits, as the codes are. Here the scales are counted as bytes, "
    "and only the codes are divided by eight."
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
    "Does a weight always fill whole bytes? Codes of four bits share a byte, and scales are spread "
    "over a group: do not round up for each weight."
)
def _whole_bytes_for_each_weight(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return n_weights * math.ceil((bits + scale_bits / group) / 8) / 1e9


@file_gigabytes.wrong(
    "How small may a file be? Rounded to two decimals, a small one has nothing left: do not round."
)
def _two_decimals(n_weights: int, bits: int, group: int, scale_bits: int) -> float:
    return round(_gigabytes(n_weights, bits + scale_bits / group), 2)


@file_gigabytes.wrong(
    "How many scales are there? One for each group, so n_weights / group of them. `group` is how "
    "many weights share one."
)
def _as_many_scales_as_a_group_has_weights(
    n_weights: int, bits: int, group: int, scale_bits: int
) -> float:
    return (n_weights * bits + group * scale_bits) / 8 / 1e9


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
