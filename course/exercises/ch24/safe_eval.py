"""Exercise 24.1: work out a sum that a model has written, and run nothing else."""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import torch

from course.judging.exercise import exercise


@exercise(
    "24.1",
    minutes=15,
    hints=(
        '`eval` runs whatever stands in the text. ast.parse(expression, mode="eval").body only '
        "reads it: a tree, in which you decide what counts. print(ast.dump(…)) shows it.",
        "Write a function for one node of the tree: a number (ast.Constant) is its value, a sign "
        "(ast.UnaryOp) changes the value of its operand, and of an ast.BinOp both sides are worked "
        "out first. Everything else: raise ValueError.",
        "Three things can go wrong: SyntaxError (cut off), ValueError (yours) and ZeroDivisionError. "
        "Look at type(node.value) for numbers, because True is an int to isinstance.",
    ),
)
def safe_eval(expression: str) -> list[float]:
    """Work out a sum that a model has written, and run nothing else.

    expression: any text. A sum has numbers such as 12 or 2.5, the operators + - * / in
        their usual order, and round brackets. A minus may stand before a number or a
        bracket.
    Returns the value in a list, [108.0] for "12*9". The list is empty for whatever is no
    such sum: names, calls, other operators (** and // too), a sum that is cut off. It is
    empty for a division by zero, too.
    """

    def value(node: ast.AST) -> float:
        if isinstance(node, ast.Constant):
            # True is an int to Python
            if isinstance(node.value, bool) or not isinstance(node.value, int | float):
                raise ValueError("this is no number")
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if not isinstance(node, ast.BinOp):
            raise ValueError("this is no sum")
        left, right = value(node.left), value(node.right)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
        raise ValueError("this is another operator")

    try:
        return [float(value(ast.parse(expression, mode="eval").body))]
    except (SyntaxError, ValueError, ZeroDivisionError):
        return []


def _read_by_hand(expression: str, levels: tuple[str, ...], to_the_right: bool = False) -> float:
    """The value, without ast. `levels`: the operators, those first that bind least. ValueError if it
    is no sum.
    """
    pieces = [*re.findall(r"\d+\.?\d*|\*\*|//|[A-Za-z]+|\S", expression), ""]
    at = 0

    def take() -> str:
        nonlocal at
        at += 1
        return pieces[at - 1]

    def level(number: int) -> float:
        if number == len(levels):
            return factor()
        values, signs = [level(number + 1)], []
        while pieces[at] and pieces[at] in levels[number]:
            signs.append(take())
            values.append(level(number + 1))
        return _joined(values, signs, to_the_right)

    def factor() -> float:
        piece = take()
        if piece == "-":
            return -factor()
        if piece != "(":
            return float(piece)  # ValueError for a name or a sign
        inside = level(0)
        if take() != ")":
            raise ValueError
        return inside

    result = level(0)
    if at != len(pieces) - 1:
        raise ValueError
    return result


def _joined(values: list[float], signs: list[str], to_the_right: bool) -> float:
    by = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
    if to_the_right:
        *before, result = values
        for value, sign in zip(before[::-1], signs[::-1], strict=True):
            result = by[sign](value, result)
        return result
    result = values[0]
    for value, sign in zip(values[1:], signs, strict=True):
        result = by[sign](result, value)
    return result


@safe_eval.also_right
def _by_hand(expression: str) -> list[float]:
    """Terms, in them factors, and in these numbers and brackets."""
    try:
        return [_read_by_hand(expression, ("+-", "*/"))]
    except (ValueError, ZeroDivisionError):
        return []


@safe_eval.also_right
def _looked_through_first(expression: str) -> list[float]:
    """Python may work it out once every node of the tree is on the list."""
    harmless = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.USub, ast.Constant)
    operators = (ast.Add, ast.Sub, ast.Mult, ast.Div)
    try:
        tree = ast.parse(expression, mode="eval")
        for node in ast.walk(tree):
            number = not isinstance(node, ast.Constant) or type(node.value) in (int, float)
            if not isinstance(node, harmless + operators) or not number:
                return []
        return [eval(compile(tree, "<sum>", "eval"))]
    except (SyntaxError, ZeroDivisionError):
        return []


_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _sum(
    expression: str,
    *,
    operators: dict[type[ast.AST], Callable[[Any, Any], Any]] | None = None,
    numbers: Callable[[Any], bool] = lambda value: type(value) in (int, float),
    minus: bool = True,
    without_value: list[float] | None = None,
    divided_by_zero: list[float] | None = None,
) -> list[float]:
    """The right way, with one piece of it changed."""
    known = {**_OPERATORS, **(operators or {})}

    def value(node: ast.AST) -> Any:
        if isinstance(node, ast.Constant) and numbers(node.value):
            return node.value
        if minus and isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in known:
            return known[type(node.op)](value(node.left), value(node.right))
        raise ValueError

    try:
        return [float(value(ast.parse(expression, mode="eval").body))]
    except ZeroDivisionError:
        return divided_by_zero or without_value or []
    except (SyntaxError, ValueError):
        return without_value or []


@safe_eval.wrong(
    "What does `eval` run? Whatever a model, or a text that the model has read, writes there: here "
    "calls are run, and with one that deletes files it would be the same. Read the tree instead, with "
    "ast.parse."
)
def _eval(expression: str) -> list[float]:
    try:
        return [float(eval(expression))]
    except Exception:
        return []


@safe_eval.wrong(
    "Is `eval` harmless without names? Powers can still keep the machine busy for hours, and from "
    "().__class__ a way leads back to everything. Decide what is allowed, not what is forbidden."
)
def _eval_without_names(expression: str) -> list[float]:
    try:
        return [float(eval(expression, {"__builtins__": {}}))]
    except Exception:
        return []


@safe_eval.wrong(
    "Is ** on the list? No: a short power can have millions of digits, and take the machine for hours."
)
def _powers(expression: str) -> list[float]:
    return _sum(expression, operators={ast.Pow: operator.pow})


@safe_eval.wrong(
    "Are // and % on the list? No: only + - * and /. Everything else gives an empty list."
)
def _all_divisions(expression: str) -> list[float]:
    return _sum(expression, operators={ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod})


@safe_eval.wrong(
    "What is 7/2? Three and a half. Here it is rounded down: // for /, or int() somewhere."
)
def _whole_division(expression: str) -> list[float]:
    return _sum(expression, operators={ast.Div: operator.floordiv})


@safe_eval.wrong(
    "May a number be negative? -3 is no number to ast, but a sign (ast.UnaryOp) before one. Here "
    "every sum that has such a sign is refused."
)
def _no_minus(expression: str) -> list[float]:
    return _sum(expression, minus=False)


@safe_eval.wrong("Is 2.5 a number? It is a float, and only int is let in here.")
def _no_decimals(expression: str) -> list[float]:
    return _sum(expression, numbers=lambda value: type(value) is int)


@safe_eval.wrong("Is True a number? To isinstance(…, int) it is. Ask for type(node.value) instead.")
def _true_is_one(expression: str) -> list[float]:
    return _sum(expression, numbers=lambda value: isinstance(value, int | float))


@safe_eval.wrong(
    "What does a text give that is no sum? An empty list. A 0 looks like a result, and the model "
    "would believe it."
)
def _zero_for_no_sum(expression: str) -> list[float]:
    return _sum(expression, without_value=[0.0])


@safe_eval.wrong("What is a division by zero? It has no value: an empty list, and not a 0.")
def _zero_for_a_division_by_zero(expression: str) -> list[float]:
    return _sum(expression, divided_by_zero=[0.0])


def _is_sum(expression: str) -> bool:
    return bool(safe_eval.reference(expression))


@safe_eval.wrong(
    "Which comes first, + or *? Here everything is worked out from left to right, as it stands. In the "
    "tree of ast.parse the order is right already."
)
def _from_left_to_right(expression: str) -> list[float]:
    return [_read_by_hand(expression, ("+-*/",))] if _is_sum(expression) else []


@safe_eval.wrong(
    "Where are the brackets? They say what comes first. Here the sum is worked out as if there were "
    "none."
)
def _without_brackets(expression: str) -> list[float]:
    if not _is_sum(expression):
        return []
    return _sum(re.sub(r"[()]", "", expression))


@safe_eval.wrong(
    "Is the first bracket the whole sum? Here only what stands in it is worked out, and what comes "
    "before and after is lost."
)
def _first_bracket_only(expression: str) -> list[float]:
    inside = re.search(r"\(([^()]*)\)", expression) if _is_sum(expression) else None
    return _sum(inside[1] if inside else expression)


@safe_eval.wrong(
    "What is 10-4-3? From left to right: 10-4 is worked out first. Here it is 4-3 that is."
)
def _from_the_right(expression: str) -> list[float]:
    if not _is_sum(expression):
        return []
    return [_read_by_hand(expression, ("+-", "*/"), to_the_right=True)]


@safe_eval.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[str]]:
    def n(low: int = 2, high: int = 60) -> int:
        return int(torch.randint(low, high, (), generator=rng))

    yield (f"{n()}*{n()}",)
    yield (f"{n()} + {n()} * {n()}",)
    yield (f"({n()}+{n()})*{n()}",)
    yield (f"{n(50, 90)}-{n()}-{n()}",)
    yield (f"{2 * n() + 1}/2",)
    yield (f"{n(50, 99)}/{n(2, 9)}/{n(2, 9)}",)
    yield (f"-{n()} + {n()}",)
    yield (f"{n()} * -({n()} - {n()}.5)",)
    yield (f"{n()}.{n()} - {n()}.25",)
    yield (f"({n()} - ({n()} - {n()})) * ({n()} + {n()})",)
    yield (f"{n()}-{n()}*{n()}+{n()}/{n()}",)
    yield (f"(({n()})) - ({n()} + {n()})",)
    yield (f"--{n()}*{n()}",)
    yield (f"{n()}*({n()}-{n()})/{n(2, 9)}-{n()}",)
    yield (f"{n()}/{n()}*{n()}",)
    yield (f"1000000 * {n()}.5",)
    yield (f"abs(-{n()})",)  # runs a function
    yield (f"max({n()}, {n()})",)
    yield (f"{n(2, 9)}**{n(2, 5)}",)
    yield (f"{n(20, 90)}//{n(2, 9)}",)
    yield (f"{n(20, 90)} % {n(2, 9)}",)
    yield (f"True + {n()}",)
    yield (f"{n()} > {n()}",)
    yield (f"({n()}).bit_length()",)
    yield (f"{n()}/({n()}*0)",)
    yield (f"({n()}+{n()}",)
    yield (f"{n()} apples",)
    yield ("",)
