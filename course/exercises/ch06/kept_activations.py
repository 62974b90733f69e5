"""Exercise 06.4: the bytes of activations that wait for the backward pass."""

from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "06.4",
    minutes=8,
    hints=(
        "How many bytes does one layer keep for one token, without the patterns? 34 for each of "
        "the h numbers of its vector.",
        "The patterns have a number for each pair of tokens and each head: pattern_bytes * a * s * s "
        "bytes for each text and layer. In the formula they stand as pattern_bytes * a * s / h, "
        "behind s * b * h * L.",
        "s * b * h * L * (34 + pattern_bytes * a * s / h). With a fused kernel pattern_bytes is 0, "
        "and 34 is left.",
    ),
)
def kept_activations(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    """The bytes of activations that wait for the backward pass, by the published formula.

    s: tokens of a text.
    b: texts in a batch.
    h: the width of the model, d_model.
    L: layers.
    a: heads of a layer.
    pattern_bytes: bytes that are kept for each number of the attention patterns. 5 in
        the formula, 2 without dropout, and 0 with a fused kernel.
    Returns the number of bytes in 16-bit training.
    """
    per_number = 34 + pattern_bytes * a * s / h
    return s * b * h * L * per_number


@kept_activations.also_right
def _patterns_apart(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    vectors = 34 * h * s
    patterns = pattern_bytes * a * s**2
    return float(b * L * (vectors + patterns))


@kept_activations.also_right
def _layer_by_layer(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    total = 0.0
    for _ in range(L):
        total += b * s * (34 * h + pattern_bytes * a * s)
    return total


@kept_activations.also_right
def _numpy_product(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    numbers = np.prod([s, b, h, L], dtype=np.float64)
    return float(numbers * (34 + np.true_divide(a * s * pattern_bytes, h)))


@kept_activations.wrong(
    "How many texts are there? Each keeps its own activations: multiply by b. (Gradients are added "
    "up over texts; activations are not.)"
)
def _batch_forgotten(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return kept_activations.reference(s, 1, h, L, a, pattern_bytes)


@kept_activations.wrong(
    "What is kept besides the 34? pattern_bytes for each number of the patterns. Here the part with "
    "s twice is always dropped."
)
def _patterns_always_dropped(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return kept_activations.reference(s, b, h, L, a, 0)


@kept_activations.wrong(
    "Is it always 5 bytes for a number of a pattern? With a fused kernel there are none: read it "
    "from pattern_bytes."
)
def _patterns_always_kept(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return kept_activations.reference(s, b, h, L, a, 5)


@kept_activations.wrong(
    "How many layers keep something? All of them: L is missing.",
)
def _one_layer(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return kept_activations.reference(s, b, h, 1, a, pattern_bytes)


@kept_activations.wrong(
    "Numbers of 4 bytes? The 34 are for 16 bits already, and are bytes. This doubles them."
)
def _all_in_32_bits(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return 2 * kept_activations.reference(s, b, h, L, a, pattern_bytes)


@kept_activations.wrong(
    "How many heads have a pattern? Each of the a heads has its own. Here a layer has one pattern."
)
def _one_pattern_a_layer(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return kept_activations.reference(s, b, h, L, 1, pattern_bytes)


@kept_activations.wrong(
    "By what is the part of the patterns divided? By h, because h stands in front of the brackets. Here it is not "
    "divided."
)
def _not_divided_by_h(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return kept_activations.reference(s, b, h, L, a * h, pattern_bytes)


@kept_activations.wrong(
    "How large is a pattern? It has s * s numbers. Here it grows with s once: the s in front of the "
    "brackets is one, the s inside another."
)
def _patterns_without_the_square(
    s: int, b: int, h: int, L: int, a: int, pattern_bytes: int
) -> float:
    return s * b * h * L * (34 + pattern_bytes * a / h)


@kept_activations.wrong(
    "Is it a sum or a product? 34 plus what the patterns take. Here the two are multiplied."
)
def _multiplied(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return s * b * h * L * 34.0 * pattern_bytes * a * s / h


@kept_activations.wrong(
    "Numbers or bytes? s * b * h * L alone counts what enters each layer, as numbers. Each layer "
    "keeps 34 bytes for each of them."
)
def _numbers_that_enter(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return s * b * h * L * (1 + pattern_bytes * a * s / h)


@kept_activations.wrong(
    "In which unit is the answer? In bytes. This is divided down to gigabytes.",
)
def _gigabytes(s: int, b: int, h: int, L: int, a: int, pattern_bytes: int) -> float:
    return kept_activations.reference(s, b, h, L, a, pattern_bytes) / 1e9


@kept_activations.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[int, int, int, int, int, int]]:
    yield 5, 3, 8, 2, 4, 0
    yield 5, 3, 8, 2, 4, 5
    yield 4096, 2, 8192, 80, 64, 5
    for n in range(12):
        s, b, d_head, L, a = (
            int(torch.randint(2, most, (1,), generator=rng)) for most in (300, 20, 80, 50, 20)
        )
        yield s, b, a * d_head, L, a, n % 7
