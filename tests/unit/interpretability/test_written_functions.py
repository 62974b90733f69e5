"""Functions that a model writes: worked out, and nothing harmful is."""

import pytest

from utils.interpretability.written_functions import WANTED, Wanted, how_many_work, value_of, works

RIGHT = {
    "double": " x * 2",
    "square": " x ** 2",
    "is_even": " n % 2 == 0",
    "is_positive": " x > 0",
    "half": " x / 2",
    "next_number": " n + 1",
    "absolute": " x if x >= 0 else -x",
    "length": " len(text)",
    "first": " items[0]",
    "last": " items[-1]",
    "total": " sum(numbers)",
    "largest": " max(numbers)",
    "smallest": " sorted(numbers)[0]",
    "mean": " sum(numbers) / len(numbers)  # the mean",
    "upper": " text.upper()",
    "reverse": " text[::-1]",
    "shout": ' text + "!"',
    "count_a": ' text.count("a")',
    "kilometers": " miles * 1.609",
    "last_digit": " n % 10\nprint(3)",
}


def name_of(wanted):
    return wanted.line.removeprefix("def ").partition("(")[0]


def test_right_lines_work_and_those_of_a_neighbour_do_not():
    assert [name_of(wanted) for wanted in WANTED] == list(RIGHT)
    assert how_many_work(list(RIGHT.values())) == len(WANTED) == 20
    for wanted in WANTED:
        assert not works(wanted, f" {wanted.argument}")
        assert not works(wanted, " 0") and not works(wanted, " (")
    assert how_many_work([" 6 if x == 3 else -8", *[""] * 19]) == 1


def test_a_prompt_ends_where_the_value_is_to_come():
    wanted = Wanted("def f(x):", "Return x.", ((1, 1),))
    assert wanted.prompt == 'def f(x):\n    """Return x."""\n    return' and wanted.argument == "x"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("x + 1", 4),
        ("x ** 2", 9),
        ("[x, 2][0]", 3),
        ("x > 2 and not x == 5", True),
        ("str(x)", "3"),
    ],
)
def test_harmless_expressions_are_worked_out(expression, value):
    assert value_of(expression, x=3) == value


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').getcwd()",
        "x.__class__",
        "().__class__.__bases__",
        "open('file')",
        "9 ** 9 ** 9",
        "2 ** x",
        "1 << x",
        "10000000 * x",
        "[y for y in range(9)]",
        "lambda: x",
        "(x := 4)",
        "f'{x}'",
        "text",
        "x +",
        "x / 0",
    ],
)
def test_anything_else_is_refused_in_a_sentence(expression):
    with pytest.raises(ValueError, match=r"no expression|is not worked out here|cannot be worked"):
        value_of(expression, x=3)
