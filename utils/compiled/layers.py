"""What a block does besides its matrices, for one vector: norm, rotation, attention, activation.

The formulas are those of utils.model: LayerNorm (Ba et al. 2016), RMSNorm (Zhang & Sennrich 2019),
rotary positions (Su et al. 2021), attention (Vaswani et al. 2017), GELU (Hendrycks & Gimpel 2016),
SwiGLU (Shazeer 2020).
"""

import math

import numpy as np
from jaxtyping import Float32, Int64
from numba import carray

from utils.compiled.compiling import compiled
from utils.compiled.memory import pointer
from utils.compiled.products import dot

Stream = Float32[np.ndarray, " d_model"]
Head = Float32[np.ndarray, " d_head"]
# A norm is three whole numbers: whether the mean is taken out, and where weight and bias
# are. No bias: 0.
NORM_FIELDS = CENTRED, NORM_WEIGHT, NORM_BIAS = range(3)
Norm = Int64[np.ndarray, " field"]
ACTIVATIONS = {"relu": 0, "gelu": 1, "gelu_exact": 2, "swiglu": 3}
_RELU, _GELU, _GELU_EXACT = 0, 1, 2


@compiled
def normalize(norm: Norm, eps: float, x: Stream, out: Stream) -> None:
    """LayerNorm or RMSNorm of x."""
    width, mean, square = np.float32(x.shape[0]), np.float32(0), np.float32(0)
    if norm[CENTRED]:
        for i in range(x.shape[0]):
            mean += x[i]
        mean /= width
    for i in range(x.shape[0]):
        square += (x[i] - mean) * (x[i] - mean)
    scale = np.float32(1) / np.sqrt(square / width + np.float32(eps))
    weight = carray(pointer(norm[NORM_WEIGHT]), x.shape, np.float32)
    for i in range(x.shape[0]):
        out[i] = (x[i] - mean) * scale * weight[i]
    if norm[NORM_BIAS]:
        bias = carray(pointer(norm[NORM_BIAS]), x.shape, np.float32)
        for i in range(x.shape[0]):
            out[i] += bias[i]


@compiled
def turn(head: Head, turns: Float32[np.ndarray, "pair 2"]) -> None:
    """Rotary positions, in place: pair (0, 1), (2, 3), ... by an angle whose cosine and sine are in
    `turns`, (pair, 2); no pair, no rotation.
    """
    for pair in range(turns.shape[0]):
        a, b = head[2 * pair], head[2 * pair + 1]
        cos, sin = turns[pair, 0], turns[pair, 1]
        head[2 * pair] = a * cos - b * sin
        head[2 * pair + 1] = a * sin + b * cos


@compiled
def attend(
    query: Head,
    keys: Float32[np.ndarray, "key d_head"],
    values: Float32[np.ndarray, "key d_head"],
    scores: Float32[np.ndarray, " max_pos"],
    out: Head,
) -> None:
    """What one head gathers: its query against all keys (key, d_head), then a mix of the values."""
    largest, total = np.float32(-np.inf), np.float32(0)
    scale = np.float32(1) / np.sqrt(np.float32(query.shape[0]))
    for place in range(keys.shape[0]):
        scores[place] = dot(query, keys[place]) * scale
        largest = max(largest, scores[place])
    for place in range(keys.shape[0]):
        scores[place] = math.exp(scores[place] - largest)
        total += scores[place]
    out[:] = np.float32(0)
    for place in range(keys.shape[0]):
        weight, value = scores[place] / total, values[place]
        for i in range(out.shape[0]):
            out[i] += weight * value[i]


@compiled
def activate(
    kind: int,
    gate: Float32[np.ndarray, " d_mlp"],
    up: Float32[np.ndarray, " d_mlp"],
    first: int,
    last: int,
) -> None:
    """The non-linearity, in `up`: of up itself, or SwiGLU's silu(gate) * up."""
    for i in range(first, last):
        z = up[i]
        if kind == _RELU:
            up[i] = max(z, np.float32(0))
        elif kind == _GELU:
            inner = np.float32(math.sqrt(2 / math.pi)) * (z + np.float32(0.044715) * z * z * z)
            up[i] = np.float32(0.5) * z * (np.float32(1) + math.tanh(inner))
        elif kind == _GELU_EXACT:
            up[i] = np.float32(0.5) * z * (np.float32(1) + math.erf(z * np.float32(math.sqrt(0.5))))
        else:
            up[i] = gate[i] / (np.float32(1) + math.exp(-gate[i])) * z
