"""A matrix times a vector, row by row, from whatever the matrix is kept in.

For one token each weight is read once and used once, so the time is that of reading. A row of codes
is fewer bytes; what it costs to make numbers of them must be less than what it saves. Each inner
loop below is one that LLVM turns into vector instructions: eight or sixteen weights at a time.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int16, Int64, UInt16
from numba import carray

from utils.compiled.compiling import compiled
from utils.compiled.memory import from_bfloat, from_half, pointer, prefetch

Vector = Float32[np.ndarray, " d_in"]
Out = Float32[np.ndarray, " d_out"]
# A matrix is seven whole numbers: what it is kept in, its sizes, where its parts are.
Matrix = Int64[np.ndarray, " field"]
FIELDS = KIND, D_OUT, D_IN, WEIGHTS, SCALES, SCALED_ROWS, BIAS = range(7)
# What it is kept in. NOTHING: the model has no such matrix.
NOTHING, IN_FLOAT32, IN_FLOAT16, IN_INT8, IN_INT4 = range(5)
GROUP = 32  # weights that share a scale and a minimum in int4
LARGEST = 32_767  # of 16 bits with a sign
_ONE, _TWO, _GROUP = np.uint64(1), np.uint64(2), np.uint64(GROUP)
_FOUR, _LOW, _EIGHT = np.uint8(4), np.uint8(15), np.float32(8)
_AHEAD, _LINE = 4, 64  # rows; bytes that the processor reads at a time


class Rounded(NamedTuple):
    """A vector in whole numbers of 16 bits, with a step for each group of 32: x is close to
    step * code. Room for it is a thread's own.
    """

    codes: Int16[np.ndarray, " longest"]
    steps: Float32[np.ndarray, " group"]
    sums: Float32[np.ndarray, " group"]  # of step * code, in each group


@compiled
def fetch(weights: int, row: int, width: int) -> None:
    """Ask for a row of `width` bytes that will be needed soon: by itself a processor reads too few
    lines ahead of loops that do much with each.
    """
    for byte in range(row * width, (row + 1) * width, _LINE):
        prefetch(weights + byte)


@compiled
def dot(a: Float32[np.ndarray, " n"], b: Float32[np.ndarray, " n"]) -> np.float32:
    """The sum of products of two vectors of float32."""
    total = np.float32(0)
    for i in range(a.shape[0]):
        total += a[i] * b[i]
    return total


@compiled
def float32_rows(matrix: Matrix, x: Vector, first: int, last: int, out: Out) -> None:
    """Weights as they are: 4 bytes each."""
    weights = carray(pointer(matrix[WEIGHTS]), (matrix[D_OUT], matrix[D_IN]), np.float32)
    for row in range(first, last):
        out[row] = dot(weights[row], x)


@compiled
def float16_rows(matrix: Matrix, x: Vector, first: int, last: int, out: Out) -> None:
    """2 bytes each."""
    weights = carray(pointer(matrix[WEIGHTS]), (matrix[D_OUT], matrix[D_IN]), np.uint16)
    for row in range(first, last):
        fetch(matrix[WEIGHTS], row + _AHEAD, 2 * matrix[D_IN])
        bits, total = weights[row], np.float32(0)
        for i in range(bits.shape[0]):
            total += from_half(bits[i]) * x[i]
        out[row] = total


@compiled
def int8_rows(matrix: Matrix, x: Vector, first: int, last: int, out: Out) -> None:
    """1 byte each, and a scale for each row: it is multiplied in once, at the row's end."""
    width = (matrix[D_IN] + GROUP - 1) // GROUP * GROUP  # rows are filled up with zeros
    codes = carray(pointer(matrix[WEIGHTS]), (matrix[D_OUT], width), np.int8)
    scales = carray(pointer(matrix[SCALES]), (matrix[D_OUT],), np.uint16)
    for row in range(first, last):
        fetch(matrix[WEIGHTS], row + _AHEAD, width)
        code, total = codes[row], np.float32(0)
        for i in range(x.shape[0]):
            total += np.float32(code[i]) * x[i]
        out[row] = total * from_bfloat(scales[row])


@compiled
def round_vector(x: Vector, rounded: Rounded) -> None:
    """The largest of a group gets code 32,767: so no error is above 1/65,534 of it.

    (A bfloat16 is off by up to 1/512 of itself.) Groups are filled up with zeros.
    """
    for group in range((x.shape[0] + GROUP - 1) // GROUP):
        part = x[group * GROUP : (group + 1) * GROUP]
        codes = rounded.codes[group * GROUP : (group + 1) * GROUP]
        largest, nothing, total = np.float32(0), np.float32(0), 0
        for i in range(part.shape[0]):
            largest = max(largest, abs(part[i]))
            nothing += part[i] * np.float32(0)  # NaN, if one is not finite; so it goes on
        step = (largest + nothing) / np.float32(LARGEST)
        for i in range(GROUP):
            codes[i] = np.int16(0)
        if step > 0:
            for i in range(part.shape[0]):
                codes[i] = np.int16(np.rint(part[i] / step))
                total += codes[i]
        rounded.steps[group] = step
        rounded.sums[group] = step * np.float32(total)


@compiled
def group_product(
    scales: UInt16[np.ndarray, "group scaled_row 2"],
    group: np.uint64,
    row: int,
    total: np.int32,
    rounded: Rounded,
) -> np.float32:
    """What a group of int4 adds to its row, of which `total` is the sum of code * code."""
    scale = from_bfloat(scales[group, row, 0])
    minimum = from_bfloat(scales[group, row, 1]) - _EIGHT * scale
    added: np.float32 = scale * rounded.steps[group] * np.float32(total)
    added += minimum * rounded.sums[group]
    return added


@compiled
def int4_rows(matrix: Matrix, x: Vector, first: int, last: int, out: Out, rounded: Rounded) -> None:
    """Half a byte each, and a scale and a minimum for each group of 32.

    The sum over a group is one of whole numbers: a code below 16 times one of 16 bits, 32 times,
    stays below 2 to the power of 24. A processor takes 16 such products at once, and only their sum
    becomes a float: scale * sum(code * x) + minimum * sum(x). (32 bytes hold two groups, one in
    their low halves and one in their high halves: loops over fewer bytes, or with a signed counter,
    LLVM would write out weight by weight.)
    """
    groups = (matrix[D_IN] + GROUP - 1) // GROUP
    pairs = (groups + 1) // 2
    codes = carray(pointer(matrix[WEIGHTS]), (matrix[D_OUT], pairs * GROUP), np.uint8)
    scales = carray(pointer(matrix[SCALES]), (groups, matrix[SCALED_ROWS], 2), np.uint16)
    round_vector(x, rounded)
    for row in range(first, last):
        fetch(matrix[WEIGHTS], row + _AHEAD, pairs * GROUP)
        code, total = codes[row], np.float32(0)
        for pair in range(np.uint64(pairs)):
            even, odd = pair * _TWO, pair * _TWO + _ONE
            in_low, in_high = np.int32(0), np.int32(0)
            for i in range(_GROUP):
                both = code[pair * _GROUP + i]
                low = np.int32(both & _LOW) * np.int32(rounded.codes[even * _GROUP + i])
                high = np.int32(both >> _FOUR) * np.int32(rounded.codes[odd * _GROUP + i])
                # numba's sums of whole numbers are of 64 bits unless one says otherwise
                in_low, in_high = np.int32(in_low + low), np.int32(in_high + high)
            total += group_product(scales, even, row, in_low, rounded)
            if odd < np.uint64(groups):
                total += group_product(scales, odd, row, in_high, rounded)
        out[row] = total


@compiled
def multiply(matrix: Matrix, x: Vector, first: int, last: int, out: Out, rounded: Rounded) -> None:
    """Rows `first` to `last` of W x + b, into the same places of `out`.

    `rounded`: room for x in whole numbers, the thread's own.
    """
    kind = matrix[KIND]
    if kind == IN_FLOAT32:
        float32_rows(matrix, x, first, last, out)
    elif kind == IN_FLOAT16:
        float16_rows(matrix, x, first, last, out)
    elif kind == IN_INT8:
        int8_rows(matrix, x, first, last, out)
    elif kind == IN_INT4:
        int4_rows(matrix, x, first, last, out, rounded)
    if matrix[BIAS]:
        bias = carray(pointer(matrix[BIAS]), (matrix[D_OUT],), np.float32)
        for row in range(first, last):
            out[row] += bias[row]
