"""Calls in a text, against what a reader of the text would mark by hand."""

import pytest

from utils.tools.calls import find_call


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("CALC(12*9)=", "CALC", "12*9"),
        ("Half of it? CALC(12*(9+1))=60", "CALC", "12*(9+1)"),
        ("SEARCH(capital of (old) Spain)= and CALC(1)=", "SEARCH", "capital of (old) Spain"),
        ("CALC(1+1) is two, CALC(2+2)=", "CALC", "2+2"),
        ("f(x)=2, so LOOK_UP(x)=", "LOOK_UP", "x"),
        ("CALC()=", "CALC", ""),
        ("CALC(CALC(2)=", "CALC", "2"),  # the outer one is not whole
    ],
)
def test_a_call_is_a_name_in_capitals_brackets_and_an_equals_sign(text, name, argument):
    call = find_call(text)
    assert (call.name, call.argument) == (name, argument)
    assert text[call.start : call.end] == f"{name}({argument})="


@pytest.mark.parametrize(
    "text",
    ["", "CALC(", "CALC((1)=", "CALC(1\n)=", "CALC(1) =", "CALC (1)=", "calc(1)=", "xCALC(1)="],
)
def test_what_is_no_whole_call(text):
    assert find_call(text) is None


def test_it_stands_where_it_says():
    call = find_call("…then CALC(3)=")
    assert (call.start, call.end) == (6, 14)


def test_every_beginning_of_a_text_has_the_call_only_once_it_is_whole():
    text = "So: CALC((2+3)*4)=20"
    whole = [end for end in range(len(text) + 1) if find_call(text[:end])]
    assert whole == list(range(text.index("=") + 1, len(text) + 1))
