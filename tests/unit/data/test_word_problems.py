"""Variants of the documents' problems, the numbers that replies give, and a calculator that runs
nothing.
"""

import re

import pytest

from utils.data.decimal_pairs import decimal_pairs
from utils.data.word_problems import (
    apple_problems,
    calculated,
    called,
    few_shot,
    final_answer,
    reply_begun,
    share_right,
    times_problems,
    written_steps,
)


def test_the_documents_problem_comes_first_and_all_differ():
    longer, shorter, times = apple_problems(True), apple_problems(False), times_problems()
    assert longer[0].question.startswith("If John has 5 apples and gives 2 to Mary, then buys 3")
    assert shorter[0].question.startswith("If John has 3 apples and gives 2 to Mary")
    assert [one[0].answer for one in (longer, shorter, times)] == [6, 1, 1081]
    for problems in (longer, shorter, times):
        assert len({problem.question for problem in problems}) == 20


def test_answers_come_from_the_numbers_of_the_question():
    for problem in (*apple_problems(True, 30, seed=3), *times_problems(30, seed=3)):
        numbers = re.findall(r"\d+", problem.question)
        assert re.findall(r"\d+", problem.expression) == numbers
        assert eval(problem.expression) == problem.answer > 0
    for problem in apple_problems(False, 30, seed=3):
        has, gives = map(int, re.findall(r"\d+", problem.question))
        assert has - gives == problem.answer > 0


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("5 - 2 = 3 and 3 + 3 = 6 apples.", 6),
        ("so 12.\n#### 12\nThe answer is 12.\n\nThis is 1 of 3", 12),
        ("The answer is: 7 cards, as 9 - 2", 7),
        ("1,081", 1081),
        ("it is 3.0", 3),
        ("nothing at all", None),
    ],
)
def test_the_answer_of_a_reply(reply, answer):
    assert final_answer(reply) == answer


def test_a_reply_that_was_begun_gives_its_answer_first():
    assert final_answer(" 9.\n\nThis is 1 of 4", begun=True) == 9
    assert final_answer(" 9.\n\nThis is 1 of 4") == 4


def test_a_step_is_put_into_the_mouth_right_or_broken():
    problem = apple_problems(True)[0]
    assert "had 5 - 2 = 3 apples. Then John bought 3 more" in reply_begun(problem, 0)
    assert "had 5 - 2 = 4 apples. Then John bought 3 more" in reply_begun(problem, 1)
    with pytest.raises(ValueError, match="no problem of giving away and buying"):
        reply_begun(times_problems()[0], 0)


def test_the_calculator_reads_numbers_and_three_signs_only():
    assert [calculated(text) for text in ("6 - 1 + 4", "31 × 58", "2 + 3 * 4")] == [9, 1798, 14]
    for text in ("__import__('os')", "2 ** 9", "7 / 2", "1.5 * 2", "", "(", "True + 1", "x"):
        assert calculated(text) is None
    assert called(" calculate(47 × 23)\nQ") == 1081
    assert called("47 * 23") is None and called("calculate(print(1))") is None


def test_steps_are_found_in_a_text():
    text = "so 5 - 2 = 3 apples.\nThen 3+3=7, and 4 x 5 = 20. 2 + 2 is 4, and x = 5. 9 + 2 - 4 = 7"
    found = written_steps(text)
    assert found == [("5 - 2", 3), ("3+3", 7), ("4 * 5", 20), ("9 + 2 - 4", 7)]
    assert [calculated(left) == result for left, result in found] == [True, False, True, True]


def test_three_examples_stand_before_the_question_and_are_right():
    problem = times_problems()[0]
    as_calls, as_numbers = few_shot(problem, calls=True), few_shot(problem, calls=False)
    calls = re.findall(r"A: calculate\((.*)\)", as_calls)
    assert [str(eval(call)) for call in calls] == re.findall(r"A: (\d+)", as_numbers)
    assert len(calls) == 3 and as_calls.endswith(f"Q: {problem.question}\nA:")


def test_shares_go_problem_by_problem():
    problems = apple_problems(True, 4)
    said = [problems[0].answer, None, problems[2].answer + 1, problems[3].answer]
    assert share_right(said, problems) == 0.5


def test_decimals_whose_longer_one_is_smaller():
    pairs = decimal_pairs(20)
    assert pairs[0] == ("9.9", "9.11") and len(set(pairs)) == 20
    for pair in decimal_pairs(60, seed=2):
        assert float(pair.larger) > float(pair.smaller)
        whole, behind = pair.smaller.split(".")
        assert pair.larger.split(".")[0] == whole
        assert int(behind) > int(pair.larger.split(".")[1])
