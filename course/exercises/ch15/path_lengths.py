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
        "In attention a query looks itself at the key, if that is within the window: one step. If not, "
        "how many windows lie one behind the other?",
    ),
)
def path_lengths(start: int, end: int, width: int, window: int) -> list[int]:
    """The least number of steps from place `start` to place `end`, which stands after it.

    Three numbers: for a recurrent layer, in which a step leads from one place to the next;
    for causal convolutions, one above the other, in each of which a place reads itself and
    the width - 1 places before it; for layers of attention, in each of which a place reads
    itself and the `window` places before it.

    start, end: places from 0 up, start < end. width: 2 or more. window: 1 or more; in the
        attention of chapter 10 it is as long as the text.
    Returns [recurrent, convolution, attention], whole numbers.
    """
    distance = end - start
    return [distance, math.ceil(distance / (width - 1)), math.ceil(distance / window)]


@path_lengths.also_right
def _by_walking(start: int, end: int, width: int, window: int) -> list[int]:
    lengths = []
    for stride in (1, width - 1, window):
        steps, place = 0, start
        while place < end:
            place, steps = place + stride, steps + 1
        lengths.append(steps)
    return lengths


@path_lengths.also_right
def _whole_numbers_only(start: int, end: int, width: int, window: int) -> list[int]:
    return [-((start - end) // reach) for reach in (1, width - 1, window)]


def _lengths(
    start: int,
    end: int,
    width: int,
    window: int,
    **other: int,
) -> list[int]:
    """The right answer, with one number of it, `recurrent`, `convolution` or `attention`, another."""
    names = ("recurrent", "convolution", "attention")
    right = dict(zip(names, path_lengths.reference(start, end, width, window), strict=True))
    return list((right | other).values())


@path_lengths.wrong(
    "From place 3 to place 4, how many steps? One. Count the steps, not the places: end - start."
)
def _places_counted(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, recurrent=end - start + 1)


@path_lengths.wrong("How many steps lie between neighbours? One, not none: end - start.")
def _one_too_few(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, recurrent=end - start - 1)


@path_lengths.wrong(
    "Does attention hand on from neighbour to neighbour? No: the query reads a key itself, as far "
    "back as the window goes."
)
def _attention_walks(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, attention=end - start)


@path_lengths.wrong("A look is a step, too: within the window it is 1, not 0.")
def _attention_free(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, attention=(end - start - 1) // window)


@path_lengths.wrong(
    "What if the key lies outside the window? Then a second layer is needed, from a place on the way."
)
def _always_one_look(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, attention=1)


@path_lengths.wrong(
    "Is the place itself part of the window? Here it is not: it reads itself and `window` places "
    "before. (The width of a convolution counts the place itself.)"
)
def _window_with_itself(start: int, end: int, width: int, window: int) -> list[int]:
    looks = math.ceil((end - start) / max(1, window - 1))
    return _lengths(start, end, width, window, attention=looks)


@path_lengths.wrong(
    "How far does one layer of a convolution reach? It reads itself and width - 1 places before: a "
    "step leads width - 1 places on, not width."
)
def _whole_width(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, convolution=math.ceil((end - start) / width))


@path_lengths.wrong(
    "What if the last step is not used up? It is a step all the same: round up. Here it is rounded "
    "down."
)
def _rounded_down(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, convolution=(end - start) // (width - 1))


@path_lengths.wrong(
    "Is a step begun only where it is needed? 4 places in steps of 2 take 2, not 3."
)
def _always_one_more(start: int, end: int, width: int, window: int) -> list[int]:
    return _lengths(start, end, width, window, convolution=(end - start) // (width - 1) + 1)


@path_lengths.wrong(
    "Does the reach grow by a factor with each layer, or by a sum? These layers have no gaps: each "
    "adds width - 1 places. (With gaps that grow, as in ByteNet, it would be a logarithm.)"
)
def _logarithm(start: int, end: int, width: int, window: int) -> list[int]:
    layers, reach = 0, 1
    while reach <= end - start:
        layers, reach = layers + 1, reach * width
    return _lengths(start, end, width, window, convolution=layers)


@path_lengths.wrong("From where is the way measured? From start, not from place 0.")
def _from_the_beginning(start: int, end: int, width: int, window: int) -> list[int]:
    return path_lengths.reference(0, end, width, window)


@path_lengths.wrong("In which order? Recurrent first, then the convolution, attention last.")
def _other_order(start: int, end: int, width: int, window: int) -> list[int]:
    return path_lengths.reference(start, end, width, window)[::-1]


@path_lengths.inputs
def _ways(rng: torch.Generator) -> Iterator[tuple[int, int, int, int]]:
    yield 3, 7, 3, 2
    yield 0, 1, 2, 1
    for highest in (10, 20, 40, 100, 300):
        start, gap = (int(n) for n in torch.randint(1, highest, (2,), generator=rng))
        width, window = (int(n) for n in torch.randint(3, 7, (2,), generator=rng))
        yield start, start + gap, width, 2 * window
        yield start, start + 4 * (width - 1), width, window
        yield start + 2, start + 3 * width + 4, width, 400
        yield start + 1, start + 1 + 3 * window, width, window
