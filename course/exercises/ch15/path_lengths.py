"""Exercise 15.2: how many steps a nudge takes from one place to another."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "15.2",
    minutes=5,
    hints=(
        "A recurrent layer hands its state on from place to place. From place 3 to place 7 these "
        "are how many steps?",
        "One layer of a convolution carries a nudge at most width - 1 places on. Two carry it twice "
        "as far. Round up: math.ceil, or -(-a // b).",
        "In attention every query looks itself at every key before it.",
    ),
)
def path_lengths(start: int, end: int, width: int) -> list[int]:
    """The least number of steps from place `start` to place `end`, which stands after it.

    Three numbers: for a recurrent layer, in which a step leads from one place to the next;
    for causal convolutions, one above the other, in each of which a place reads itself and
    the width - 1 places before it; for attention, in which a place reads itself and all
    places before it.

    start, end: places from 0 up, start < end. width: 2 or more.
    Returns [recurrent, convolution, attention], whole numbers.
    """
    distance = end - start
    return [distance, math.ceil(distance / (width - 1)), 1]


@path_lengths.also_right
def _by_walking(start: int, end: int, width: int) -> list[int]:
    lengths = []
    for stride in (1, width - 1, end - start):
        steps, place = 0, start
        while place < end:
            place, steps = place + stride, steps + 1
        lengths.append(steps)
    return lengths


@path_lengths.also_right
def _whole_numbers_only(start: int, end: int, width: int) -> list[int]:
    return [-((start - end) // reach) for reach in (1, width - 1, end)]


def _lengths(
    start: int,
    end: int,
    width: int,
    recurrent: int | None = None,
    convolution: int | None = None,
    attention: int = 1,
) -> list[int]:
    right = path_lengths.reference(start, end, width)
    return [
        right[0] if recurrent is None else recurrent,
        right[1] if convolution is None else convolution,
        attention,
    ]


@path_lengths.wrong(
    "From place 3 to place 4, how many steps? One. Count the steps, not the places: end - start."
)
def _places_counted(start: int, end: int, width: int) -> list[int]:
    return _lengths(start, end, width, recurrent=end - start + 1)


@path_lengths.wrong("How many steps lie between neighbours? One, not none: end - start.")
def _one_too_few(start: int, end: int, width: int) -> list[int]:
    return _lengths(start, end, width, recurrent=end - start - 1)


@path_lengths.wrong(
    "Does it matter in attention how far apart the places are? No: the query reads the key itself, "
    "in one step."
)
def _attention_walks(start: int, end: int, width: int) -> list[int]:
    return _lengths(start, end, width, attention=end - start)


@path_lengths.wrong("A look is a step, too: in attention it is 1, not 0.")
def _attention_free(start: int, end: int, width: int) -> list[int]:
    return _lengths(start, end, width, attention=0)


@path_lengths.wrong(
    "How far does one layer of a convolution reach? It reads itself and width - 1 places before: a "
    "step leads width - 1 places on, not width."
)
def _whole_width(start: int, end: int, width: int) -> list[int]:
    return _lengths(start, end, width, convolution=math.ceil((end - start) / width))


@path_lengths.wrong(
    "What if the last step is not used up? It is a step all the same: round up. Here it is rounded "
    "down."
)
def _rounded_down(start: int, end: int, width: int) -> list[int]:
    return _lengths(start, end, width, convolution=(end - start) // (width - 1))


@path_lengths.wrong(
    "Is a step begun only where it is needed? 4 places in steps of 2 take 2, not 3."
)
def _always_one_more(start: int, end: int, width: int) -> list[int]:
    return _lengths(start, end, width, convolution=(end - start) // (width - 1) + 1)


@path_lengths.wrong(
    "Does the reach grow by a factor with each layer, or by a sum? These layers have no gaps: each "
    "adds width - 1 places. (With gaps that grow, as in ByteNet, it would be a logarithm.)"
)
def _logarithm(start: int, end: int, width: int) -> list[int]:
    layers, reach = 0, 1
    while reach <= end - start:
        layers, reach = layers + 1, reach * width
    return _lengths(start, end, width, convolution=layers)


@path_lengths.wrong("From where is the way measured? From start, not from place 0.")
def _from_the_beginning(start: int, end: int, width: int) -> list[int]:
    return path_lengths.reference(0, end, width)


@path_lengths.wrong("In which order? Recurrent first, then the convolution, attention last.")
def _other_order(start: int, end: int, width: int) -> list[int]:
    return path_lengths.reference(start, end, width)[::-1]


@path_lengths.inputs
def _ways(rng: torch.Generator) -> Iterator[tuple[int, int, int]]:
    yield 3, 7, 3
    yield 0, 1, 2
    for highest in (10, 20, 40, 100, 300):
        start, gap = (int(n) for n in torch.randint(1, highest, (2,), generator=rng))
        width = int(torch.randint(3, 7, (1,), generator=rng))
        yield start, start + gap, width
        yield start, start + 4 * (width - 1), width
        yield start + 2, start + 3 * width + 4, width
