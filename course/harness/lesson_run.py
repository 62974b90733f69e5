"""A lesson's computing cells as code, to be run without a kernel, with other numbers or parts in them.

What is shown or asked is left out: such a run is for what the cells compute.
"""

import ast
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from course.building.chapter import EXERCISE, LEDGER, Chapter

_SHOWN = ("show(", "show_html(", "predict(", "_guess.reveal", "gather(", "print(", "explorer(")


def computing_cells(chapter: Chapter, instead: Mapping[str, str]) -> list[CodeType]:
    """The code of a lesson's cells in order, without exercises, ledger cells, and statements that
    show something.

    instead: text in the cells and what stands in its place. ValueError for a text that no cell has.
    """
    cells = [
        one.source
        for one in chapter.cells
        if one.kind == "code" and not {EXERCISE, LEDGER} & {*one.tags}
    ]
    for text in instead:
        if not any(text in source for source in cells):
            raise ValueError(f"No cell of chapter {chapter.number} has {text!r}; nothing changes.")
    return [_compiled(source, instead) for source in cells]


def run_with_parts(
    cells: list[CodeType], parts: Mapping[str, Callable[..., Any]]
) -> dict[str, Any]:
    """The names after these cells have run, with `parts` for what `own` gives, by exercise."""
    names: dict[str, Any] = {}
    for code in cells:
        exec(code, names)
        # over and over: one of the cells imports the true one
        names["own"] = lambda id, **options: parts[id]
    return names


def _compiled(source: str, instead: Mapping[str, str]) -> CodeType:
    for old, new in instead.items():
        source = source.replace(old, new)
    tree = ast.parse(source)
    tree.body = [one for one in tree.body if not _is_shown(one)]
    return compile(tree, "lesson", "exec")


def _is_shown(statement: ast.stmt) -> bool:
    words = ast.unparse(statement)
    shown = any(one in words for one in _SHOWN)
    return shown and not isinstance(statement, ast.FunctionDef | ast.ImportFrom)
