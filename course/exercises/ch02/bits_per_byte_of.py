"""Exercise 02.3: bits per byte: a loss that does not depend on the tokenizer."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "02.3",
    minutes=8,
    hints=(
        "Three questions: how much loss does the whole text have, how many bits is a nat, how many "
        "bytes is the text?",
        "The loss of the whole text is the sum over its tokens. One nat is 1 / ln 2 bits.",
        'Bytes are not characters: "é" is one character and two bytes. text.encode() gives the '
        "bytes in UTF-8.",
    ),
)
def bits_per_byte_of(losses: torch.Tensor, text: str) -> torch.Tensor:
    """Bits per byte: a loss that does not depend on the tokenizer.

    losses: the loss of every token of the text, in nats, shape (pos,).
    text: the text that these tokens spell. Bytes are those of its UTF-8 form.
    Returns the bits per byte: a tensor with one number, shape ().
    """
    bits = losses.sum() / math.log(2)
    return bits / len(text.encode("utf-8"))


@bits_per_byte_of.also_right
def _mean_times_tokens(losses: Tensor, text: str) -> float:
    n_bytes = sum(len(character.encode()) for character in text)
    return float(losses.mean()) / math.log(2) * len(losses) / n_bytes


@bits_per_byte_of.also_right
def _log_two_of_probabilities(losses: Tensor, text: str) -> Tensor:
    return -(losses.double().neg().exp().log2()).sum() / len(bytes(text, "utf-8"))


@bits_per_byte_of.also_right
def _numpy_sum(losses: Tensor, text: str) -> np.floating:
    return np.sum(losses.numpy()) * np.log2(np.e) / len(text.encode())


@bits_per_byte_of.wrong(
    "Characters or bytes? Outside of English a character is often two, three or four bytes."
)
def _per_character(losses: Tensor, text: str) -> Tensor:
    return losses.sum() / math.log(2) / len(text)


@bits_per_byte_of.wrong(
    "Nats or bits? The losses have the natural logarithm: divide by the logarithm of 2."
)
def _nats(losses: Tensor, text: str) -> Tensor:
    return losses.sum() / len(text.encode())


@bits_per_byte_of.wrong(
    "Times or divided by ln 2? A bit is less than a nat, so the number of bits is the larger one."
)
def _times_log_two(losses: Tensor, text: str) -> Tensor:
    return losses.sum() * math.log(2) / len(text.encode())


@bits_per_byte_of.wrong(
    "Per token or per byte? These are bits per token: the text's bytes do not count here."
)
def _per_token(losses: Tensor, text: str) -> Tensor:
    return losses.mean() / math.log(2)


@bits_per_byte_of.wrong(
    "Mean or sum? Divided by the tokens and by the bytes is once too often: take the sum."
)
def _mean_per_byte(losses: Tensor, text: str) -> Tensor:
    return losses.mean() / math.log(2) / len(text.encode())


@bits_per_byte_of.wrong(
    "Per word or per byte? Words are as little comparable as tokens: count the bytes."
)
def _per_word(losses: Tensor, text: str) -> Tensor:
    return losses.sum() / math.log(2) / len(text.split())


@bits_per_byte_of.wrong("Bits per byte or bytes per bit? It is upside down.")
def _upside_down(losses: Tensor, text: str) -> Tensor:
    return len(text.encode()) / (losses.sum() / math.log(2))


@bits_per_byte_of.inputs
def _losses_and_texts(rng: torch.Generator) -> Iterator[tuple[Tensor, str]]:
    yield torch.tensor([2.0, 1.0]), "a café"
    texts = (
        "The cat sat.",
        "Ein Kätzchen saß da",
        "猫が座った。",
        "naïve 🐈 façade",
        "x",
        "Кот",
        "two\nlines\n",
        "€" * 30,
    )
    for number, text in enumerate(texts):
        tokens = max(1, len(text) // (1 + number % 4))
        yield torch.rand(tokens, generator=rng) * 9, text
        yield torch.rand(tokens + 3, generator=rng) * 0.02 + 0.001, text
