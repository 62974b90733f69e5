"""Exercise 23.4: take a Q4_1 block of a GGUF file apart: 20 bytes that hold 32 weights."""

import math
import struct
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "23.4",
    minutes=15,
    atol=1e-5,
    hints=(
        "Three things are in a block: two bytes of scale, two bytes of minimum, and sixteen bytes "
        "with two codes each. Cut the list first: block[:2], block[2:4], block[4:].",
        "torch.tensor(block[:4], dtype=torch.uint8).view(torch.float16) reads scale and minimum in "
        "one go. Turn both into float32. A byte's low half is byte & 15, its high half is byte >> "
        "4.",
        "First all low halves, and behind them all high halves: torch.cat((packed & 15, packed >> "
        "4)). Then scale * codes + minimum.",
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
    "Are the two codes of a byte neighbours? They are sixteen weights apart: first all low halves, "
    "and then all high ones. Here they alternate: use cat, not stack."
)
def _low_and_high_alternate(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale * torch.stack((low, high), dim=1).flatten() + minimum


@unpack_q4_1.wrong(
    "Is the high half of each byte followed by its low half? No: all low halves come first. Here "
    "they alternate, and the high one is in front."
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
    "How many bytes stand before the codes? Four: there is a minimum as well. This takes its bytes "
    "for codes, and leaves out the last ones."
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
    "minimum is added to the code, and scaled with it."
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
    ".view(torch.float16) takes two bytes as the bits of one."
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
    "and fifteen of them. Do not divide again."
)
def _scale_divided_by_fifteen(block: list[int]) -> Tensor:
    scale, minimum, low, high = _parts(block)
    return scale / 15 * torch.cat((low, high)) + minimum


@unpack_q4_1.wrong(
    "In which precision are the weights computed? In float16, the product is rounded before the "
    "minimum is added. Turn scale and minimum into float32 first."
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
