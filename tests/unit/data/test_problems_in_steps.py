"""Calculations with their steps: against Python's own arithmetic, and refused where they are none."""

import random
import re

import pytest

from utils.data.problems_in_steps import (
    completion,
    last_digit_from,
    last_digit_problem,
    last_digits,
    one_of,
    product_problem,
    split_products,
    totals,
)


def worked_out(question: str) -> str:
    """The last digit after each operation, by brackets and Python's eval."""
    body = question[:-1]
    found = []
    for end in range(3, len(body) + 1, 2):
        nested = body[0]
        for at in range(1, end, 2):
            nested = f"({nested}{body[at : at + 2]})"
        found.append(eval(nested) % 10)
    return "".join(map(str, found))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_last_digits_are_those_of_the_whole_number(size):
    rng = random.Random(size)
    for _ in range(40):
        problem = last_digits(size)(rng)
        assert problem.steps + problem.answer == worked_out(problem.question)
        assert len(problem.steps) == size - 1 and len(problem.question) == 2 * size + 2
        assert set(re.findall(r"\*(\d)", problem.question)) <= set("379")


def test_all_operations_and_first_digits_are_drawn():
    rng = random.Random(3)
    questions = [last_digits(4)(rng).question for _ in range(500)]
    operations = set(re.findall(r"[*+]\d", "".join(questions)))
    assert operations == {"*3", "*7", "*9", *(f"+{digit}" for digit in range(1, 10))}
    assert {question[0] for question in questions} == set("0123456789")


def test_from_a_broken_step_the_rest_is_calculated_on():
    question = "3*7+4*3+7*9="  # 1, 5, 5, 2, 8
    assert last_digit_from(question, 0, 2) == str((((2 + 4) * 3 + 7) * 9) % 10)
    assert last_digit_from(question, 3, 6) == "4"
    assert last_digit_from(question, 4, 6) == "6"
    rng = random.Random(2)
    for _ in range(30):
        problem = last_digits(5)(rng)
        at = rng.randrange(4)
        assert last_digit_from(problem.question, at, int(problem.steps[at])) == problem.answer
        other = (int(problem.steps[at]) + rng.randint(1, 9)) % 10
        assert last_digit_from(problem.question, at, other) != problem.answer  # nothing is lost
    with pytest.raises(ValueError, match="no step 5: give one from 0 to 4"):
        last_digit_from(question, 5, 1)


@pytest.mark.parametrize("text", ["", "3", "3=", "3*7", "13*7=", "3-7=", "3*=", "a+1=", "3*7=1"])
def test_what_is_no_calculation_is_told(text):
    with pytest.raises(ValueError, match="no calculation of single digits"):
        last_digit_problem(text)


def test_what_is_written_before_the_answer():
    problem = last_digit_problem("9+8*3+1=")
    assert [completion(problem, way) for way in ("direct", "dots", "steps")] == ["2", "..2", "712"]
    with pytest.raises(Exception, match="loud"):  # the types' own error under the tests
        completion(problem, "loud")


@pytest.mark.parametrize("numbers", [2, 3, 5, 9])
def test_totals_run_up_to_the_sum(numbers):
    rng = random.Random(numbers)
    for _ in range(30):
        problem = totals(numbers)(rng)
        terms = [int(term) for term in problem.question[:-1].split("+")]
        assert len(terms) == numbers and int(problem.answer) == sum(terms)
        running = [int(problem.steps[at : at + 2]) for at in range(0, len(problem.steps), 2)]
        assert running == [sum(terms[:count]) for count in range(2, numbers)]


def test_products_have_their_parts():
    assert product_problem(47, 23).steps == "0940+141=" and product_problem(47, 23).answer == "1081"
    for x, y in ((10, 10), (99, 99), (12, 30), (81, 17)):
        problem = product_problem(x, y)
        first, second = map(int, problem.steps.rstrip("=").split("+"))
        assert first + second == x * y == int(problem.answer)
        assert second == x * (y % 10) and len(completion(problem, "steps")) == 13
    with pytest.raises(ValueError, match="7 was given; give numbers from 10 to 99"):
        product_problem(7, 23)


def test_products_are_read_or_left_out():
    read, left_out = split_products(400, seed=4)
    asked = [problem.question for problem in (*read, *left_out)]
    assert len(left_out) == 400 and len(asked) == len(set(asked)) == 8100
    assert split_products(400, seed=4) == (read, left_out) != split_products(400, seed=5)
    drawn = {one_of(read[:3])(random.Random(seed)).question for seed in range(40)}
    assert drawn == {problem.question for problem in read[:3]}
