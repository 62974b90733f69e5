"""People who calculate: how often they write steps, how often they slip, and what follows from it."""

import random

import pytest

from utils.data.careless_solutions import LAST_DIGITS, TOTALS, Habits, solution


def next_total(task, last, sign, number):
    """By hand: what comes after a step, right or wrong."""
    if task is TOTALS:
        return last + number
    return (last * number if sign == "*" else last + number) % 10


def chains(task, size, habits, count=400):
    """Problems with what was written, as numbers."""
    rng = random.Random(size)
    width = 2 if task is TOTALS else 1
    found = []
    for _ in range(count):
        problem = task.draw(size)(rng)
        text = solution(task, problem, habits, rng)
        assert text.endswith(".")
        digits = text[:-1]
        found.append((problem, [int(digits[i : i + width]) for i in range(0, len(digits), width)]))
    return found


@pytest.mark.parametrize(("task", "size", "steps"), [(LAST_DIGITS, 4, 4), (TOTALS, 5, 4)])
def test_without_slips_everything_is_right(task, size, steps):
    for problem, written in chains(task, size, Habits(with_steps=1.0, slips=0.0), 50):
        width = len(problem.answer)
        assert "".join(f"{one:0{width}d}" for one in written) == problem.steps + problem.answer
        assert len(written) == steps


@pytest.mark.parametrize(("task", "size"), [(LAST_DIGITS, 3), (TOTALS, 4)])
def test_a_slip_is_carried_on(task, size):
    slipped, steps = 0, 0
    for problem, written in chains(task, size, Habits(with_steps=1.0, slips=0.3)):
        question = "+" + problem.question[:-1] if task is TOTALS else problem.question[:-1]
        numbers = [int(one) for one in question if one.isdigit()]
        signs = [one for one in question if one in "+*"][-len(written) :]
        last = numbers[0]
        for sign, number, found in zip(signs, numbers[1:], written, strict=True):
            slipped += found != next_total(task, last, sign, number)
            steps += 1
            last = found
    # one slip in ten on last digits draws the right digit by chance
    expected = 0.3 if task is TOTALS else 0.27
    assert slipped / steps == pytest.approx(expected, abs=0.05)


def test_habits_are_shares_and_bare_answers_are_right():
    found = chains(LAST_DIGITS, 4, Habits(with_steps=0.25, slips=1.0))
    bare = [(problem, written) for problem, written in found if len(written) == 1]
    assert len(bare) / len(found) == pytest.approx(0.75, abs=0.06)
    assert all(str(written[0]) == problem.answer for problem, written in bare)
    with pytest.raises(ValueError, match=r"slips is 1\.5"):
        Habits(with_steps=0.5, slips=1.5)
