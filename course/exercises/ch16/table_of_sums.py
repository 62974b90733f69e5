"""Exercise 16.4: how large a table of all sums is, and how much of it a text can show."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "16.4",
    minutes=4,
    hints=(
        "How many numbers have at most two digits? 0 to 99: a hundred. And how many pairs of such "
        "numbers are there, the first and the second chosen freely?",
        "10 ** digits numbers, and each goes with each: the square of that.",
        "entries = (10**digits) ** 2. Then the share is shown / entries, and never more than 1.",
    ),
)
def table_of_sums(digits: int, shown: int) -> list[float]:
    """How large a table of all sums is, and how much of it can have been read.

    The table has a row for every question a + b, with a and b from 0 on and of at most
    `digits` digits each. 3 + 5 and 5 + 3 are two questions.

    shown: how many different questions a text holds with their answers.
    Returns the number of rows, and the share of them that the text holds.
    """
    rows = (10**digits) ** 2
    return [float(rows), shown / rows]


@table_of_sums.also_right
def _one_power(digits: int, shown: int) -> list[float]:
    return [float(10 ** (2 * digits)), shown * 10.0 ** (-2 * digits)]


@table_of_sums.also_right
def _a_loop_over_both_numbers(digits: int, shown: int) -> list[float]:
    rows = 1
    for _ in range(digits):
        rows *= 100  # a digit more for a, and one for b
    return [rows, shown / rows]


@table_of_sums.wrong(
    "How many numbers are chosen for one question? Two, a and b: each of the one goes with each of "
    "the other."
)
def _one_number(digits: int, shown: int) -> list[float]:
    return [10**digits, shown / 10**digits]


@table_of_sums.wrong(
    "Added or multiplied? For each a there are as many b: the numbers of choices are multiplied."
)
def _choices_added(digits: int, shown: int) -> list[float]:
    rows = 2 * 10**digits
    return [rows, shown / rows]


@table_of_sums.wrong(
    "Exactly so many digits, or at most? 7 has at most two digits, and so has 0. Count them, too."
)
def _exactly_so_many_digits(digits: int, shown: int) -> list[float]:
    rows = (9 * 10 ** (digits - 1)) ** 2
    return [rows, shown / rows]


@table_of_sums.wrong(
    "Are 3 + 5 and 5 + 3 one question? They have one answer, but they are two rows of this table."
)
def _order_left_out(digits: int, shown: int) -> list[float]:
    numbers = 10**digits
    rows = numbers * (numbers + 1) // 2
    return [rows, shown / rows]


@table_of_sums.wrong(
    "Questions or answers? Many questions have the same answer. The table has a row for each "
    "question."
)
def _answers_counted(digits: int, shown: int) -> list[float]:
    rows = 2 * (10**digits - 1) + 1
    return [rows, shown / rows]


@table_of_sums.wrong(
    "Where do the numbers begin? At 0, and 0 + 5 is a question like any other. This begins at 1."
)
def _zero_left_out(digits: int, shown: int) -> list[float]:
    rows = (10**digits - 1) ** 2
    return [rows, shown / rows]


@table_of_sums.wrong(
    "The share of what? Of the rows of the table, a number from 0 to 1; this gives per cent."
)
def _per_cent(digits: int, shown: int) -> list[float]:
    rows = 10 ** (2 * digits)
    return [rows, 100 * shown / rows]


@table_of_sums.inputs
def _sizes(rng: torch.Generator) -> Iterator[tuple[int, int]]:
    yield 1, 25
    for digits in (2, 3, 4, 5, 7, 2, 3, 4, 6):
        yield digits, int(torch.randint(50, 10**digits, (), generator=rng))
