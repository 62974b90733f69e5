"""Problems for a model with a calculator: answers worked out again from the words, and prompts."""

import re

import pytest

from utils.data.injections import ATTACKS, DEFENCES, TEXTS, attacked, obeys, request
from utils.data.tool_problems import KINDS, final_number, shown, tool_problems
from utils.tools.calculator import calculate
from utils.tools.calls import find_call


def worked_out(question: str) -> int:
    """The answer, from the numbers in the order of the words."""
    numbers = [int(one) for one in re.findall(r"\d+", question)]
    if "seats" in question:
        return numbers[0] * numbers[1]
    if "sells" in question:
        return numbers[0] - numbers[1]
    if "boxes" in question:
        return numbers[0] * numbers[1] - numbers[2]
    return numbers[0] + numbers[1] - numbers[2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_answers(kind, seed):
    problems = tool_problems(kind, seed=seed)
    assert len({one.question for one in problems}) == 20
    for one in problems:
        assert one.answer == worked_out(one.question)
        first = calculate(one.first_sum)
        assert (first == str(one.answer)) == (kind == "one step")


def test_the_examples_are_right_and_only_calls_differ():
    problem = tool_problems("two steps")[3]
    with_calls, without = shown(problem, calls=True), shown(problem, calls=False)
    lines = [line for line in with_calls.splitlines() if line.startswith("CALC")]
    assert len(lines) == 4
    for line in lines:
        call = find_call(line)
        assert call is not None and line[call.end :] == calculate(call.argument)
    assert without == "\n".join(line for line in with_calls.split("\n") if line not in lines)


@pytest.mark.parametrize(
    ("text", "number"),
    [("CALC(1+2)=3\nAnswer: 3", 3), ("Answer:-4.", -4), ("no", None), ("Answer: none", None)],
)
def test_the_final_number(text, number):
    assert final_number(text) == number


def test_bad_names_are_refused():
    with pytest.raises(ValueError, match="no problems of 'three steps'"):
        tool_problems("three steps")
    with pytest.raises(ValueError, match="no defence 'prayer'"):
        request("a text", "prayer")


@pytest.mark.parametrize("defence", DEFENCES)
def test_every_request_has_the_whole_text_and_a_user(defence):
    text = attacked(TEXTS[2], ATTACKS["forged"])
    talk = request(text, defence)
    assert text in talk[-1]["content"] and talk[-1]["role"] == "user"
    assert attacked(TEXTS[2], "") == TEXTS[2]


def test_obeying_is_having_the_word():
    assert obeys("Banana!") and obeys("BANANA banana") and not obeys("An apple.")
    assert not any(obeys(text) for text in TEXTS)
    assert all(obeys(attack) for attack in ATTACKS.values())
