"""Run one statement of a notebook as a notebook does."""

import ast
import asyncio
import inspect
from types import FunctionType
from typing import Any

from course.grading.inside.cells import Statement


def file_of(number: int) -> str:
    """The name that a cell has in tracebacks; its number is counted from 0."""
    return f"<cell {number + 1}>"


def execute(statement: Statement, names: dict[str, Any]) -> None:
    """Run a statement among these names. `await` may stand outside of functions."""
    module = ast.Module([statement.tree], [])
    flags = statement.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(module, file_of(statement.cell), "exec", flags, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(FunctionType(code, names)())
    else:
        exec(code, names)
