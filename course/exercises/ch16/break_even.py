"""Exercise 16.3: from how much text on a model is worth its own size."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "16.3",
    minutes=5,
    hints=(
        "For n bytes of text, how many bytes does each way need in all? One of them needs the model, "
        "too, once.",
        "The rates are in bits for a byte of text, and 8 bits are a byte: n * rate / 8 bytes. Set the "
        "two sums equal.",
        "model_bytes + n * rate / 8 = n * other_rate / 8. Solve it for n.",
    ),
)
def break_even(model_bytes: int, rate: float, other_rate: float) -> float:
    """How long a text must be for a model to pay for its own size.

    Whoever unpacks a text needs the model: model_bytes, once. With it, each byte of the
    text takes `rate` bits. Another program, which everybody has already, takes
    `other_rate` bits for each byte, and that is more.

    Returns the number of bytes of text at which both ways need the same in all.
    """
    saved = (other_rate - rate) / 8  # bytes saved for each byte of text
    return model_bytes / saved


@break_even.also_right
def _in_bits(model_bytes: int, rate: float, other_rate: float) -> float:
    return 8 * model_bytes / (other_rate - rate)


@break_even.also_right
def _searched_by_halving(model_bytes: int, rate: float, other_rate: float) -> float:
    low, high = 0.0, 1e18
    for _ in range(200):
        middle = (low + high) / 2
        if model_bytes + middle * rate / 8 > middle * other_rate / 8:
            low = middle
        else:
            high = middle
    return low


@break_even.also_right
def _tensors(model_bytes: int, rate: float, other_rate: float) -> torch.Tensor:
    per_byte = torch.tensor([other_rate, -rate], dtype=torch.float64).sum() / 8
    return torch.tensor(model_bytes, dtype=torch.float64) / per_byte


@break_even.wrong(
    "Bits or bytes? The rates are bits for a byte of text, the model is counted in bytes. A byte has "
    "8 bits."
)
def _bits_for_bytes(model_bytes: int, rate: float, other_rate: float) -> float:
    return model_bytes / (other_rate - rate)


@break_even.wrong(
    "Which way round do bits become bytes? What is saved, in bits, is divided by 8. Here it was "
    "multiplied."
)
def _eight_the_wrong_way(model_bytes: int, rate: float, other_rate: float) -> float:
    return model_bytes / (other_rate - rate) / 8


@break_even.wrong(
    "Does the model's file take nothing? Each byte of text still takes `rate` bits. What counts is "
    "the difference of the two rates."
)
def _file_for_nothing(model_bytes: int, rate: float, other_rate: float) -> float:
    return 8 * model_bytes / other_rate


@break_even.wrong(
    "With what do you compare? Not with the text as it is, 8 bits a byte, but with the other "
    "program's rate."
)
def _against_no_compression(model_bytes: int, rate: float, other_rate: float) -> float:
    return 8 * model_bytes / (8 - rate)


@break_even.wrong(
    "A ratio or a difference? How many times smaller the file is does not say how many bytes are "
    "saved: take the difference of the rates."
)
def _ratio_of_the_rates(model_bytes: int, rate: float, other_rate: float) -> float:
    return model_bytes * rate / other_rate


@break_even.wrong(
    "How often is the model sent? Once, whatever the length of the text; so dividing by what is "
    "saved gives the length. Here it was multiplied."
)
def _multiplied(model_bytes: int, rate: float, other_rate: float) -> float:
    return model_bytes * (other_rate - rate) / 8


@break_even.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[int, float, float]]:
    yield 1000, 1.0, 5.0
    for size in (10**4, 10**5, 10**6, 98_362_432, 10**9, 5 * 10**7, 10**8, 2 * 10**5, 3 * 10**9):
        rate, more = (torch.rand(2, generator=rng) + 0.3).tolist()
        noise = int(torch.randint(1, 1000, (), generator=rng))
        yield size + noise, rate, rate + 2 * more
