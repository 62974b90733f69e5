"""Exercise 05.2: how large the first weights of a layer have to be."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "05.2",
    minutes=8,
    hints=(
        "A sum of n terms: its mean square is n times the mean square of a weight, times the mean "
        "square of what comes in. What is n here, out or in?",
        "What comes in has gone through f, and only the share `kept` of its mean square is left. So "
        "n * std ** 2 * kept has to be 1.",
        "std = sqrt(1 / (n * kept)), and n is the number of inputs: the second number of the shape.",
    ),
)
def initial_std(shape: tuple[int, int], kept: float) -> float:
    """How large must the first weights be, so that a layer keeps the size?

    The layer takes z to W f(z). Its weights are drawn around 0 with a standard
    deviation. With the right one the mean square of W f(z) is that of z.

    shape: the shape of W, (out, in).
    kept: the mean square of f(z) over that of z. For ReLU it is 0.5.
    Returns the standard deviation, a float.
    """
    _, n_inputs = shape
    return math.sqrt(1 / (n_inputs * kept))


@initial_std.also_right
def _powers(shape: tuple[int, int], kept: float) -> float:
    return float((shape[1] * kept) ** -0.5)


@initial_std.also_right
def _gain_over_the_root(shape: tuple[int, int], kept: float) -> float:
    gain = 1 / np.sqrt(kept)
    return float(gain / np.sqrt(shape[-1]))


@initial_std.also_right
def _variance_first(shape: tuple[int, int], kept: float) -> float:
    variance = torch.tensor(1.0, dtype=torch.float64) / shape[1] / kept
    return variance.sqrt().item()


@initial_std.wrong(
    "Over how many numbers does a neuron sum? Over its inputs, and these are the columns of W. "
    "This takes the number of outputs."
)
def _outputs_for_inputs(shape: tuple[int, int], kept: float) -> float:
    return initial_std.reference((shape[1], shape[0]), kept)


@initial_std.wrong(
    "Who sums here? Going forwards only the inputs count. The mean of inputs and outputs is "
    "Glorot's compromise between the way forwards and the way back."
)
def _mean_of_both(shape: tuple[int, int], kept: float) -> float:
    return math.sqrt(2 / (sum(shape) * kept))


@initial_std.wrong(
    "Variance, or standard deviation? This is the mean square of a weight. Its root is asked for."
)
def _variance(shape: tuple[int, int], kept: float) -> float:
    return 1 / (shape[1] * kept)


@initial_std.wrong(
    "What does f take away? The share `kept` does not occur in this: it would be right without "
    "any activation."
)
def _nothing_for_the_bend(shape: tuple[int, int], kept: float) -> float:
    return math.sqrt(1 / shape[1])


@initial_std.wrong(
    "Where less is kept, must the weights be larger or smaller? Larger, to make up for it. So "
    "`kept` belongs below the fraction line."
)
def _kept_multiplied(shape: tuple[int, int], kept: float) -> float:
    return math.sqrt(kept / shape[1])


@initial_std.wrong(
    "Is `kept` a share of the size, or of the mean square? Of the mean square. So it belongs under "
    "the root, too."
)
def _kept_outside_the_root(shape: tuple[int, int], kept: float) -> float:
    return 1 / (math.sqrt(shape[1]) * kept)


@initial_std.wrong(
    "Standard deviation, or the edge of an even spread? Numbers spread evenly from -a to a have a "
    "standard deviation of a / sqrt(3). This is a."
)
def _edge_of_an_even_spread(shape: tuple[int, int], kept: float) -> float:
    return math.sqrt(3 / (shape[1] * kept))


@initial_std.wrong(
    "Does every activation keep one half? ReLU does. Here sqrt(2 / in) stands for all of them; use "
    "`kept`."
)
def _always_he(shape: tuple[int, int], kept: float) -> float:
    return math.sqrt(2 / shape[1])


@initial_std.wrong(
    "Is the root taken of all of it? The number of inputs has to be under the root as well: the "
    "terms of the sum partly cancel."
)
def _inputs_outside_the_root(shape: tuple[int, int], kept: float) -> float:
    return 1 / (shape[1] * math.sqrt(kept))


@initial_std.wrong(
    "How many weights does one neuron have? One for each input. This divides by all weights of the "
    "matrix."
)
def _all_weights(shape: tuple[int, int], kept: float) -> float:
    return math.sqrt(1 / (shape[0] * shape[1] * kept))


@initial_std.inputs
def _matrices(rng: torch.Generator) -> Iterator[tuple[tuple[int, int], float]]:
    yield (3, 8), 0.5
    yield (5, 4), 1.0
    for _ in range(14):
        out, n_inputs = torch.randint(3, 2000, (2,), generator=rng).tolist()
        share = 0.02 + 0.97 * torch.rand((), generator=rng, dtype=torch.float64).item()
        yield (out, n_inputs + 1 if n_inputs == out else n_inputs), share
