"""Exercise 17.3: a product, written as the steps that lead to it."""

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
        "parts = [int(d) * 10 ** p ...] without zeros. Then join the three texts: the products "
        "written out, their values, and the sum, with + between the parts and = between the texts.",
    ),
)
def partial_products(x: int, y: int) -> str:
    """A product with its steps, as a text: 47 and 23 give "47*20+47*3=940+141=1081".

    y is cut into a part for each of its digits, from the left; a digit 0 has no part. First stands
    x times each part, then what each gives, then their sum; no spaces.
    y has two different digits at least that are not 0.
    """
    digits = str(y)
    parts = [int(d) * 10 ** (len(digits) - at - 1) for at, d in enumerate(digits) if d != "0"]
    asked = "+".join(f"{x}*{part}" for part in parts)
    values = "+".join(str(x * part) for part in parts)
    return f"{asked}={values}={x * y}"


@partial_products.also_right
def _by_division(x: int, y: int) -> str:
    parts, place, left = [], 1, y
    while left:
        left, digit = divmod(left, 10)
        if digit:
            parts.insert(0, digit * place)
        place *= 10
    return "=".join(
        [
            "+".join(str(x) + "*" + str(part) for part in parts),
            "+".join(str(part * x) for part in parts),
            str(sum(part * x for part in parts)),
        ]
    )


@partial_products.also_right
def _largest_place_first(x: int, y: int) -> str:
    asked, values, left = [], [], y
    for place in (10**power for power in range(len(str(y)) - 1, -1, -1)):
        part = left // place * place
        left -= part
        if part > 0:
            asked.append(f"{x}*{part}")
            values.append(f"{x * part}")
    return "+".join(asked) + "=" + "+".join(values) + f"={x * y}"


def _text(x: int, parts: list[int], total: int) -> str:
    asked = "+".join(f"{x}*{part}" for part in parts)
    return f"{asked}={'+'.join(str(x * part) for part in parts)}={total}"


def _parts(y: int) -> list[int]:
    digits = str(y)
    return [int(d) * 10 ** (len(digits) - at - 1) for at, d in enumerate(digits) if d != "0"]


@partial_products.wrong(
    "What does the 2 of 23 stand for? For 20: a digit counts by its place. 47*2 is ten times too small."
)
def _places_ignored(x: int, y: int) -> str:
    return _text(x, [int(d) for d in str(y) if d != "0"], x * y)


@partial_products.wrong("In which order? From the left, as in 47*20+47*3: the largest part first.")
def _units_first(x: int, y: int) -> str:
    return _text(x, _parts(y)[::-1], x * y)


@partial_products.wrong(
    "Which of the two numbers is cut? The second, y. The first stays whole in every part."
)
def _first_number_cut(x: int, y: int) -> str:
    parts = _parts(x)
    asked = "+".join(f"{part}*{y}" for part in parts)
    return f"{asked}={'+'.join(str(part * y) for part in parts)}={x * y}"


@partial_products.wrong("Does a digit 0 have a part? It adds nothing, and is left out.")
def _zeros_kept(x: int, y: int) -> str:
    digits = str(y)
    parts = [int(d) * 10 ** (len(digits) - at - 1) for at, d in enumerate(digits)]
    return _text(x, parts, x * y)


@partial_products.wrong(
    "How many parts? One for each digit that is not 0. This cuts off the units, and leaves the rest "
    "in one piece."
)
def _two_parts_always(x: int, y: int) -> str:
    return _text(x, [part for part in (y // 10 * 10, y % 10) if part], x * y)


@partial_products.wrong(
    "What stands at the end? The sum of the partial products. It is missing here."
)
def _no_sum(x: int, y: int) -> str:
    return _text(x, _parts(y), x * y).rpartition("=")[0]


@partial_products.wrong(
    "Are the questions written out as well? First 47*20+47*3, and then what each gives."
)
def _values_only(x: int, y: int) -> str:
    return _text(x, _parts(y), x * y).partition("=")[2]


@partial_products.inputs
def _numbers(rng: torch.Generator) -> Iterator[tuple[int, int]]:
    yield 47, 23
    yield 38, 506
    for digits in (2, 3, 4, 2, 3, 4, 3, 5):
        x = int(torch.randint(12, 999, (), generator=rng))
        y = int(torch.randint(10 ** (digits - 1), 10**digits, (), generator=rng))
        yield x, y if len(set(str(y)) - {"0"}) > 1 else y // 10**digits * 10**digits + 12
    yield 29, 7040
