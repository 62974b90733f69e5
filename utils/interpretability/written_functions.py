"""Functions of one line that a model is to write, and whether what it writes works.

What a model has written is not run as it stands: only expressions of a few harmless kinds are
worked out, so that it cannot reach files or the network.
"""

import ast
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Wanted(NamedTuple):
    """A function of one argument: its first line, what it should do, and calls with their results."""

    line: str
    task: str
    calls: tuple[tuple[Any, Any], ...]

    @property
    def prompt(self) -> str:
        """The beginning of the function, up to its `return`."""
        return f'{self.line}\n    """{self.task}"""\n    return'

    @property
    def argument(self) -> str:
        """The name of the argument."""
        return self.line.partition("(")[2].partition(")")[0]


def _wanted(name: str, argument: str, task: str, *calls: tuple[Any, Any]) -> Wanted:
    return Wanted(f"def {name}({argument}):", task, calls)


WANTED = (
    _wanted("double", "x", "Return x times two.", (3, 6), (-4, -8)),
    _wanted("square", "x", "Return x squared.", (3, 9), (-5, 25)),
    _wanted("is_even", "n", "Return True if n is even.", (4, True), (7, False)),
    _wanted("is_positive", "x", "Return True if x is above zero.", (4, True), (0, False)),
    _wanted("half", "x", "Return half of x.", (9, 4.5), (4, 2)),
    _wanted("next_number", "n", "Return the number after n.", (9, 10), (-1, 0)),
    _wanted("absolute", "x", "Return the absolute value of x.", (-3, 3), (8, 8)),
    _wanted("length", "text", "Return the number of characters.", ("abcd", 4), ("", 0)),
    _wanted("first", "items", "Return the first item.", ([5, 6, 7], 5), ("xyz", "x")),
    _wanted("last", "items", "Return the last item.", ([5, 6, 7], 7), ("xyz", "z")),
    _wanted("total", "numbers", "Return the sum of the numbers.", ([5, 6, 7], 18), ([2], 2)),
    _wanted("largest", "numbers", "Return the largest number.", ([5, 9, 7], 9), ([-2], -2)),
    _wanted("smallest", "numbers", "Return the smallest number.", ([5, 9, 7], 5), ([-2], -2)),
    _wanted("mean", "numbers", "Return the mean of the numbers.", ([5, 9, 7], 7), ([-2], -2)),
    _wanted("upper", "text", "Return the text in capital letters.", ("ab", "AB"), ("q", "Q")),
    _wanted("reverse", "text", "Return the text backwards.", ("abc", "cba"), ("xy", "yx")),
    _wanted("shout", "text", "Return the text with ! at the end.", ("hey", "hey!"), ("", "!")),
    _wanted("count_a", "text", "Return how often the letter a occurs.", ("banana", 3), ("b", 0)),
    _wanted("kilometers", "miles", "Return miles times 1.609.", (2, 3.218), (10, 16.09)),
    _wanted("last_digit", "n", "Return the last digit of the number n.", (347, 7), (20, 0)),
)

_KINDS = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Load, ast.BinOp, ast.UnaryOp, ast.BoolOp),
    *(ast.Compare, ast.IfExp, ast.Call, ast.Subscript, ast.Slice, ast.List, ast.Tuple),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{"abs": abs, "bool": bool, "float": float, "int": int, "len": len, "list": list},
    **{"max": max, "min": min, "round": round, "sorted": sorted, "str": str, "sum": sum},
}
_METHODS = {"upper", "lower", "count", "strip", "join"}
_LARGEST = 10**6  # no number in what is worked out may be larger, so that nothing runs for long


def value_of(expression: str, **names: Any) -> Any:
    """What an expression comes to, with these names. ValueError where it is none of the harmless
    ones, or cannot be worked out.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{expression!r:.60} is no expression in Python.") from error
    for node in ast.walk(tree):
        _check(node, expression, names)
    try:
        code = compile(tree, "<written>", "eval")
        return eval(code, {"__builtins__": {}, **_FUNCTIONS}, dict(names))
    except Exception as error:
        raise ValueError(f"{expression!r:.60} cannot be worked out: {error}") from error


def _check(node: ast.AST, expression: str, names: dict[str, Any]) -> None:
    if isinstance(node, ast.Attribute):
        harmless = node.attr in _METHODS
    elif isinstance(node, ast.Name):
        harmless = node.id in names or node.id in _FUNCTIONS
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        harmless = abs(node.value) <= _LARGEST
    else:
        harmless = isinstance(node, _KINDS) and not isinstance(node, ast.Pow | ast.LShift)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            harmless = isinstance(node.right, ast.Constant) and node.right.value in (2, 3, 0.5)
        if isinstance(node, ast.Pow):
            harmless = True  # its exponent was looked at with the BinOp above it
    if not harmless:
        raise ValueError(
            f"{expression!r:.60} has a {type(node).__name__} that is not worked out here."
        )


def works(wanted: Wanted, written: str) -> bool:
    """Whether the rest of a function's line, as a model has written it, gives every result."""
    line = written.split("\n")[0].partition("#")[0]
    try:
        return all(
            value_of(line, **{wanted.argument: given}) == result for given, result in wanted.calls
        )
    except ValueError:
        return False


def how_many_work(written: Sequence[str]) -> int:
    """How many of the WANTED functions work, each with what was written for it."""
    return sum(works(wanted, one) for wanted, one in zip(WANTED, written, strict=True))
