"""A vector as whole numbers of 16 bits, and their products with codes of 4 bits.

A processor multiplies whole numbers faster than it makes floats of them: one instruction (pmaddwd on
x86) takes 16 products of 16 bits and adds them in pairs. So what flows is rounded once, and a group
of codes becomes a float only as a sum.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32, Int16
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from utils.compiled.compiling import compiled
from utils.compiled.memory import from_bits

GROUP = 32  # numbers that share a step
LARGEST = 32_767  # of 16 bits with a sign
LANES = 8  # sums side by side
# The bits of a float32: all but the sign, and those of infinity.
_SIZE, _INFINITE = np.int32(0x7FFFFFFF), np.int32(0x7F800000)


class Rounded(NamedTuple):
    """A vector in whole numbers of 16 bits, with a step for each group of 32: x is close to
    step * code. Room for it is a thread's own.
    """

    codes: Int16[np.ndarray, " longest"]
    steps: Float32[np.ndarray, " group"]
    sums: Float32[np.ndarray, " group"]  # of step * code, in each group
    lanes: Float32[np.ndarray, " lane"]  # room for sums side by side
    end: Float32[np.ndarray, " 32"]  # room for the last group, filled up


@compiled
def round_vector(x: Float32[np.ndarray, " d_in"], rounded: Rounded) -> None:
    """Groups of 32; zeros fill x up to an even number of whole ones."""
    width = x.shape[0]
    for group in range((width + 2 * GROUP - 1) // (2 * GROUP) * 2):
        start = group * GROUP
        if start + GROUP <= width:
            _round_group(x[start : start + GROUP], group, rounded)
        else:
            rounded.end[:] = np.float32(0)
            for i in range(start, width):
                rounded.end[i - start] = x[i]
            _round_group(rounded.end, group, rounded)


@compiled
def _round_group(x: Float32[np.ndarray, " 32"], group: int, rounded: Rounded) -> None:
    """The largest of a group gets code 32,767: so no error is above 1/65,534 of it.

    (A bfloat16 is off by up to 1/512 of itself.) NaN or infinity makes the step NaN. The bits of a
    number without its sign, as a whole number, are in order of size: of those a processor finds the
    largest quickly, NaN included.
    """
    bits, codes = x.view(np.int32), rounded.codes[group * GROUP : (group + 1) * GROUP]
    largest, total = np.int32(0), np.int32(0)
    for i in range(GROUP):
        largest = max(largest, bits[i] & _SIZE)
    step = from_bits(largest) / np.float32(LARGEST) if largest < _INFINITE else np.float32(np.nan)
    inverse = np.float32(1) / step if step > 0 else np.float32(0)
    for i in range(GROUP):
        code = np.int32(np.rint(x[i] * inverse))
        codes[i] = np.int16(code)
        total += code
    rounded.steps[group] = step
    rounded.sums[group] = step * np.float32(total)


@intrinsic  # type: ignore[untyped-decorator]
def add_two_groups(
    _context: Any, nibbles: Any, codes: Any, lanes: Any, low_step: Any, high_step: Any
) -> Any:
    """Add step * sum(nibble * code) of two groups to eight sums: (address, address, address, step
    of the low halves, step of the high ones).

    32 bytes at `nibbles` hold both groups, the first in their low halves and the second in their
    high halves; 64 numbers of 16 bits at `codes` are the vector's. A nibble is below 16, so 32
    products stay below 2 to the power of 24: no sum runs over. As a loop, numba adds up the eight
    sums after each group, which costs as much as the products.
    """

    def emit(context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
        at_nibbles, at_codes, at_lanes, *steps = values
        place = builder.inttoptr(at_lanes, ir.PointerType(ir.VectorType(ir.FloatType(), LANES)))
        both = _load(builder, at_nibbles, ir.IntType(8), 0)
        halves = builder.and_(both, _all(both.type, 15)), builder.lshr(both, _all(both.type, 4))
        total = builder.load(place)
        total.align = 4
        for half, nibble in enumerate(halves):
            x = _load(builder, at_codes, ir.IntType(16), 2 * GROUP * half)
            sums = builder.sitofp(_sums_of_four(builder, nibble, x), total.type)
            scaled = builder.fmul(sums, _spread(builder, steps[half]), flags=["contract"])
            total = builder.fadd(total, scaled, flags=["contract"])
        builder.store(total, place).align = 4
        return context.get_dummy_value()

    return types.void(*[types.int64] * 3, *[types.float32] * 2), emit


def _load(builder: ir.IRBuilder, address: Any, kind: ir.IntType, ahead: int) -> Any:
    """32 whole numbers, `ahead` bytes after an address."""
    start = builder.add(address, address.type(ahead))
    numbers = builder.load(builder.inttoptr(start, ir.PointerType(ir.VectorType(kind, GROUP))))
    numbers.align = 1
    return numbers


def _sums_of_four(builder: ir.IRBuilder, nibbles: Any, codes: Any) -> Any:
    """Eight sums of four products each, of 32: neighbours are added first, as pmaddwd does it."""
    wide = ir.VectorType(ir.IntType(32), GROUP)
    products = builder.mul(builder.zext(nibbles, wide), builder.sext(codes, wide))
    pairs = _add(builder, products, range(0, GROUP, 2), range(1, GROUP, 2))
    return _add(builder, pairs, range(LANES), range(LANES, 2 * LANES))


def _add(builder: ir.IRBuilder, numbers: Any, some: range, others: range) -> Any:
    parts = (
        builder.shuffle_vector(
            numbers,
            ir.Constant(numbers.type, ir.Undefined),
            ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places)),
        )
        for places in (some, others)
    )
    return builder.add(*parts)


def _all(kind: ir.VectorType, value: int) -> ir.Constant:
    return ir.Constant(kind, [value] * kind.count)


def _spread(builder: ir.IRBuilder, value: Any) -> Any:
    """The same number in each lane."""
    empty = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
    first = builder.insert_element(empty, value, ir.IntType(32)(0))
    return builder.shuffle_vector(first, empty, _all(ir.VectorType(ir.IntType(32), LANES), 0))
