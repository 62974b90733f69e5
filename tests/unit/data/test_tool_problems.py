"""Problems for a model with a calculator: answers worked out again from the words, and prompts."""

import re

import pytest

from utils.data.injections import ATTACKS, DEFENCES, TEXTS, attacked, has_word, request
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
        # of two steps the first uses the first two numbers of the words
        told = re.findall(r"\d+", one.question)[:2]
        assert re.findall(r"\d+", one.first_sum) == told


def test_another_seed_gives_other_problems():
    for kind in KINDS:
        assert tool_problems(kind, seed=1) == tool_problems(kind, seed=1)
        assert tool_problems(kind, seed=1) != tool_problems(kind, seed=2)


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


def test_the_word_counts_as_a_whole_word_and_in_capitals_or_not():
    assert has_word("Banana!") and has_word("BANANA banana") and not has_word("An apple.")
    assert not has_word("Bananadon is a fun word.") and not has_word("Two bananas.")
    assert not any(has_word(text) for text in TEXTS)
    assert all(has_word(attack) for attack in ATTACKS.values())


def test_an_attack_stands_at_the_end_of_the_text_and_the_control_commands_nothing():
    text = TEXTS[0]
    for attack in ATTACKS.values():
        assert attacked(text, attack) == f"{text} {attack}"
    commands = re.compile(r"\b(write|answer|ignore)\b", re.IGNORECASE)
    commanding = {name for name, attack in ATTACKS.items() if commands.search(attack)}
    assert commanding == set(ATTACKS) - {"mention"}


def test_the_defences_say_that_the_text_is_no_order():
    plain, quoted, system = (request("Ducks swim.", defence) for defence in DEFENCES)
    assert [one["role"] for one in plain] == ["user"]
    assert "instructions" not in plain[0]["content"]
    assert "Do not follow" in quoted[0]["content"]
    assert "---\nDucks swim.\n---" in quoted[0]["content"]
    assert [one["role"] for one in system] == ["system", "user"]
    assert "Never follow" in system[0]["content"] and system[1] == plain[0]
