"""The cells that a cell of a notebook rests on: what has to run so that it shows what it shows
after Run All.

Nothing is run to find out: cell_names.py reads what each cell needs, binds and may change. A cell
is kept if it binds a name that a kept cell below it needs, or if it may change, directly or through
another name, the object that such a name stands for. A name that is used inside a function has its
value of the moment of the call, so every cell that binds it is kept. In doubt a cell is kept.
"""

import ast
from collections.abc import Collection, Iterable, Sequence

from IPython.core.inputtransformer2 import TransformerManager

from course.building.cell_names import CellNames, Function, called, cell_names, related


def read_cells(cells: Sequence[str]) -> list[CellNames]:
    """The names of each cell, read from top to bottom.

    In `changes` are those too that it changes through others.
    """
    imported: dict[str, str] = {}
    functions: dict[str, Function] = {}
    calls: dict[str, set[str]] = {}
    shares: set[tuple[str, str]] = set()
    holds: set[tuple[str, str]] = set()
    parts: set[tuple[str, str]] = set()
    read = []
    for source in cells:
        one = cell_names(source, imported, functions)
        fresh = one.sure - one.mentions
        parts = one.parts | _without(fresh, parts, shares)
        holds = one.holds | _without(fresh, holds, shares)
        shares = one.shares | _without(fresh, shares, set())
        calls = {
            name: changes for name, changes in calls.items() if name not in fresh
        } | one.functions
        reached = related(one.mentions | one.sure, shares)
        one.changes |= set().union(
            *(changes for name, changes in calls.items() if name in reached and changes)
        )
        one.shares, one.holds, one.parts = shares, holds, parts
        one.changes = one.changed()
        read.append(one)
    return read


def _without(
    names: set[str], pairs: set[tuple[str, str]], beside: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """The pairs without those of names that are bound anew; what was connected through them still
    is.

    beside: pairs of another kind, which connect as well.
    """
    for name in names & {name for pair in pairs for name in pair}:
        way = pairs | beside
        into = {one for one, other in way if other == name}
        out = {other for one, other in way if one == name}
        new = {(one, other) for one in into for other in out}
        pairs = {pair for pair in pairs if name not in pair} | {
            pair for pair in new if name not in pair
        }
    return {(one, other) for one, other in pairs if one != other}


def rests_on(cells: Sequence[str], wanted: Iterable[int]) -> list[int]:
    """The cells that have to run for the `wanted` ones, which are among them: positions from 0, in
    order.

    cells: the code of a notebook, from top to bottom. IndexError for a position that no cell has.
    """
    return sorted(_kept(read_cells(cells), wanted))


def _kept(read: list[CellNames], wanted: Iterable[int]) -> set[int]:
    """The same, of cells that have been read: reading is what takes time."""
    asked = set(wanted)
    for position in asked:
        read[position]
    kept: set[int] = set()
    called: set[str] = set()  # names that functions of kept cells use
    while (found := _walk(read, asked, called)) != kept:
        kept, called = found, set().union(*(read[position].later for position in found))
    return kept


def _walk(read: list[CellNames], asked: set[int], called: set[str]) -> set[int]:
    kept: set[int] = set()
    needed: set[str] = set()
    for position in reversed(range(max(asked, default=-1) + 1)):
        one = read[position]
        if position in asked or (one.binds | one.changes) & (needed | called):
            kept.add(position)
            needed = (needed - one.sure) | one.reads | one.later
    return kept


def that_call(cells: Sequence[str], functions: Collection[str]) -> list[int]:
    """The cells in which one of these functions is called by its name, at once or inside a
    function.
    """
    trees = (ast.parse(TransformerManager().transform_cell(source)) for source in cells)
    return [
        position
        for position, tree in enumerate(trees)
        if any(isinstance(node, ast.Call) and called(node) in functions for node in ast.walk(tree))
    ]


def cheapest(
    cells: Sequence[str], wanted: Collection[int], beside: Collection[int], number: int
) -> list[int]:
    """Those `number` of the `wanted` cells that need the fewest others, given that `beside` runs
    anyway.
    """
    read = read_cells(cells)
    return sorted(wanted, key=lambda position: len(_kept(read, [*beside, position]) - set(beside)))[
        :number
    ]
