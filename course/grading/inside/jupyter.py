"""A cell as Python, as Jupyter would run it: IPython's own rules for magics, shell lines, prompts
that were pasted and cells that are indented as a whole.
"""

import ast
import re
import tokenize
from functools import cache
from typing import Any

_MAGIC = re.compile(r"\s*%%(?P<name>\w+)[^\n]*\n?(?P<body>.*)", re.DOTALL)
_PROMPT = re.compile(r"\s*In \[\d+\]:")  # valid Python, and meant otherwise
# What is below these is no Python, or goes into a file. All others run what is below them.
_OTHER = frozenset(
    [
        *(
            "bash",
            "sh",
            "script",
            "system",
            "sx",
            "cmd",
            "powershell",
            "perl",
            "ruby",
            "R",
            "julia",
        ),
        *("javascript", "js", "html", "HTML", "svg", "SVG", "latex", "markdown", "sql", "cython"),
        *("writefile", "file", "bigquery", "shell"),
    ]
)
_RUNNING = ("time", "prun", "memit", "mprun", "lprun")  # magics of a line that is Python itself


def parse(source: str) -> ast.Module:
    """The statements of a cell. SyntaxError or ValueError if Jupyter could not run it either."""
    magic = _MAGIC.fullmatch(source)
    if magic and magic["name"] not in _OTHER:
        return parse(magic["body"])
    if not magic and not _PROMPT.match(source):
        try:
            return ast.parse(source)  # most cells are Python as they stand, and this is quick
        except SyntaxError:
            pass
    try:
        python = ast.parse(_transformer().transform_cell(source))
    except tokenize.TokenError as error:
        raise SyntaxError(str(error)) from None
    unwrapped: ast.Module = _Unwrapped().visit(python)
    return unwrapped


@cache
def _transformer() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager  # takes a moment

    return TransformerManager()


class _Unwrapped(ast.NodeTransformer):
    """Puts what a magic like %time runs in the place of the call that IPython makes of it."""

    def visit_Expr(self, node: ast.Expr) -> Any:
        statements = _run_by_magic(node.value)
        return self.generic_visit(node) if statements is None else statements

    def visit_Call(self, node: ast.Call) -> Any:
        statements = _run_by_magic(node) or []
        if len(statements) == 1 and isinstance(statements[0], ast.Expr):
            return statements[0].value
        return self.generic_visit(node)


def _run_by_magic(node: ast.expr) -> list[ast.stmt] | None:
    """The Python in `get_ipython().run_line_magic("time", "…")`; None for any other expression."""
    name, line, *_ = _arguments(node, "run_line_magic") or ("", "")
    return parse(line).body if name in _RUNNING else None


def _arguments(node: ast.expr, method: str) -> list[str] | None:
    """The texts that `get_ipython().method(…)` is called with; None if this is no such call."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    owner = node.func.value
    called = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id
    if called != "get_ipython" or node.func.attr != method:
        return None
    texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
    return [text for text in texts if isinstance(text, str)]


def written_file(tree: ast.stmt) -> str:
    """The file that a `%%writefile` cell writes; empty for any other statement."""
    value = tree.value if isinstance(tree, ast.Expr) else None
    found = _arguments(value, "run_cell_magic") if value else None
    if not found or found[0] not in ("writefile", "file") or len(found) < 3:
        return ""
    return found[1].split()[-1].strip("\"'") if found[1].split() else ""
