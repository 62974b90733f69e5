"""Exercise 17.4: a checker that finds the first wrong step of a written calculation."""

import operator
import re
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "17.4",
    minutes=10,
    hints=(
        "Each line is a number, a sign, a number, = and a number. Take it apart: line.split() gives "
        "the five pieces.",
        "Calculate the left side from its sign, and compare it with the right side as a number. "
        "Return the line's place as soon as they differ.",
        "for place, line in enumerate(text.splitlines()): a, sign, b, _, c = line.split(); compare "
        "{'+': a + b, '-': a - b, '*': a * b}[sign] with c, all as int. Behind the loop: return -1.",
    ),
)
def first_wrong_step(text: str) -> int:
    """Where the first wrong line of a calculation is, counted from 0; -1 if all are right.

    text: lines such as "47 * 20 = 940", with single spaces: a whole number, one of + - *, another
    number, =, and the result. A result may be below 0. Lines that stand below a wrong one and use
    its result are not wrong for that: each line is looked at by itself.
    """
    for place, line in enumerate(text.splitlines()):
        left, sign, right, _, result = line.split()
        a, b = int(left), int(right)
        values = {"+": a + b, "-": a - b, "*": a * b}
        if values[sign] != int(result):
            return place
    return -1


@first_wrong_step.also_right
def _regular_expression(text: str) -> int:
    for place, found in enumerate(re.findall(r"(-?\d+) ([-+*]) (-?\d+) = (-?\d+)", text)):
        a, b, c = int(found[0]), int(found[2]), int(found[3])
        value = a + b if found[1] == "+" else a - b if found[1] == "-" else a * b
        if value != c:
            return place
    return -1


@first_wrong_step.also_right
def _all_at_once(text: str) -> int:
    lines = [line.split() for line in text.split("\n")]
    a, b, c = (torch.tensor([int(line[at]) for line in lines]) for at in (0, 2, 4))
    signs = [line[1] for line in lines]
    plus, minus = (torch.tensor([one == sign for one in signs]) for sign in "+-")
    values = torch.where(plus, a + b, torch.where(minus, a - b, a * b))
    wrong = (values != c).nonzero()
    return int(wrong[0]) if len(wrong) else -1


def _wrong_lines(text: str) -> list[int]:
    signs = {"+": operator.add, "-": operator.sub, "*": operator.mul}
    found = []
    for place, line in enumerate(text.splitlines()):
        left, sign, right, _, result = line.split()
        if signs[sign](int(left), int(right)) != int(result):
            found.append(place)
    return found


@first_wrong_step.wrong(
    "When does the search end? At the first wrong line. This looks at the first line only."
)
def _first_line_only(text: str) -> int:
    return 0 if 0 in _wrong_lines(text) else -1


@first_wrong_step.wrong("Which wrong line is asked for? The first one. This gives the last one.")
def _last_wrong(text: str) -> int:
    return max(_wrong_lines(text), default=-1)


@first_wrong_step.wrong(
    "Where does the count begin? At 0, as in Python; and without a fault it is -1."
)
def _from_one(text: str) -> int:
    return min(_wrong_lines(text), default=-2) + 1


@first_wrong_step.wrong(
    "Is only the end looked at? A right last line does not make the lines above it right."
)
def _last_line_only(text: str) -> int:
    last = len(text.splitlines()) - 1
    return last if last in _wrong_lines(text) else -1


@first_wrong_step.wrong(
    "Is every sign looked at? - and * are calculations, too: this checks the sums only."
)
def _sums_only(text: str) -> int:
    sums = [at for at, line in enumerate(text.splitlines()) if line.split()[1] == "+"]
    return min((at for at in _wrong_lines(text) if at in sums), default=-1)


@first_wrong_step.wrong(
    "Is a line wrong because it uses a wrong result? Each line is looked at by itself: compare its "
    "left side with its right side, and nothing else. This asks whether a line goes on with the "
    "result of the line above."
)
def _chain_of_results(text: str) -> int:
    lines = [line.split() for line in text.splitlines()]
    broken = [
        at for at in range(1, len(lines)) if lines[at - 1][4] not in (lines[at][0], lines[at][2])
    ]
    return min([*_wrong_lines(text), *broken], default=-1)


@first_wrong_step.wrong(
    "A number or a place? The number of wrong lines is not asked for, but where the first one stands."
)
def _number_of_wrong(text: str) -> int:
    return len(_wrong_lines(text)) or -1


@first_wrong_step.inputs
def _calculations(rng: torch.Generator) -> Iterator[tuple[str]]:
    yield ("47 * 20 = 940\n47 * 3 = 131\n940 + 131 = 1071",)
    yield ("5 - 2 = 3\n3 + 3 = 6",)
    for lines in (6, 9, 12, 8, 14, 10, 7, 13, 11, 9, 12):
        wrong = set(torch.randint(lines, (2,), generator=rng).tolist())
        yield ("\n".join(_line(rng, at in wrong) for at in range(lines)),)
    yield ("12 + 9 = 21\n22 - 30 = -8\n-8 * 3 = -25",)
    yield ("6 - 9 = 3\n3 + 4 = 7",)


def _line(rng: torch.Generator, wrong: bool) -> str:
    a, b = torch.randint(2, 99, (2,), generator=rng).tolist()
    sign = "+-*"[int(torch.randint(3, (), generator=rng))]
    value = {"+": a + b, "-": a - b, "*": a * b}[sign]
    off = [1, -1, 10, -10][int(torch.randint(4, (), generator=rng))] if wrong else 0
    return f"{a} {sign} {b} = {value + off}"
