"""Exercise 15.2: how many steps a nudge takes from one place to another."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "15.2",
    minutes=8,
    hints=(
        "A recurrent layer hands its state on from place to place. From place 3 to place 7 these "
        "are how many steps?",
        "In attention every query looks at every key before it itself.",
        "One layer of a convolution carries a nudge at most width - 1 places on. Two carry it twice "
        "as far. Round up: math.ceil, or -(-a // b).",
    ),
)
def path_length(kind: str, start: int, end: int, width: int) -> int:
    """The least number of steps from the state of place `start` to that of place `end`,
    which stands after it.

    kind: "recurrent": a step leads from one place to the next. "attention": a step leads
        from any place to any later one. "convolution": causal layers, one above the
        other; in each, a place reads itself and the width - 1 places before it, so a step
        leads at most width - 1 places on.
    start, end: places from 0 up, start < end. width: 2 or more; only a convolution needs it.
    Returns a whole number.
    """
    distance = end - start
    if kind == "recurrent":
        return distance
    if kind == "attention":
        return 1
    return math.ceil(distance / (width - 1))


@path_length.also_right
def _by_walking(kind: str, start: int, end: int, width: int) -> int:
    stride = {"recurrent": 1, "attention": end - start, "convolution": width - 1}[kind]
    steps, place = 0, start
    while place < end:
        place, steps = place + stride, steps + 1
    return steps


@path_length.also_right
def _whole_numbers_only(kind: str, start: int, end: int, width: int) -> int:
    reach = {"recurrent": 1, "attention": end, "convolution": width - 1}
    return -((start - end) // reach[kind])


def _with(
    kind: str, start: int, end: int, recurrent: float, attention: float, convolution: float
) -> int:
    return int({"recurrent": recurrent, "attention": attention, "convolution": convolution}[kind])


@path_length.wrong(
    "From place 3 to place 4, how many steps? One. Count the steps, not the places: end - start."
)
def _places_counted(kind: str, start: int, end: int, width: int) -> int:
    layers = math.ceil((end - start) / (width - 1))
    return _with(kind, start, end, end - start + 1, 1, layers)


@path_length.wrong("How many steps lie between neighbours? One, not none: end - start.")
def _one_too_few(kind: str, start: int, end: int, width: int) -> int:
    layers = math.ceil((end - start) / (width - 1))
    return _with(kind, start, end, end - start - 1, 1, layers)


@path_length.wrong(
    "Does it matter in attention how far apart the places are? No: the query reads the key itself, "
    "in one step."
)
def _attention_walks(kind: str, start: int, end: int, width: int) -> int:
    layers = math.ceil((end - start) / (width - 1))
    return _with(kind, start, end, end - start, end - start, layers)


@path_length.wrong("A look is a step, too: in attention it is 1, not 0.")
def _attention_free(kind: str, start: int, end: int, width: int) -> int:
    layers = math.ceil((end - start) / (width - 1))
    return _with(kind, start, end, end - start, 0, layers)


@path_length.wrong(
    "How far does one layer of a convolution reach? It reads itself and width - 1 places before: a "
    "step leads width - 1 places on, not width."
)
def _whole_width(kind: str, start: int, end: int, width: int) -> int:
    return _with(kind, start, end, end - start, 1, math.ceil((end - start) / width))


@path_length.wrong("What if the last step is not used up? It is a step all the same: round up.")
def _rounded_down(kind: str, start: int, end: int, width: int) -> int:
    return _with(kind, start, end, end - start, 1, (end - start) // (width - 1))


@path_length.wrong(
    "Does the reach grow by a factor with each layer, or by a sum? These layers have no gaps: each "
    "adds width - 1 places. (With gaps that grow, as in ByteNet, it would be a logarithm.)"
)
def _logarithm(kind: str, start: int, end: int, width: int) -> int:
    layers, reach = 0, 1
    while reach <= end - start:
        layers, reach = layers + 1, reach * width
    return _with(kind, start, end, end - start, 1, layers)


@path_length.wrong("From where is the way measured? From start, not from place 0.")
def _from_the_beginning(kind: str, start: int, end: int, width: int) -> int:
    return _with(kind, start, end, end, 1, math.ceil(end / (width - 1)))


@path_length.inputs
def _ways(rng: torch.Generator) -> Iterator[tuple[str, int, int, int]]:
    for kind in ("recurrent", "attention", "convolution"):
        yield kind, 3, 7, 3
        yield kind, 0, 1, 2
        for highest in (10, 40, 300):
            start, gap = (int(n) for n in torch.randint(1, highest, (2,), generator=rng))
            width = int(torch.randint(2, 6, (1,), generator=rng))
            yield kind, start, start + gap, width
            yield kind, start, start + 4 * width + 1, width
