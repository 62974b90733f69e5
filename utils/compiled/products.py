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

Vector = Float32[np.ndarray, " d_in"]
Out = Float32[np.ndarray, " d_out"]
Row = Float32[np.ndarray, " longest"]  # room for a row of weights
# A matrix is seven whole numbers: what it is kept in, its sizes, where its parts are.
Matrix = Int64[np.ndarray, " field"]
FIELDS = KIND, D_OUT, D_IN, WEIGHTS, SCALES, SCALED_ROWS, BIAS = range(7)
# What it is kept in. NOTHING: the model has no such matrix.
NOTHING, IN_FLOAT32, IN_FLOAT16, IN_INT8, IN_INT4 = range(5)
GROUP = 32  # weights that share a scale and a minimum in int4
_ONE, _TWO, _GROUP = np.uint64(1), np.uint64(2), np.uint64(GROUP)
_FOUR, _LOW, _EIGHT = np.uint8(4), np.uint8(15), np.float32(8)
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
def int4_rows(matrix: Matrix, x: Vector, first: int, last: int, out: Out, unpacked: Row) -> None:
    """Half a byte each, and a scale and a zero for each group of 32: a row is unpacked into the
    processor's cache, then multiplied.

    32 bytes hold two groups, one in their low halves and one in their high halves: a loop over
    fewer bytes LLVM would write out weight by weight, and one with a signed counter, too.
    """
    groups = (matrix[D_IN] + GROUP - 1) // GROUP
    pairs = (groups + 1) // 2
    codes = carray(pointer(matrix[WEIGHTS]), (matrix[D_OUT], pairs * GROUP), np.uint8)
    scales = carray(pointer(matrix[SCALES]), (groups, matrix[SCALED_ROWS], 2), np.uint16)
    for row in range(first, last):
        fetch(matrix[WEIGHTS], row + _AHEAD, pairs * GROUP)
        code = codes[row]
        for pair in range(np.uint64(pairs)):
            start, low, high = pair * _GROUP, pair * _TWO * _GROUP, (pair * _TWO + _ONE) * _GROUP
            scale = from_bfloat(scales[pair * _TWO, row, 0])
            minimum = from_bfloat(scales[pair * _TWO, row, 1]) - _EIGHT * scale
            for i in range(_GROUP):
                unpacked[low + i] = np.float32(code[start + i] & _LOW) * scale + minimum
            if pair * _TWO + _ONE < np.uint64(groups):
                scale = from_bfloat(scales[pair * _TWO + _ONE, row, 0])
                minimum = from_bfloat(scales[pair * _TWO + _ONE, row, 1]) - _EIGHT * scale
                for i in range(_GROUP):
                    unpacked[high + i] = np.float32(code[start + i] >> _FOUR) * scale + minimum
        out[row] = dot(unpacked[: x.shape[0]], x)


@compiled
def multiply(matrix: Matrix, x: Vector, first: int, last: int, out: Out, unpacked: Row) -> None:
    """Rows `first` to `last` of W x + b, into the same places of `out`.

    `unpacked`: room for a row of weights, the thread's own.
    """
    kind = matrix[KIND]
    if kind == IN_FLOAT32:
        float32_rows(matrix, x, first, last, out)
    elif kind == IN_FLOAT16:
        float16_rows(matrix, x, first, last, out)
    elif kind == IN_INT8:
        int8_rows(matrix, x, first, last, out)
    elif kind == IN_INT4:
        int4_rows(matrix, x, first, last, out, unpacked)
    if matrix[BIAS]:
        bias = carray(pointer(matrix[BIAS]), (matrix[D_OUT],), np.float32)
        for row in range(first, last):
            out[row] += bias[row]
