"""How the cells of a chapter read: short, in one form, claims apart, and the answers to predictions
nowhere.

A learner's eye must find the idea in a code cell at once. So what is not the idea stands elsewhere:
claims in cells of their own, which are folded, and pictures in functions of utils.
`faults(chapter)` has one sentence for each place where a chapter departs from this.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from IPython.core.inputtransformer2 import TransformerManager
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat.v4 import new_code_cell, new_notebook, writes

from course.building.cell_slice import read_cells
from course.building.chapter import LEDGER, Cell, Chapter

LINES = 25
COLUMNS = 88  # what JupyterLab and the site show without a scroll bar
_SENTENCE_END = re.compile(r"""[.!?:;…]["”')*_`\]]*$|\\$|\$\$$|>$""")


def faults(chapter: Chapter) -> list[str]:
    """One sentence for each cell that departs from the form, with its line in the chapter's file."""
    found = [*_prose(chapter), *_code(chapter), *_answers(chapter), *_overwritten(chapter)]
    return [f"{chapter.path.name}:{line}: {sentence}" for line, sentence in sorted(found)]


def _prose(chapter: Chapter) -> Iterator[tuple[int, str]]:
    for cell in chapter.cells:
        if cell.kind == "markdown":
            for line in cut_lines(cell.source):
                yield (
                    cell.line + line - 1,
                    "this line ends in mid-sentence; write a sentence or a paragraph a line",
                )


def cut_lines(markdown: str) -> list[int]:
    """The lines of a text (from 1) that end within a sentence, although their paragraph goes on."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").use(dollarmath_plugin).parse(markdown):
        if token.type != "inline" or not token.map:
            continue
        lines = markdown.splitlines()[token.map[0] : token.map[1]]
        cut = [at for at, line in enumerate(lines[:-1]) if not _SENTENCE_END.search(line.strip())]
        found += [token.map[0] + at + 1 for at in cut]
    return found


def _code(chapter: Chapter) -> Iterator[tuple[int, str]]:
    cells = [cell for cell in chapter.cells if cell.kind == "code" and "exercise" not in cell.tags]
    tidy = formatted([cell.source for cell in cells])
    for cell, wanted in zip(cells, tidy, strict=True):
        count = len(cell.source.splitlines())
        if count > LINES:
            yield (
                cell.line,
                f"this cell has {count} lines; more than {LINES} hide the idea: move what is not "
                "the idea",
            )
        if cell.source != wanted:
            yield (
                cell.line,
                "this cell is not as ruff format writes it; run python -m course format",
            )
        for line, sentence in (_ledger_cell if LEDGER in cell.tags else _lesson_cell)(cell):
            yield cell.line + line - 1, sentence


def formatted(sources: Sequence[str]) -> list[str]:
    """The code cells as ruff formats them, magics included."""
    book = new_notebook(
        cells=[new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    )
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", str(COLUMNS)]
    command = [*ruff, "--stdin-filename", "chapter.ipynb", "-"]
    done = subprocess.run(
        command, input=writes(book), capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise ValueError(f"ruff cannot format these cells: {done.stderr.strip()}")
    return ["".join(cell["source"]) for cell in json.loads(done.stdout)["cells"]]


def _tree(cell: Cell) -> ast.Module:
    return ast.parse(TransformerManager().transform_cell(cell.source))


def _calls(node: ast.AST | None, *names: str) -> TypeGuard[ast.Call]:
    """Whether `node` calls a function, or a method, of one of these names."""
    return isinstance(node, ast.Call) and _called(node) in names


def _called(call: ast.Call) -> str:
    """The name of the function that is called; an empty text where it has none."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _lesson_cell(cell: Cell) -> Iterator[tuple[int, str]]:
    """What does not belong into a cell that a learner reads."""
    for node in ast.walk(_tree(cell)):
        if _calls(node, "claim", "confirm"):
            yield (
                node.lineno,
                f"{_called(node)}(…) belongs into a cell of its own, with the tag {LEDGER}",
            )
        if isinstance(node, ast.Assert):
            yield (
                node.lineno,
                f"an assert ends the notebook of whoever changes a cell; confirm(…) in a {LEDGER} "
                "cell",
            )


def _ledger_cell(cell: Cell) -> Iterator[tuple[int, str]]:
    """What does not belong into a folded cell: anything that a later cell or a reader could need."""
    for statement in _tree(cell).body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not _calls(call, "claim", "confirm"):
            yield (
                statement.lineno,
                f"a cell with the tag {LEDGER} has calls of claim and confirm only",
            )
        elif _called(call) == "claim" and not (
            call.args and all(map(_is_simple, call.args)) and not call.keywords
        ):
            yield (
                statement.lineno,
                'write claim("D0-001", …) with numbers, names, or a dict of names computed above',
            )


def _is_simple(node: ast.AST) -> bool:
    if isinstance(node, ast.Dict):
        return all(isinstance(one, ast.Constant | ast.Name) for one in (*node.keys, *node.values))
    return isinstance(node, ast.Constant | ast.Name)


def _overwritten(chapter: Chapter) -> Iterator[tuple[int, str]]:
    """Names of folded cells that no longer stand for what was measured: a loop or a branch of a
    later cell, which does not use that value, may have bound them again. A later plain assignment
    is meant.
    """
    cells = [cell for cell in chapter.cells if cell.kind == "code" and "exercise" not in cell.tags]
    read = read_cells([cell.source for cell in cells])
    for position, cell in enumerate(cells):
        if LEDGER not in cell.tags:
            continue
        for name in sorted(read[position].reads):
            first, *later = [n for n in range(position) if name in read[n].binds] or [0]
            if later and name not in read[later[-1]].sure | read[later[-1]].reads:
                yield (
                    cell.line,
                    f"{name} of the cell in line {cells[first].line} may be overwritten in line "
                    f"{cells[later[-1]].line}, by a loop or a branch; take another name there",
                )


def _answers(chapter: Chapter) -> Iterator[tuple[int, str]]:
    """Answers of predictions that can be read in the code before they are revealed."""
    cells = [cell for cell in chapter.cells if cell.kind == "code" and "exercise" not in cell.tags]
    choices = {text for cell in cells for text in _choices(_tree(cell))}
    for cell in cells:
        tree = _tree(cell)
        own = _choices(tree)
        widths = _format_specs(tree)
        for node in ast.walk(tree):
            if node in widths:
                continue
            if _calls(node, "reveal") and any(
                isinstance(argument, ast.Constant) for argument in node.args[-1:]
            ):
                yield (
                    cell.line + node.lineno - 1,
                    "a reveal has its answer typed in; compute it from the measurement",
                )
            if isinstance(node, ast.Constant) and node.value in choices - own:
                sentence = f"the choice {node.value!r} of a prediction stands in this cell too, and tells the answer"
                yield cell.line + node.lineno - 1, sentence


def _format_specs(tree: ast.AST) -> set[ast.AST]:
    """The constants behind a colon in f-strings, which are widths and no answers."""
    values = (node for node in ast.walk(tree) if isinstance(node, ast.FormattedValue))
    specs = [value.format_spec for value in values if value.format_spec]
    return {node for spec in specs for node in ast.walk(spec)}


def _choices(tree: ast.AST) -> set[str]:
    """The texts that predictions in this code offer to choose from."""
    asked = [node for node in ast.walk(tree) if _calls(node, "predict")]
    lists = [
        keyword.value for node in asked for keyword in node.keywords if keyword.arg == "choices"
    ]
    constants = [node for one in lists for node in ast.walk(one) if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str)}
