"""Exercise 09.4: positions as sines and cosines."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "09.4",
    minutes=10,
    atol=1e-5,
    hints=(
        "There are d_model / 2 pairs, numbered i = 0, 1, 2, ... Pair i turns by 10,000 ** (-2 * i / "
        "d_model) at each position.",
        "An angle for each position and pair: positions[:, None] * speeds. Its sine goes to the "
        "place 2i, its cosine to 2i + 1.",
        "rows[:, 0::2] = angles.sin() and rows[:, 1::2] = angles.cos() fill every second place.",
    ),
)
def sinusoid_rows(positions: torch.Tensor, d_model: int) -> torch.Tensor:
    """The rows that the Transformer of 2017 adds to its word vectors.

    In the row of position p, the places 2i and 2i + 1 have the sine and the cosine of
    p * 10000 ** (-2i / d_model), for every i from 0 to d_model / 2 - 1.

    positions: whole numbers from 0 up, in any order, int64, shape (pos,).
    d_model: an even number.
    Returns the rows, shape (pos, d_model).
    """
    i = torch.arange(d_model // 2)
    angles = positions[:, None] * 10_000.0 ** (-2 * i / d_model)  # (pos, pair)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


@sinusoid_rows.also_right
def _every_second_place(positions: Tensor, d_model: int) -> Tensor:
    rows = torch.zeros(len(positions), d_model)
    speeds = torch.exp(-math.log(10_000.0) * torch.arange(0, d_model, 2) / d_model)
    rows[:, 0::2] = torch.sin(positions.float()[:, None] * speeds)
    rows[:, 1::2] = torch.cos(positions.float()[:, None] * speeds)
    return rows


@sinusoid_rows.also_right
def _number_by_number(positions: Tensor, d_model: int) -> Tensor:
    rows = []
    for p in positions.tolist():
        angles = [p / 10_000 ** (2 * (place // 2) / d_model) for place in range(d_model)]
        rows.append([(math.cos if n % 2 else math.sin)(angle) for n, angle in enumerate(angles)])
    return torch.tensor(rows)


@sinusoid_rows.also_right
def _numpy_in_double(positions: Tensor, d_model: int) -> Tensor:
    speeds = 10_000.0 ** (-np.arange(0, d_model, 2) / d_model)
    angles = np.outer(positions.numpy(), speeds)
    rows = np.empty((len(positions), d_model))
    rows[:, ::2], rows[:, 1::2] = np.sin(angles), np.cos(angles)
    return torch.from_numpy(rows).float()


def _rows(
    positions: Tensor,
    d_model: int,
    speed: Callable[[Tensor, int], Tensor] = lambda i, d: 10_000.0 ** (-2 * i / d),
    first: Callable[[Tensor], Tensor] = torch.sin,
    second: Callable[[Tensor], Tensor] = torch.cos,
) -> Tensor:
    angles = positions[:, None] * speed(torch.arange(d_model // 2), d_model)
    return torch.stack([first(angles), second(angles)], dim=-1).flatten(1)


@sinusoid_rows.wrong(
    "Where does the cosine of pair 0 stand? Beside its sine, in place 1. Here all sines come first "
    "and all cosines after them."
)
def _halves(positions: Tensor, d_model: int) -> Tensor:
    angles = positions[:, None] * 10_000.0 ** (-2 * torch.arange(d_model // 2) / d_model)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


@sinusoid_rows.wrong(
    "Which comes first? The sine stands in the even places, the cosine in the odd."
)
def _cosine_first(positions: Tensor, d_model: int) -> Tensor:
    return _rows(positions, d_model, first=torch.cos, second=torch.sin)


@sinusoid_rows.wrong("Both numbers of a pair turn at one speed. Here each place has its own.")
def _a_speed_for_each_place(positions: Tensor, d_model: int) -> Tensor:
    place = torch.arange(d_model)
    angles = positions[:, None] * 10_000.0 ** (-place / d_model)
    return torch.where(place % 2 == 0, angles.sin(), angles.cos())


@sinusoid_rows.wrong("What is the exponent? -2i / d_model. The factor 2 is missing.")
def _without_the_two(positions: Tensor, d_model: int) -> Tensor:
    return _rows(positions, d_model, speed=lambda i, d: 10_000.0 ** (-i / d))


@sinusoid_rows.wrong("Do later pairs turn faster or slower? Slower: the exponent has a minus sign.")
def _faster_and_faster(positions: Tensor, d_model: int) -> Tensor:
    return _rows(positions, d_model, speed=lambda i, d: 10_000.0 ** (2 * i / d))


@sinusoid_rows.wrong(
    "How do the speeds fall? By the same factor from pair to pair. Here they fall by the same step."
)
def _linear_speeds(positions: Tensor, d_model: int) -> Tensor:
    return _rows(positions, d_model, speed=lambda i, d: 1 - 2 * i / d)


@sinusoid_rows.wrong("In what are angles measured? In radians, as torch takes them. No degrees.")
def _degrees(positions: Tensor, d_model: int) -> Tensor:
    return _rows(positions, d_model, speed=lambda i, d: math.pi / 180 * 10_000.0 ** (-2 * i / d))


@sinusoid_rows.wrong("What is the base? 10,000. Here it is 1,000.")
def _another_base(positions: Tensor, d_model: int) -> Tensor:
    return _rows(positions, d_model, speed=lambda i, d: 1_000.0 ** (-2 * i / d))


@sinusoid_rows.wrong(
    "Whose rows are these? The positions are given, and need not be 0, 1, 2, ...: use them."
)
def _positions_counted(positions: Tensor, d_model: int) -> Tensor:
    return _rows(torch.arange(len(positions)), d_model)


@sinusoid_rows.wrong("Where does counting begin? Position 0 is the first, and its angles are 0.")
def _positions_from_one(positions: Tensor, d_model: int) -> Tensor:
    return _rows(positions + 1, d_model)


@sinusoid_rows.inputs
def _positions(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.tensor([0, 1, 2]), 4
    yield torch.tensor([7]), 2
    for pos, d_model, highest in (
        (3, 8, 20),
        (5, 6, 100),
        (2, 16, 500),
        (6, 10, 50),
        (4, 64, 900),
        (7, 4, 30),
        (3, 12, 70),
        (8, 14, 200),
    ):
        yield torch.randint(highest, (pos,), generator=rng), d_model
