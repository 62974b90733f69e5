"""What has to run for the answers of a notebook, in which order, and when each answer is tried.

Only statements run that bind a name which an answer needs, directly or through another statement;
so no lesson cell runs, no training and no check, unless an answer is built on it. Cell ids,
metadata and outputs play no role. A stub that is still there beside an answer is passed over.

An answer is tried where its learner tried it: after its own cell, or at the `check` in it, with the
names as they stood there. What a later cell makes of these names does not reach back. A name that
is missing there comes with a later cell, and the answer waits for it.
"""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.grading.inside.cells import Statement, statements_of


@dataclass(frozen=True)
class Plan:
    """The statements to run, in order, and the cells that are no Python: their number, with the
    reason.

    `needs`: the places of the statements that each answer needs; it is tried after the last of them
    and as early as that.
    """

    statements: list[Statement]
    unreadable: dict[int, str]
    found: frozenset[str]
    stubs: frozenset[str]
    needs: dict[str, list[int]]


def _needed(statements: Sequence[Statement], names: Iterable[str]) -> tuple[set[int], set[str]]:
    """The places of the statements that these names need, directly or not, and the names that none
    of them binds.
    """
    modules = {name for one in statements if one.imports for name in one.binds}
    # a call changes no module: torch.manual_seed(0) and its like are undone for each answer
    touched = [one.binds | one.writes | (one.calls - modules) for one in statements]
    wanted, chosen, grown = set(names), set[int](), True
    while grown:
        grown = False
        for place, one in enumerate(statements):
            if place not in chosen and touched[place] & wanted:
                chosen.add(place)
                wanted |= one.uses
                grown = True
    missing = wanted - {name for one in statements for name in one.binds} - set(vars(builtins))
    if any(map(str.isidentifier, missing)):  # it may come from an `import *`
        chosen |= {place for place, one in enumerate(statements) if "*" in one.binds}
    return chosen, missing


def _tried_at(statements: Sequence[Statement], name: str) -> int:
    """The place of the statement after which the learner tried this answer."""
    own = max(place for place, one in enumerate(statements) if name in one.binds)
    cell = [
        place
        for place, one in enumerate(statements)
        if one.cell == statements[own].cell and place >= own
    ]
    return next((place for place in cell if name in statements[place].checks), cell[-1])


def _needs(statements: Sequence[Statement], name: str) -> set[int]:
    """The places that an answer needs: of all that stands before its place, and after it only what
    brings a name that is missing.
    """
    end = _tried_at(statements, name)
    while True:
        chosen, missing = _needed(statements[: end + 1], [name])
        later = [
            next((place for place, one in enumerate(statements) if wanted in one.binds), 0)
            for wanted in missing
        ]
        if max(later, default=0) <= end:
            return chosen
        end = max(later)


def plan(cells: Sequence[str], names: Sequence[str]) -> Plan:
    """What has to run for the answers of these names."""
    statements, unreadable = statements_of(cells)
    answered = {name for one in statements if not one.stub for name in one.binds if name in names}
    stubs = {name for one in statements if one.stub for name in one.binds if name in names}
    left = [one for one in statements if not (one.stub and one.binds & answered)]
    needs = {name: _needs(left, name) for name in sorted(answered)}
    chosen = sorted(set().union(*needs.values()))
    place_of = {place: number for number, place in enumerate(chosen)}
    return Plan(
        [left[place] for place in chosen],
        unreadable,
        frozenset(answered),
        frozenset(stubs - answered),
        {name: sorted(place_of[place] for place in places) for name, places in needs.items()},
    )
