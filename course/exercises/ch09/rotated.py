"""Exercise 09.5: RoPE, pairs turned by their position."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "09.5",
    minutes=10,
    atol=1e-4,
    hints=(
        "Pair i of d_head / 2 is (x[:, 2i], x[:, 2i + 1]). At position p it turns by p * base ** "
        "(-2i / d_head).",
        "A pair (a, b) that is turned by an angle becomes (a cos - b sin, a sin + b cos).",
        "a, b = x[:, 0::2], x[:, 1::2]. Angles for each position and pair: positions[:, None] * "
        "speeds. torch.stack([new_a, new_b], dim=-1).flatten(1) puts the pairs back.",
    ),
)
def rotated(x: torch.Tensor, positions: torch.Tensor, base: float) -> torch.Tensor:
    """Queries or keys, turned by their positions as RoPE does it.

    The neighbours (x[:, 2i], x[:, 2i + 1]) are a pair, for every i from 0 up.
    At position p, pair i is turned by the angle p * base ** (-2i / d_head),
    counter-clockwise, as angles are counted in mathematics.

    x: a vector for each token, shape (pos, d_head); d_head is even.
    positions: where each token stands, whole numbers in any order, int64, shape (pos,).
    base: how much slower the slow pairs are, 10,000 or 100,000 for instance.
    Returns the turned vectors, shape (pos, d_head).
    """
    d_head = x.shape[1]
    angles = positions[:, None] * base ** (-torch.arange(0, d_head, 2) / d_head)  # (pos, pair)
    a, b = x[:, 0::2], x[:, 1::2]
    turned = [a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()]
    return torch.stack(turned, dim=-1).flatten(1)


@rotated.also_right
def _complex_numbers(x: Tensor, positions: Tensor, base: float) -> Tensor:
    speeds = base ** (-torch.arange(0, x.shape[1], 2) / x.shape[1])
    angles = positions[:, None] * speeds
    pairs = torch.view_as_complex(x.unflatten(1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * torch.exp(1j * angles)).flatten(1)


@rotated.also_right
def _pair_by_pair(x: Tensor, positions: Tensor, base: float) -> Tensor:
    out = torch.empty_like(x)
    for row, p in enumerate(positions.tolist()):
        for i in range(0, x.shape[1], 2):
            angle = p / base ** (i / x.shape[1])
            c, s = math.cos(angle), math.sin(angle)
            out[row, i] = c * x[row, i] - s * x[row, i + 1]
            out[row, i + 1] = s * x[row, i] + c * x[row, i + 1]
    return out


@rotated.also_right
def _with_a_partner(x: Tensor, positions: Tensor, base: float) -> Tensor:
    speeds = base ** (-torch.arange(0, x.shape[1], 2).repeat_interleave(2) / x.shape[1])
    angles = positions[:, None] * speeds  # (pos, d_head)
    partner = torch.stack([-x[:, 1::2], x[:, 0::2]], dim=-1).flatten(1)
    return x * angles.cos() + partner * angles.sin()


def _turn(
    x: Tensor,
    positions: Tensor,
    base: float,
    speed: Callable[[Tensor, int, float], Tensor] = lambda i, d, base: base ** (-2 * i / d),
    sign: float = 1.0,
) -> Tensor:
    d_head = x.shape[1]
    angles = sign * positions[:, None] * speed(torch.arange(d_head // 2), d_head, base)
    a, b = x[:, 0::2], x[:, 1::2]
    turned = [a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()]
    return torch.stack(turned, dim=-1).flatten(1)


@rotated.wrong(
    "Which numbers are a pair? Neighbours. Here the first half is paired with the second, as other "
    "models have it."
)
def _half_with_half(x: Tensor, positions: Tensor, base: float) -> Tensor:
    d_head = x.shape[1]
    angles = positions[:, None] * base ** (-torch.arange(0, d_head, 2) / d_head)
    a, b = x.chunk(2, dim=1)
    return torch.cat(
        [a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()], dim=1
    )


@rotated.wrong(
    "In which order do the numbers come back? Pair by pair. Here all first ones come before all "
    "second ones."
)
def _not_put_back(x: Tensor, positions: Tensor, base: float) -> Tensor:
    turned = _turn(x, positions, base)
    return torch.cat([turned[:, 0::2], turned[:, 1::2]], dim=1)


@rotated.wrong("Which way does a pair turn? Counter-clockwise: a cos - b sin, a sin + b cos.")
def _clockwise(x: Tensor, positions: Tensor, base: float) -> Tensor:
    return _turn(x, positions, base, sign=-1.0)


@rotated.wrong(
    "Is the length of a pair the same as before? Look at the signs: one of them is minus."
)
def _no_minus(x: Tensor, positions: Tensor, base: float) -> Tensor:
    d_head = x.shape[1]
    angles = positions[:, None] * base ** (-torch.arange(0, d_head, 2) / d_head)
    a, b = x[:, 0::2], x[:, 1::2]
    turned = [a * angles.cos() + b * angles.sin(), a * angles.sin() + b * angles.cos()]
    return torch.stack(turned, dim=-1).flatten(1)


@rotated.wrong("What is the exponent? -2i / d_head. The factor 2 is missing.")
def _without_the_two(x: Tensor, positions: Tensor, base: float) -> Tensor:
    return _turn(x, positions, base, speed=lambda i, d, base: base ** (-i / d))


@rotated.wrong("Do later pairs turn faster or slower? Slower: the exponent has a minus sign.")
def _faster_and_faster(x: Tensor, positions: Tensor, base: float) -> Tensor:
    return _turn(x, positions, base, speed=lambda i, d, base: base ** (2 * i / d))


@rotated.wrong("Do all pairs turn alike? Each has its own speed; here all have that of pair 0.")
def _one_speed(x: Tensor, positions: Tensor, base: float) -> Tensor:
    return _turn(x, positions, base, speed=lambda i, d, base: torch.ones_like(i))


@rotated.wrong("What is the base? It is given, and not always the same: use it.")
def _fixed_base(x: Tensor, positions: Tensor, base: float) -> Tensor:
    return _turn(x, positions, 10_000.0)


@rotated.wrong(
    "Where do the tokens stand? The positions are given, and need not be 0, 1, 2, ...: a cache asks "
    "for single ones."
)
def _positions_counted(x: Tensor, positions: Tensor, base: float) -> Tensor:
    return _turn(x, torch.arange(len(x)), base)


@rotated.wrong("In what are angles measured? In radians, as torch takes them. No degrees.")
def _degrees(x: Tensor, positions: Tensor, base: float) -> Tensor:
    return _turn(x, positions, base, sign=math.pi / 180)


@rotated.wrong(
    "Is anything added? RoPE turns a vector and adds nothing to it. These are sinusoids, as in 2017."
)
def _added(x: Tensor, positions: Tensor, base: float) -> Tensor:
    d_head = x.shape[1]
    angles = positions[:, None] * base ** (-torch.arange(0, d_head, 2) / d_head)
    return x + torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


@rotated.inputs
def _vectors(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, float]]:
    yield torch.tensor([[1.0, 0.0, 1.0, 0.0]]).repeat(3, 1), torch.tensor([0, 1, 2]), 100.0
    yield torch.tensor([[0.5, -2.0]]), torch.tensor([3]), 10_000.0
    for pos, d_head, highest, base, size in (
        (3, 4, 20, 500.0, 1.0),
        (5, 8, 200, 100_000.0, 0.01),
        (2, 16, 90, 10_000.0, 30.0),
        (4, 6, 50, 100_000.0, 1.0),
        (7, 12, 400, 1_000.0, 1.0),
        (6, 10, 100, 20_000.0, 3.0),
        (3, 14, 30, 200.0, 1.0),
        (8, 2, 60, 5_000.0, 0.1),
    ):
        x = size * torch.randn(pos, d_head, generator=rng)
        yield x, torch.randint(1, highest, (pos,), generator=rng), base
