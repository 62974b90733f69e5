"""Exercise 17.3: the steps that lead to a product."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "17.3",
    minutes=8,
    hints=(
        "23 is 20 and 3. So 47 times 23 is 47 times 20, and 47 times 3 added to it. Which number has "
        "to be cut, and into what?",
        "Go through the digits of y from the left. A digit at place p from the right stands for "
        "digit * 10 ** p; a digit 0 has no part.",
        "parts = [x * int(d) * 10 ** p ...] for the digits d that are not 0; then parts + [sum(parts)].",
    ),
)
def partial_products(x: int, y: int) -> list[int]:
    """The partial products of x times y, and their sum: 47 and 23 give [940, 141, 1081].

    y is cut into a part for each of its digits, from the left: 23 into 20 and 3. A digit 0 has no
    part. Each part is multiplied by x; the sum of these products stands at the end.
    """
    digits = str(y)
    parts = [x * int(d) * 10 ** (len(digits) - at - 1) for at, d in enumerate(digits) if d != "0"]
    return [*parts, sum(parts)]


@partial_products.also_right
def _by_division(x: int, y: int) -> list[int]:
    products, place, left = [x * y], 1, y
    while left:
        left, digit = divmod(left, 10)
        if digit:
            products.insert(0, x * digit * place)
        place *= 10
    return products


@partial_products.also_right
def _largest_place_first(x: int, y: int) -> list[int]:
    steps, left = [], y
    for place in (10**power for power in range(len(str(y)) - 1, -1, -1)):
        part = left // place * place
        left -= part
        if part > 0:
            steps.append(part * x)
    steps.append(x * y)
    return steps


def _parts(y: int) -> list[int]:
    digits = str(y)
    return [int(d) * 10 ** (len(digits) - at - 1) for at, d in enumerate(digits) if d != "0"]


@partial_products.wrong(
    "What does the 2 of 23 stand for? For 20: a digit counts by its place. 47 * 2 is ten times too "
    "small."
)
def _places_ignored(x: int, y: int) -> list[int]:
    products = [x * int(d) for d in str(y) if d != "0"]
    return [*products, sum(products)]


@partial_products.wrong("In which order? From the left: the largest part comes first.")
def _units_first(x: int, y: int) -> list[int]:
    return [*[x * part for part in _parts(y)][::-1], x * y]


@partial_products.wrong(
    "Which of the two numbers is cut? The second, y. The first stays whole in every part."
)
def _first_number_cut(x: int, y: int) -> list[int]:
    return [*[part * y for part in _parts(x)], x * y]


@partial_products.wrong(
    "Are both numbers cut? Only y is. This multiplies each digit of the one with each of the other."
)
def _both_cut(x: int, y: int) -> list[int]:
    return [*[one * other for other in _parts(y) for one in _parts(x)], x * y]


@partial_products.wrong("Does a digit 0 have a part? It adds nothing, and is left out.")
def _zeros_kept(x: int, y: int) -> list[int]:
    digits = str(y)
    parts = [int(d) * 10 ** (len(digits) - at - 1) for at, d in enumerate(digits)]
    return [*[x * part for part in parts], x * y]


@partial_products.wrong(
    "How many parts? One for each digit that is not 0. This cuts off the units, and leaves the rest "
    "in one piece."
)
def _two_parts_always(x: int, y: int) -> list[int]:
    return [*[x * part for part in (y // 10 * 10, y % 10) if part], x * y]


@partial_products.wrong("What stands at the end? The sum of the partial products. It is missing.")
def _no_sum(x: int, y: int) -> list[int]:
    return [x * part for part in _parts(y)]


@partial_products.wrong(
    "Parts or products? This gives the parts of y; each of them has still to be multiplied by x."
)
def _parts_only(x: int, y: int) -> list[int]:
    return [*_parts(y), x * y]


@partial_products.inputs
def _numbers(rng: torch.Generator) -> Iterator[tuple[int, int]]:
    yield 47, 23
    yield 38, 506
    for digits in (2, 3, 4, 2, 3, 4, 3, 5):
        x = int(torch.randint(112, 999, (), generator=rng))
        yield x, int(torch.randint(10 ** (digits - 1), 10**digits, (), generator=rng))
    yield 29, 7040
