"""Exercise 02.4: read a loss."""

import math

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "02.4",
    minutes=5,
    rtol=0.02,  # 5.4 is read well enough
    constants={50_000: (32_000, 40_000, 64_000, 80_000), 12.5: (12.0, 12.8, 13.4, 14.2, 14.5)},
    hints=(
        "A loss becomes a number of equal choices by e to its power. Do that first.",
        "A model that knows nothing picks among as many equal choices as there are tokens. Compare "
        "the two numbers.",
        "How many times as many is a division: the perplexity by the size of the vocabulary.",
    ),
)
def answer_02_4() -> float:
    """Read a loss.

    A model with a vocabulary of 50,000 tokens is about to be trained. At the very first
    step, its loss is 12.5. How many times as large is its perplexity as that of a model
    that knows nothing and says so? Give the factor, as a number or as a calculation.
    """
    # Above 1: it does worse than if it knew nothing. Before any training, that means
    #     something is broken.
    return math.exp(12.5) / 50_000


@answer_02_4.also_right
def _rounded() -> float:
    return 5.4


@answer_02_4.also_right
def _difference_of_losses() -> Tensor:
    return torch.tensor(12.5 - math.log(50_000)).exp()


@answer_02_4.also_right
def _numpy_value() -> np.floating:
    return np.exp(12.5) / 5e4


@answer_02_4.wrong(
    "That is its perplexity. How many times as large is it as that of a model that knows nothing?"
)
def _perplexity_alone() -> float:
    return math.exp(12.5)


@answer_02_4.wrong(
    "That compares the two losses. A ratio of losses means nothing: make perplexities of them "
    "first."
)
def _ratio_of_losses() -> float:
    return 12.5 / math.log(50_000)


@answer_02_4.wrong(
    "That is how far the loss is above ln 50000. A difference of losses is a factor: one exp is "
    "missing."
)
def _difference() -> float:
    return 12.5 - math.log(50_000)


@answer_02_4.wrong("It is upside down: the model is *more* unsure than one that knows nothing.")
def _inverse() -> float:
    return 50_000 / math.exp(12.5)


@answer_02_4.wrong(
    "With base 2 it would be so. Losses have the natural logarithm: take e to the power of the "
    "loss."
)
def _power_of_two() -> float:
    return 2**12.5 / 50_000


@answer_02_4.wrong(
    "That is the loss of a model that knows nothing. The factor between the perplexities is asked "
    "for."
)
def _loss_of_knowing_nothing() -> float:
    return math.log(50_000)


@answer_02_4.wrong(
    "That is the size of the vocabulary: the perplexity of a model that knows nothing. Compare "
    "with it."
)
def _vocabulary() -> int:
    return 50_000
