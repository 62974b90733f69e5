"""Exercise 21.6: the number that a sloppy checker pays most for, though it solves no problem."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import torch

from course.judging.exercise import exercise


@exercise(
    "21.6",
    minutes=8,
    hints=(
        "You need not be clever: there are few numbers with so many digits. Try each of them on all "
        "answers, and keep the one that is paid most often.",
        "The checker's rule in Python is str(answer) in str(number). The smallest number with so "
        'many digits is int("1" + "0" * (digits - 1)), the largest is int("9" * digits).',
        "max(numbers, key=lambda number: sum(str(answer) in str(number) for answer in answers)): max "
        "keeps the first of several that are equally good, so go upwards.",
    ),
)
def fool_the_checker(answers: list[int], digits: int) -> int:
    """The number that a sloppy checker pays most for, though it solves no problem.

    The checker pays a reply if the digits of the right answer stand in it, side by side and in
    order, wherever that is: 417 is paid if the answer is 4, 1, 7, 41, 17 or 417. Your reply
    is one number, always the same, whatever the problem. Find the best one.

    answers: the right answers to many problems, 0 or more. The same one may come often.
    digits: how many digits your number has, the first of them not 0: from 1 to 4.
    Returns the number that is paid for most of the problems. Of several that are equally good, the
    smallest.
    """
    numbers = range(10 ** (digits - 1), 10**digits)
    return max(numbers, key=lambda number: sum(str(answer) in str(number) for answer in answers))


@fool_the_checker.also_right
def _each_answer_once(answers: list[int], digits: int) -> int:
    times = Counter(map(str, answers))
    best, most = 0, -1
    for number in range(10 ** (digits - 1), 10**digits):
        text = str(number)
        parts = {text[i:j] for i in range(digits) for j in range(i + 1, digits + 1)}
        paid = sum(times[part] for part in parts)
        if paid > most:
            best, most = number, paid
    return best


@fool_the_checker.also_right
def _digit_by_digit(answers: list[int], digits: int) -> int:
    texts = [str(answer) for answer in answers]
    paid = {}
    for first, *rest in product("0123456789", repeat=digits):
        text = "".join([first, *rest])
        if first != "0":
            paid[int(text)] = -sum(one in text for one in texts)
    return sorted(paid, key=lambda number: (paid[number], number))[0]


@fool_the_checker.also_right
def _with_finds(answers: list[int], digits: int) -> int:
    numbers = list(range(10 ** (digits - 1), 10**digits))
    counts = torch.zeros(len(numbers), dtype=torch.int64)
    for answer in answers:
        counts += torch.tensor([str(number).find(str(answer)) >= 0 for number in numbers])
    return numbers[int((counts == counts.max()).nonzero()[0])]


def _best(digits: int, paid: dict[int, int]) -> int:
    """The smallest of the numbers that are paid most."""
    return max(range(10 ** (digits - 1), 10**digits), key=lambda number: paid[number])


def _all(digits: int) -> range:
    return range(10 ** (digits - 1), 10**digits)


@fool_the_checker.wrong(
    "Whose rule is this? The strict checker's: the number must be the answer. The sloppy one also "
    "pays if the answer is only a part of it."
)
def _strict(answers: list[int], digits: int) -> int:
    return _best(digits, {one: sum(one == answer for answer in answers) for one in _all(digits)})


@fool_the_checker.wrong(
    "Does an answer that comes often count once? Each problem pays by itself. Here every answer "
    "counts once."
)
def _each_kind_once(answers: list[int], digits: int) -> int:
    return fool_the_checker.reference(sorted(set(answers)), digits)


@fool_the_checker.wrong(
    "Does the order of the digits matter? It does: side by side and in order. Here an answer is paid "
    "as soon as all of its digits occur anywhere."
)
def _digits_in_any_order(answers: list[int], digits: int) -> int:
    paid = {
        one: sum(set(str(answer)) <= set(str(one)) for answer in answers) for one in _all(digits)
    }
    return _best(digits, paid)


@fool_the_checker.wrong(
    "What stands in what? The answer in your number. Here it is the other way round, and only long "
    "answers pay."
)
def _the_other_way_round(answers: list[int], digits: int) -> int:
    paid = {one: sum(str(one) in str(answer) for answer in answers) for one in _all(digits)}
    return _best(digits, paid)


@fool_the_checker.wrong(
    "Which one of several that are equally good? The smallest. This is the largest."
)
def _largest(answers: list[int], digits: int) -> int:
    paid = {one: sum(str(answer) in str(one) for answer in answers) for one in _all(digits)}
    return max(_all(digits), key=lambda one: (paid[one], one))


@fool_the_checker.wrong(
    "Most, or least? This is the number that is paid least often: the most honest one."
)
def _least_paid(answers: list[int], digits: int) -> int:
    paid = {one: -sum(str(answer) in str(one) for answer in answers) for one in _all(digits)}
    return _best(digits, paid)


@fool_the_checker.wrong(
    "Does a number that holds the answer twice get twice the pay? No: each problem pays once or not "
    "at all. Here every place counts."
)
def _every_place_counts(answers: list[int], digits: int) -> int:
    paid = {one: sum(str(one).count(str(answer)) for answer in answers) for one in _all(digits)}
    return _best(digits, paid)


@fool_the_checker.wrong(
    "Where may the answer stand? Anywhere. Here it counts at the end only: a good start for a strict "
    "checker."
)
def _at_the_end_only(answers: list[int], digits: int) -> int:
    paid = {one: sum(str(one).endswith(str(answer)) for answer in answers) for one in _all(digits)}
    return _best(digits, paid)


@fool_the_checker.wrong(
    "Do only answers of one digit pay? A longer one pays, too, if it stands in your number as it is."
)
def _single_digits_only(answers: list[int], digits: int) -> int:
    return fool_the_checker.reference([answer for answer in answers if answer <= 9], digits)


@fool_the_checker.inputs
def _right_answers(rng: torch.Generator) -> Iterator[tuple[list[int], int]]:
    yield [7, 3, 7, 9, 3, 7], 2
    yield [12, 2, 31, 12, 5, 31, 40], 3
    yield [88, 3, 88, 5, 8], 2
    shapes = ((2, 30, 60), (3, 40, 70), (2, 60, 200), (3, 25, 40), (1, 20, 15), (2, 30, 30))
    for digits, count, most in (*shapes, (3, 50, 500), (2, 40, 99), (3, 30, 150), (4, 8, 120)):
        # small answers are commoner than large ones, and some are liked
        liked = torch.randint(0, most, (6,), generator=rng).tolist()
        small = torch.rand(count, generator=rng).square() * most
        answers = [int(one) for one in small.tolist()] + liked[:3] * 4 + liked[3:] * 2
        yield answers, digits
