"""A matrix times a vector, row by row, from whatever the matrix is kept in.

For one token each weight is read once and used once, so the time is that of reading. A row of codes
is fewer bytes; what it costs to make numbers of them must be less than what it saves. Each inner
loop below is one that LLVM turns into vector instructions: eight or sixteen weights at a time.
"""

import numpy as np
from jaxtyping import Float32, Int64
from numba import carray

from utils.compiled.compiling import compiled
from utils.compiled.memory import from_bfloat, from_half, pointer, prefetch
from utils.compiled.whole_numbers import GROUP, LANES, Rounded, add_two_groups

Vector = Float32[np.ndarray, " d_in"]
Out = Float32[np.ndarray, " d_out"]
# A matrix is six whole numbers: what it is kept in, its sizes, where its parts are.
Matrix = Int64[np.ndarray, " field"]
FIELDS = KIND, D_OUT, D_IN, WEIGHTS, SCALES, BIAS = range(6)
# What it is kept in. NOTHING: the model has no such matrix.
NOTHING, IN_FLOAT32, IN_FLOAT16, IN_INT8, IN_INT4 = range(5)
_EIGHT = np.float32(8)
_AHEAD, _LINE = 4, 64  # rows; bytes that the processor reads at a time


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
def int4_rows(matrix: Matrix, rounded: Rounded, first: int, last: int, out: Out) -> None:
    """Half a byte each, and a scale and a zero for each group of 32:
    scale * sum(code * x) + minimum * sum(x), where minimum = zero - 8 * scale.
    """
    pairs = (matrix[D_IN] + 2 * GROUP - 1) // (2 * GROUP)  # of groups; rows are filled up to whole
    scales = carray(pointer(matrix[SCALES]), (matrix[D_OUT], 2 * pairs, 2), np.uint16)
    weights, codes = matrix[WEIGHTS], rounded.codes.ctypes.data
    steps, lanes, at_lanes = rounded.steps, rounded.lanes, rounded.lanes.ctypes.data
    for row in range(first, last):
        fetch(weights, row + _AHEAD, pairs * GROUP)
        total = np.float32(0)
        for group in range(2 * pairs):
            minimum = from_bfloat(scales[row, group, 1])
            minimum -= _EIGHT * from_bfloat(scales[row, group, 0])
            total += minimum * rounded.sums[group]
        for lane in range(LANES):
            lanes[lane] = np.float32(0)
        for pair in range(pairs):
            add_two_groups(
                weights + (row * pairs + pair) * GROUP,
                codes + pair * 2 * GROUP * 2,
                at_lanes,
                from_bfloat(scales[row, 2 * pair, 0]) * steps[2 * pair],
                from_bfloat(scales[row, 2 * pair + 1, 0]) * steps[2 * pair + 1],
            )
        for lane in range(LANES):
            total += lanes[lane]
        out[row] = total


@compiled
def multiply(matrix: Matrix, x: Vector, rounded: Rounded, first: int, last: int, out: Out) -> None:
    """Rows `first` to `last` of W x + b, into the same places of `out`.

    `rounded`: x in whole numbers, for a matrix of 4 bits.
    """
    kind = matrix[KIND]
    if kind == IN_FLOAT32:
        float32_rows(matrix, x, first, last, out)
    elif kind == IN_FLOAT16:
        float16_rows(matrix, x, first, last, out)
    elif kind == IN_INT8:
        int8_rows(matrix, x, first, last, out)
    elif kind == IN_INT4:
        int4_rows(matrix, rounded, first, last, out)
    if matrix[BIAS]:
        bias = carray(pointer(matrix[BIAS]), (matrix[D_OUT],), np.float32)
        for row in range(first, last):
            out[row] += bias[row]
