"""Exercise 16.1: one step of an arithmetic coder."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate

import torch

from course.judging.exercise import exercise


@exercise(
    "16.1",
    minutes=8,
    hints=(
        "How wide is the interval? Both ends belong to it: high - low + 1. And where does the share "
        "of the symbol begin? Behind the counts of all symbols before it.",
        "begin = sum(counts[:symbol]) and end = begin + counts[symbol], out of sum(counts). Turn both "
        "into places: low + width * place // total. Whole numbers all the way: //, not /.",
        "The new interval begins at low + width * begin // total. It ends one before the next "
        "symbol's begins: low + width * end // total - 1. Take the old low for both.",
    ),
)
def narrowed(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    """One step of an arithmetic coder: the part of the interval that belongs to a symbol.

    The interval has all whole numbers from low to high, both included. It is cut in the
    order of the symbols, in proportion to their counts, and each cut is rounded down. So
    the cut before symbol i lies at low + width * (the counts before i) // (all counts).

    low, high: the ends of the interval. Stay with whole numbers: / gives a float, which
        is rounded, and the reader has to come to the very same ends.
    counts: of each symbol, 1 or more.
    symbol: which one comes, from 0.
    Returns the new ends, low and high, both included.
    """
    width, total = high - low + 1, sum(counts)
    begin = sum(counts[:symbol])
    end = begin + counts[symbol]
    return [low + width * begin // total, low + width * end // total - 1]


@narrowed.also_right
def _cuts_in_a_list(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    begins = [0, *accumulate(counts)]
    cuts = [low + (high + 1 - low) * begin // begins[-1] for begin in begins]
    return [cuts[symbol], cuts[symbol + 1] - 1]


@narrowed.also_right
def _fractions(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    share = Fraction(high - low + 1, sum(counts))
    begin = int(share * sum(counts[:symbol]))
    end = int(share * sum(counts[: symbol + 1]))
    return [low + begin, low + end - 1]


@narrowed.also_right
def _walking_through(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    before, total = 0, 0
    for place, count in enumerate(counts):
        total += count
        before += count if place < symbol else 0
    size = high - low + 1
    first = divmod(size * before, total)[0]
    following = divmod(size * (before + counts[symbol]), total)[0]
    return [low + first, low + following - 1]


@narrowed.wrong(
    "How many whole numbers are there from low to high, with both? One more than high - low."
)
def _width_one_short(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    width, total, begin = high - low, sum(counts), sum(counts[:symbol])
    return [low + width * begin // total, low + width * (begin + counts[symbol]) // total - 1]


@narrowed.wrong(
    "May two symbols share a number? They may not, or the reader could not tell them apart. The new "
    "high is one less than where the next symbol begins."
)
def _end_belongs_to_two(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    width, total, begin = high - low + 1, sum(counts), sum(counts[:symbol])
    return [low + width * begin // total, low + width * (begin + counts[symbol]) // total]


@narrowed.wrong(
    "Is 49 * (1 / 49) equal to 1? Not in floats, which are rounded: it is a little less, and int() "
    "makes 0 of it. Multiply whole numbers first, and divide with //."
)
def _in_floats(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    width, total, begin = high - low + 1, sum(counts), sum(counts[:symbol])
    return [
        low + int(width * (begin / total)),
        low + int(width * ((begin + counts[symbol]) / total)) - 1,
    ]


@narrowed.wrong(
    "Which low is the new high counted from? From the old one. Here low was overwritten before high "
    "was computed."
)
def _low_overwritten_first(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    width, total, begin = high - low + 1, sum(counts), sum(counts[:symbol])
    low = low + width * begin // total
    return [low, low + width * (begin + counts[symbol]) // total - 1]


@narrowed.wrong(
    "When is it rounded? Once, at the end. width // total first loses a part of the interval for "
    "every count: multiply, and then divide."
)
def _divided_too_early(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    unit, begin = (high - low + 1) // sum(counts), sum(counts[:symbol])
    return [low + unit * begin, low + unit * (begin + counts[symbol]) - 1]


@narrowed.wrong(
    "Which counts stand before symbol i? Those of the symbols 0 to i - 1. Here the symbol's own is "
    "among them, and the part is that of the next one."
)
def _own_count_among_those_before(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    width, total, begin = high - low + 1, sum(counts), sum(counts[: symbol + 1])
    return [low + width * begin // total, low + width * (begin + counts[symbol]) // total - 1]


@narrowed.wrong("Where does the interval begin? At low, and not at 0: add low to both cuts.")
def _counted_from_zero(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    width, total, begin = high - low + 1, sum(counts), sum(counts[:symbol])
    return [width * begin // total, width * (begin + counts[symbol]) // total - 1]


@narrowed.wrong(
    "Does a symbol with a small count get as much as one with a large one? Each gets its part of the "
    "sum of all counts, not the same part as every other."
)
def _equal_parts(low: int, high: int, counts: list[int], symbol: int) -> list[int]:
    width, total = high - low + 1, len(counts)
    return [low + width * symbol // total, low + width * (symbol + 1) // total - 1]


@narrowed.inputs
def _intervals(rng: torch.Generator) -> Iterator[tuple[int, int, list[int], int]]:
    yield 100, 199, [2, 1, 1], 1
    yield 1000, 1048, [1, 40, 8], 1  # 49 numbers for 49 counts: where floats go wrong
    for bits in (10, 16, 22, 28, 30):
        for size in (3, 5, 9):
            low = int(torch.randint(1, 1 << (bits - 2), (), generator=rng))
            wide = int(torch.randint(1 << (bits - 2), 1 << (bits - 1), (), generator=rng))
            counts = torch.randint(1, 12, (size,), generator=rng).tolist()
            yield low, low + wide, counts, int(torch.randint(1, size, (), generator=rng))
