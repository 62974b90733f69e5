"""Find the answers in a notebook's code cells, by name, and what they need: imports, constants,
helpers.

A notebook is taken apart into its top-level statements. Only those run that bind a name which an
answer needs, directly or through another statement; so no lesson cell runs, no training and no
check, unless an answer is built on it. Cell ids, metadata and outputs play no role, nor does it
matter how the statements are spread over cells. A stub that is still there beside an answer is
passed over, and a statement that needs a later one is tried again after it.
"""

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_MAGIC_LINE = re.compile(r"\s*[%!?]|.*\?\s*$|\s*[\w, .]+=\s*[%!]")
_OF_PYTHON = re.compile(r"\s*%%(time|capture|prun|timeit|python3?|pypy)\b.*")
_TIMED = re.compile(r"(\s*)%time\s+(?=\S)")


@dataclass(frozen=True)
class Statement:
    """A top-level statement: what it binds, which global names it uses, and of which it changes the
    content.
    """

    cell: int
    tree: ast.stmt = field(compare=False)
    binds: frozenset[str]
    uses: frozenset[str]
    changes: frozenset[str]
    stub: bool
    imports: bool


@dataclass(frozen=True)
class Plan:
    """The statements to run, in order, and the cells that are no Python: their number, with the
    reason.
    """

    statements: list[Statement]
    unreadable: dict[int, str]
    found: frozenset[str]
    stubs: frozenset[str]


def parse(source: str) -> ast.Module:
    """A cell as Python, with magics and shell lines passed over.

    SyntaxError or ValueError if it is none.
    """
    lines = source.replace("\r\n", "\n").split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines[first].lstrip().startswith("%%"):
        if not _OF_PYTHON.fullmatch(lines[first]):
            return ast.Module([], [])
        lines[first] = ""
    for _ in lines:
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            if not 0 <= place < len(lines) or not _MAGIC_LINE.match(lines[place]):
                raise
            timed = _TIMED.match(lines[place])
            indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
            lines[place] = indent + (lines[place][timed.end() :] if timed else "pass")
    return ast.parse("\n".join(lines))


def _table(tree: ast.stmt) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(tree), "<cell>", "exec")


def _globals_used(table: symtable.SymbolTable, top: bool = True) -> Iterator[str]:
    """The global names that a statement reads, or that functions inside of it do."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals_used(child, top=False)


def _declared_global(table: symtable.SymbolTable) -> Iterator[str]:
    for child in table.get_children():
        yield from (
            one.get_name()
            for one in child.get_symbols()
            if one.is_declared_global() and one.is_assigned()
        )
        yield from _declared_global(child)


def _root(node: ast.expr) -> str:
    """The name at the start of a.b[0].c(), or nothing."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """A statement and all that is in it, but not what functions and classes do when they are
    called.
    """
    yield tree
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for child in ast.iter_child_nodes(tree):
            yield from _outside_functions(child)


def _changed(tree: ast.stmt) -> Iterator[str]:
    """Names whose content a statement may change: x[0] = 1, x.rate = 2, x.append(3)."""
    for node in _outside_functions(tree):
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield _root(node)
        elif isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            yield _root(call.func)


def _is_empty(tree: ast.stmt) -> bool:
    """Whether this is three dots, a docstring, or nothing."""
    value = tree.value if isinstance(tree, ast.Expr) else None
    constant = value.value if isinstance(value, ast.Constant) else None
    return isinstance(tree, ast.Pass) or constant is ... or isinstance(constant, str)


def _is_stub(tree: ast.stmt) -> bool:
    if isinstance(tree, ast.FunctionDef):
        return all(map(_is_empty, tree.body))
    value = tree.value if isinstance(tree, ast.Assign | ast.AnnAssign) else None
    return isinstance(value, ast.Constant) and value.value in (..., None)


def _statement(cell: int, tree: ast.stmt) -> Statement:
    table = _table(tree)
    bound = {
        one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()
    }
    if isinstance(tree, ast.ImportFrom) and any(alias.name == "*" for alias in tree.names):
        bound.add("*")
    return Statement(
        cell,
        tree,
        frozenset(bound | set(_declared_global(table)))
        if not isinstance(tree, ast.Delete)
        else frozenset(),
        frozenset(_globals_used(table)),
        frozenset(_changed(tree)) - {""},
        _is_stub(tree),
        isinstance(tree, ast.Import | ast.ImportFrom),
    )


def _needed(statements: Sequence[Statement], names: Iterable[str]) -> set[int]:
    """The places of the statements that these names need, directly or not."""
    modules = {name for one in statements if one.imports for name in one.binds}
    wanted, chosen, grown = set(names), set(), True
    while grown:
        grown = False
        for place, one in enumerate(statements):
            if place not in chosen and (one.binds & wanted or (one.changes - modules) & wanted):
                chosen.add(place)
                wanted |= one.uses
                grown = True
    bound = {name for one in statements for name in one.binds} | set(vars(builtins))
    if wanted - bound:  # it may come from an `import *`
        chosen |= {place for place, one in enumerate(statements) if "*" in one.binds}
    return chosen


def plan(cells: Sequence[str], names: Sequence[str]) -> Plan:
    """What has to run for the answers of these names."""
    statements: list[Statement] = []
    unreadable: dict[int, str] = {}
    for number, source in enumerate(cells):
        try:
            statements += [_statement(number, tree) for tree in parse(source).body]
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = (
                f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            )
            unreadable[number] = f"{getattr(error, 'msg', None) or type(error).__name__}{line}"
    answered = {name for one in statements if not one.stub for name in one.binds if name in names}
    stubs = {
        name for one in statements if one.stub for name in one.binds if name in names
    } - answered
    left = [one for one in statements if not (one.stub and one.binds & answered)]
    chosen = _needed(left, answered)
    return Plan(
        [left[place] for place in sorted(chosen)], unreadable, frozenset(answered), frozenset(stubs)
    )
