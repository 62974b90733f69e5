"""The top-level statements of a notebook's code cells: what each one binds, uses and changes."""

import __future__

import ast
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from course.grading.inside.jupyter import parse, written_file

MOST_UNREADABLE = 1000


@dataclass(frozen=True)
class Statement:
    """A top-level statement: what it binds, which global names it uses, and of which it changes the
    content: by a call (`calls`, x.append(3)) or by writing into it (`writes`, x[0] = 1).

    A file that a cell writes counts as a name, too: ./data.json. `flags`: what `from __future__ import` switched
    on up to here, in this cell or an earlier one. `checks`: what the statement hands to `check`.
    """

    cell: int
    tree: ast.stmt = field(compare=False)
    binds: frozenset[str]
    uses: frozenset[str]
    calls: frozenset[str]
    writes: frozenset[str]
    checks: frozenset[str]
    stub: bool
    imports: bool
    flags: int


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


def _called(tree: ast.stmt) -> Iterator[str]:
    """Names whose content a call may change: x.append(3)."""
    for node in _outside_functions(tree):
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            yield _root(call.func)


def _written(tree: ast.stmt) -> Iterator[str]:
    """Names that a statement writes into: x[0] = 1, x.rate = 2, setattr(x, "rate", 2)."""
    for node in _outside_functions(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield _root(node)
        elif isinstance(node, ast.Call) and _root(node.func) == "setattr" and node.args:
            yield _root(node.args[0])


def _checked(tree: ast.stmt) -> Iterator[str]:
    call = tree.value if isinstance(tree, ast.Expr) else None
    if isinstance(call, ast.Call) and _root(call.func) == "check":
        yield from (one.id for one in call.args if isinstance(one, ast.Name))


def _file(name: str) -> str:
    """What a file is called among the names: the text "x" in an answer is no use of the name x."""
    return f"./{name.removeprefix('./')}"


def _files(tree: ast.stmt) -> Iterator[str]:
    """Files that a statement may need: of a module that it imports, and those that it names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_file(f"{alias.name.partition('.')[0]}.py") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield _file(f"{node.module.partition('.')[0]}.py")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _file(node.value)


def _future(tree: ast.stmt) -> int:
    """The compiler's flags that this statement switches on for all that follow."""
    flags = 0
    if isinstance(tree, ast.ImportFrom) and tree.module == "__future__":
        for alias in tree.names:
            flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


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


def _bound(tree: ast.stmt, table: symtable.SymbolTable) -> Iterator[str]:
    if isinstance(tree, ast.Delete):
        return
    yield from (
        one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()
    )
    yield from _declared_global(table)
    if isinstance(tree, ast.ImportFrom) and any(alias.name == "*" for alias in tree.names):
        yield "*"
    if file := written_file(tree):
        yield _file(file)


def _statement(cell: int, tree: ast.stmt, flags: int) -> Statement:
    table = _table(tree)
    return Statement(
        cell=cell,
        tree=tree,
        binds=frozenset(_bound(tree, table)),
        uses=frozenset(_globals_used(table)) | frozenset(_files(tree)),
        calls=frozenset(_called(tree)) - {"", "get_ipython"},
        writes=frozenset(_written(tree)) - {""},
        checks=frozenset(_checked(tree)),
        stub=_is_stub(tree),
        imports=isinstance(tree, ast.Import | ast.ImportFrom),
        flags=flags,
    )


def statements_of(cells: Sequence[str]) -> tuple[list[Statement], dict[int, str]]:
    """The statements in order, and the cells that are no Python: their number, with the reason."""
    statements: list[Statement] = []
    unreadable: dict[int, str] = {}
    flags = 0
    for number, source in enumerate(cells):
        # nobody reads of more, and IPython's rules take their time
        read = parse if len(unreadable) < MOST_UNREADABLE else ast.parse
        try:
            trees = read(source).body
            for tree in trees:
                flags |= _future(tree)
            statements += [_statement(number, tree, flags) for tree in trees]
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = (
                f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            )
            unreadable[number] = f"{getattr(error, 'msg', None) or type(error).__name__}{line}"
    return statements, unreadable
