"""A calculator that a model may be given: it works out sums and can do nothing else.

`eval` would run whatever stands in the text, `__import__("os")` included, and 9**9**9 for hours. Here
Python only reads the sum, as a tree (`ast.parse` runs nothing). We go through the tree ourselves, and
know five operators and numbers. What is not on that list is refused, and so is what is too large.

Values are exact fractions: 0.1+0.2 is 0.3, and nothing is rounded before it is shown.
"""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn

LONGEST = 200  # characters of a sum
DEEPEST = 20  # brackets within brackets
DIGITS = 30  # of a number in the sum
LARGEST = 60  # digits of a value on the way
HIGHEST = 100  # exponent
DECIMALS = 10  # of a value that is shown

_ALLOWED = re.compile(r"[0-9.+\-*/() ]")
_OPERATORS: dict[type[ast.AST], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_SIGNS: dict[type[ast.AST], Callable[[Fraction], Fraction]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def calculate(expression: str) -> str:
    """The value of a sum as a calculator shows it: `12*9` gives "108", `10/4` gives "2.5", `1/3` is
    rounded. This is the tool.

    Raises ValueError as `evaluate` does.
    """
    return shown(evaluate(expression))


def shown(value: Fraction) -> str:
    """A number in digits: exact if it has at most DECIMALS decimals, and rounded to so many if not.

    A number so small that these would all be 0 is shown as a power of ten, "1e-12".
    """
    rounded = round(value, DECIMALS)
    if value and not rounded:
        return f"{float(value):.6g}"
    whole, decimals = divmod(abs(rounded) * 10**DECIMALS, 10**DECIMALS)
    after = f"{int(decimals):0{DECIMALS}d}".rstrip("0")
    return f"{'-' if rounded < 0 else ''}{whole}{'.' if after else ''}{after}"


def evaluate(expression: str) -> Fraction:
    """The exact value of a sum of numbers with + - * / ** and brackets.

    The usual order holds: powers, then the sign (-2**2 is -4), then * and /, then + and -. Raises
    ValueError, with one sentence that says what to do, for everything else: other characters, a
    sum that is cut off, division by zero, and what is too long, too deep or too large.
    """
    _check_text(expression)
    text = expression.strip()
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        _refuse(expression, "is not a whole sum: check its brackets and operators")
    return _value(tree.body, text)


def _refuse(expression: str, why: str) -> NoReturn:
    short = expression if len(expression) <= 40 else f"{expression[:39]}…"
    raise ValueError(f"{short!r} {why}.")


def _check_text(expression: str) -> None:
    """Refuse, before anything reads it, what is no sum by its characters or by its size."""
    if not expression.strip():
        raise ValueError(f"{expression!r} is not a sum: write one, for example 12*9.")
    if len(expression) > LONGEST:
        _refuse(expression, f"is longer than {LONGEST} characters: take it in parts")
    odd = _ALLOWED.sub("", expression)
    if odd:
        _refuse(
            expression, f"has {odd[0]!r} in it: only digits, a point, + - * / and ( ) are allowed"
        )
    if max(map(len, re.findall(r"[0-9.]+", expression)), default=0) > DIGITS:
        _refuse(expression, f"has a number of more than {DIGITS} digits: take a shorter one")
    if _depth(expression) > DEEPEST:
        _refuse(expression, f"has more than {DEEPEST} brackets within brackets: take it in parts")


def _depth(text: str) -> int:
    """How many brackets are open at most."""
    depth = deepest = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        deepest = max(deepest, depth)
    return deepest


def _value(node: ast.AST, text: str) -> Fraction:
    """What a part of the tree is worth; `text` is the whole sum, from which numbers are read."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        # as it is written, so that 0.1 is a tenth; Python makes the nearest binary number of it
        return Fraction(text[node.col_offset : node.end_col_offset])
    if isinstance(node, ast.UnaryOp) and type(node.op) in _SIGNS:
        return _SIGNS[type(node.op)](_value(node.operand, text))
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, text), _value(node.right, text)
        return _bounded(_combine(node.op, left, right, text), text)
    return _refuse(text, "is not a sum: only numbers, + - * / ** and brackets are allowed")


def _combine(op: ast.operator, left: Fraction, right: Fraction, text: str) -> Fraction:
    if isinstance(op, ast.Pow):
        return _power(left, right, text)
    if type(op) not in _OPERATORS:
        _refuse(text, "has an operator that is not known here: use + - * / or **")
    if isinstance(op, ast.Div) and not right:
        _refuse(text, "divides by zero: there is no such number")
    return _OPERATORS[type(op)](left, right)


def _power(base: Fraction, exponent: Fraction, text: str) -> Fraction:
    if exponent.denominator != 1 or not 0 <= exponent <= HIGHEST:
        _refuse(text, f"has an exponent that is no whole number from 0 to {HIGHEST}")
    digits = max(len(str(abs(base.numerator))), len(str(base.denominator)))
    # before it is computed: 9**9**9 has 369 million digits
    if (digits - 1) * int(exponent) > LARGEST:
        _refuse(text, f"has a power of more than {LARGEST} digits: take a smaller one")
    power: Fraction = base ** int(exponent)
    return power


def _bounded(value: Fraction, text: str) -> Fraction:
    if abs(value) >= 10**LARGEST:
        _refuse(text, f"comes to more than {LARGEST} digits: take smaller numbers")
    return value
