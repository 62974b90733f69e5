"""The calculator against Python's own arithmetic on fractions, and on what wants to do harm."""

import random
import re
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from utils.tools import calculator
from utils.tools.calculator import calculate, evaluate, shown


def with_fractions(text: str) -> Fraction:
    """What Python makes of a sum of our own, with every number in it a fraction."""
    return eval(re.sub(r"[\d.]+", r"Fraction('\g<0>')", text), {"Fraction": Fraction})


def some_sum(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice([str(rng.randint(0, 999)), f"{rng.randint(0, 99)}.{rng.randint(0, 99)}"])
    if rng.random() < 0.2:
        return f"{rng.choice('+-')}{some_sum(rng, depth - 1)}"
    left, right = some_sum(rng, depth - 1), some_sum(rng, depth - 1)
    inner = f"{left}{rng.choice('+-*/')}{right}"
    return f"({inner})" if rng.random() < 0.5 else inner


@pytest.mark.parametrize("seed", range(200))
def test_the_value_is_that_of_pythons_fractions(seed):
    text = some_sum(random.Random(seed), 3)
    try:
        expected = with_fractions(text)
    except ZeroDivisionError:
        with pytest.raises(ValueError, match="divides by zero"):
            evaluate(text)
    else:
        assert evaluate(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12*9", "108"),
        ("2+3*4", "14"),
        ("(2+3)*4", "20"),
        ("10-4-3", "3"),
        ("48/4/2", "6"),
        ("10/4", "2.5"),
        ("0.1+0.2", "0.3"),
        ("0.1*3-0.3", "0"),
        ("-2**2", "-4"),
        ("(-2)**2", "4"),
        ("2**3**2", "512"),
        ("0**0", "1"),
        ("--3", "3"),
        ("2*-3", "-6"),
        (" 7 * 8 ", "56"),
        (".5+5.", "5.5"),
        ("1/3", "0.3333333333"),
        ("-2/3", "-0.6666666667"),
        ("1/3*3", "1"),
        ("123456789*987654321", "121932631112635269"),
        ("99999999999999999999+1", "100000000000000000000"),
        ("1/10000000000", "0.0000000001"),
        ("1/30000000000000", "3.33333e-14"),
    ],
)
def test_worked_sums(text, expected):
    assert calculate(text) == expected


@pytest.mark.parametrize("value", ["0", "-0.5", "1.25", "1000", "-1234567.0000000001", "0.05"])
def test_what_is_shown_is_the_same_number(value):
    assert Decimal(shown(Fraction(value))) == Decimal(value)


HOSTILE = {
    "": "not a sum",
    "   ": "not a sum",
    "__import__('os').system('true')": "'_' in it",
    "(1).__class__": "'_' in it",
    "abs(1)": "'a' in it",
    "x": "'x' in it",
    "1,200*3": "',' in it",
    "1_000": "'_' in it",
    "1e9": "'e' in it",
    "2^3": "'^' in it",
    "7%3": "'%' in it",
    "'a'*9": '"\'" in it',
    "[1]*9": "'[' in it",
    "1\n+1": "in it",
    "١+٢": "'١' in it",  # digits of another script
    "²": "'²' in it",
    "1÷2": "'÷' in it",
    "7//2": "operator that is not known",
    "...": "only numbers",
    "()": "only numbers",
    "1(2)": "only numbers",
    "(1)(2)": "only numbers",
    "1+": "not a whole sum",
    "(1": "not a whole sum",
    "1)": "not a whole sum",
    "1 2": "not a whole sum",
    "1.2.3": "not a whole sum",
    "*2": "not a whole sum",
    "1/0": "divides by zero",
    "1/(3-3)": "divides by zero",
    "0.0/0": "divides by zero",
    "2**-1": "exponent",
    "2**0.5": "exponent",
    "9**9**9": "exponent",
    "9**99": "comes to more than 60 digits",
    "12**99": "power of more than 60 digits",
    "((9**9)**9)**9": "power of more than 60 digits",
    "(1/3)**100**1*(1/7)**100*(1/1234567)**100": "power of more than 60 digits",
    "9**60*9**60": "comes to more than 60 digits",
    "10**60": "comes to more than 60 digits",
    "10**59*-20": "comes to more than 60 digits",
    "(" * 10_000 + "1" + ")" * 10_000: "longer than 200",
    "(" * 21 + "1" + ")" * 21: "brackets within brackets",
    "9" * 100_000: "longer than 200",
    "9" * 31: "more than 30 digits",
    "-" * 100_000 + "1": "longer than 200",
}


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:24]))
def test_what_is_no_sum_is_refused_in_one_sentence_and_at_once(text):
    begun = time.process_time()
    with pytest.raises(ValueError) as caught:
        evaluate(text)
    words = str(caught.value)
    assert HOSTILE[text] in words
    assert words.endswith(".") and "\n" not in words and len(words) < 180
    assert time.process_time() - begun < 1


def test_the_largest_that_is_allowed_is_computed():
    assert evaluate("(" * 20 + "1" + ")" * 20) == 1
    assert evaluate("9" * 30) == 10**30 - 1
    assert evaluate("-" * 199 + "1") == -1
    assert evaluate("+".join(["1"] * 100)) == 100
    assert evaluate("1**100") == 1
    assert evaluate("-(10**59)*9") == -9 * 10**59
    assert evaluate("(-9)**60/9**59") == 9


def test_nothing_in_the_file_runs_a_text():
    source = Path(calculator.__file__).read_text(encoding="utf-8")
    code = re.sub(r'""".*?"""', "", source, flags=re.DOTALL)
    assert not re.search(r"(?<![.\w])(eval|exec|compile|__import__)\(", code)
