"""Exercise 01.1: softmax with a temperature, for several positions at once."""

import itertools
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "01.1",
    minutes=8,
    hints=(
        "Three steps, in this order: the temperature, the powers, the division by their sum.",
        "Every row is a distribution of its own. So the sum is taken along the last axis, and "
        "keepdim=True keeps it a column, so that it can divide the rows.",
        "Subtract each row's largest score before exp: z - z.max(dim=-1, keepdim=True).values. "
        "That changes no probability, and no power is larger than 1.",
    ),
)
def softmax_at(z: torch.Tensor, temperature: float) -> torch.Tensor:
    """Softmax with a temperature, for several positions at once.

    z: scores, shape (pos, vocab). They may be as large as 1000 or as low as -1000.
    temperature: a number above 0.
    Returns the probabilities, shape (pos, vocab).
    """
    z = z / temperature
    # the largest of each row becomes e^0 = 1
    powers = (z - z.max(dim=-1, keepdim=True).values).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@softmax_at.also_right
def _library(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z / temperature, dim=-1)


@softmax_at.also_right
def _rows_in_a_loop(z: Tensor, temperature: float) -> Tensor:
    rows = []
    for row in z:
        powers = [((score - max(row)) / temperature).exp() for score in row]
        rows.append(torch.stack([power / sum(powers) for power in powers]))
    return torch.stack(rows)


@softmax_at.also_right
def _by_logarithms_in_float64(z: Tensor, temperature: float) -> Tensor:
    z = z.double() / temperature
    return (z - z.logsumexp(dim=1, keepdim=True)).exp()


@softmax_at.also_right
def _einsum(z: Tensor, temperature: float) -> Tensor:
    powers = ((z - z.amax(dim=-1)[:, None]) / temperature).exp()
    return torch.einsum("pv,p->pv", powers, 1 / powers.sum(dim=-1))


@softmax_at.wrong(
    "Is the temperature used at all? Every score is divided by it, before anything else."
)
def _no_temperature(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z, dim=-1)


@softmax_at.wrong(
    "Is the temperature on the right side? A low one makes the favourite stronger, so divide by it."
)
def _times_temperature(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z * temperature, dim=-1)


@softmax_at.wrong(
    "When is the temperature divided by? After the softmax the rows no longer add up to 1: do it "
    "before."
)
def _temperature_last(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z, dim=-1) / temperature


@softmax_at.wrong(
    "Along which axis does it add up to 1? Each row is one position: use the last axis, not the "
    "first."
)
def _columns(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z / temperature, dim=0)


@softmax_at.wrong(
    "Does every row add up to 1, or only the whole table? The sum must run along the last axis "
    "only."
)
def _whole_table(z: Tensor, temperature: float) -> Tensor:
    powers = (z / temperature - (z / temperature).max()).exp()
    return powers / powers.sum()


@softmax_at.wrong(
    "What is exp of a large score, or of a very low one? Subtract the largest score of each row "
    "first."
)
def _unstable(z: Tensor, temperature: float) -> Tensor:
    powers = (z / temperature).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@softmax_at.wrong(
    "Whose maximum do you subtract? With the largest score of the whole table, all powers of a low "
    "row become 0, and 0/0 is left. Take the maximum of each row."
)
def _global_maximum(z: Tensor, temperature: float) -> Tensor:
    powers = (z / temperature - (z / temperature).max()).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@softmax_at.wrong(
    "Do the rows add up to 1? The powers still have to be divided by the sum of their row."
)
def _not_divided(z: Tensor, temperature: float) -> Tensor:
    z = z / temperature
    return (z - z.amax(dim=-1, keepdim=True)).exp()


@softmax_at.wrong(
    "Can a probability be negative? These are the logarithms of the probabilities: exp is missing."
)
def _logarithms(z: Tensor, temperature: float) -> Tensor:
    return torch.log_softmax(z / temperature, dim=-1)


@softmax_at.inputs
def _scores_and_temperatures(rng: torch.Generator) -> Iterator[tuple[Tensor, float]]:
    yield torch.tensor([[2.0, 1.0, 0.0]]), 0.5
    yield torch.tensor([[1.0, 2.0], [4.0, 1.0], [0.0, 0.0]]), 2.0
    shapes = itertools.cycle([(3, 5), (4, 2), (2, 7), (4, 4), (1, 6), (6, 1)])
    for temperature, (pos, vocab) in zip((1.0, 0.5, 2.0, 0.1, 5.0, 0.7), shapes, strict=False):
        yield torch.randn(pos, vocab, generator=rng) * 3, temperature
        yield torch.randn(pos, vocab, generator=rng) * 1e-3, temperature  # nearly equal
    for offset, temperature in ((1000.0, 2.0), (-1000.0, 3.0), (500.0, 0.5)):
        yield torch.randn(3, 5, generator=rng) + offset, temperature
    far_apart = torch.tensor([[0.0], [-400.0], [300.0], [-900.0]])  # rows
    yield torch.randn(4, 3, generator=rng) + far_apart, 1.5
    yield torch.tensor([[0.0, 200.0, -300.0], [50.0, 50.0, 50.0]]), 0.8
    yield torch.full((2, 4), -3.0), 0.9  # all equal
