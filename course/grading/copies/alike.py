"""Pairs of students who share what hardly anybody else wrote.

What the course wrote (lesson, stubs, answers, known mistakes) is nobody's; what half of the class
wrote is no sign. Of what is left, a pair is named if it shares most of what one of the two has.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from course.grading.copies.fingerprints import fingerprints

LEAST = 3  # shared fingerprints: some 30 tokens, a short function
MOST_ALIKE = 0.5  # the part of the smaller one's own fingerprints that has to be shared
FEW = 4  # students; so many and half of the class are no pair any more, but what is common


@dataclass(frozen=True)
class Work:
    """What one student wrote: the lines of all own cells, and where each fingerprint stands.

    files: digests of the notebooks, and where they lie, which is the same for a group.
    """

    name: str
    lines: tuple[str, ...]
    prints: dict[int, set[int]] = field(repr=False)
    digests: frozenset[str] = frozenset()
    places: frozenset[tuple[str, ...]] = frozenset()

    @property
    def letters(self) -> str:
        """All that was written, but for spaces."""
        return re.sub(r"\s+", "", "".join(self.lines))


@dataclass(frozen=True)
class Pair:
    """Two students. `shared`: how many fingerprints that are rare; `part` of those that the one
    with fewer of them has. `how`: in words.
    """

    one: Work
    other: Work
    shared: int
    part: float
    weight: float
    how: str
    lines: tuple[tuple[int, ...], tuple[int, ...]]


def own_cells(cells: Iterable[str], lesson: Collection[str]) -> list[str]:
    """The cells that are not, letter by letter, cells of the lesson. `lesson`: without spaces."""
    return [cell for cell in cells if re.sub(r"\s+", "", cell) not in lesson]


def work(
    name: str,
    cells: Sequence[str],
    known: Collection[int],
    digests: Collection[str] = (),
    places: Collection[tuple[str, ...]] = (),
) -> Work:
    """What a student wrote, in own cells. known: fingerprints of what the course wrote."""
    code = "\n\n".join(cells)
    prints = {one: lines for one, lines in fingerprints(code).items() if one not in known}
    lines = tuple(code.splitlines())
    return Work(name, lines, prints, frozenset(digests), frozenset(places))


def pairs(class_: Sequence[Work]) -> list[Pair]:
    """The pairs that share most of what is rare, the heaviest first."""
    counts = Counter(one for work in class_ for one in work.prints)
    common = {one for one, n in counts.items() if n >= FEW and 2 * n >= len(class_)}
    own = [work.prints.keys() - common for work in class_]
    holders: dict[int, list[int]] = defaultdict(list)
    for place, prints in enumerate(own):
        for one in prints:
            holders[one].append(place)
    shared: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one, places in holders.items():
        for pair in combinations(places, 2):
            shared[pair].append(one)
    found = []
    for (a, b), rare in shared.items():
        part = len(rare) / min(len(own[a]), len(own[b]))
        if len(rare) >= LEAST and part >= MOST_ALIKE and not class_[a].places & class_[b].places:
            weight = sum(math.log(len(class_) / counts[one]) for one in rare)
            equal = own[a] == own[b]
            found.append(_pair(class_[a], class_[b], rare, part, weight, equal))
    return sorted(found, key=lambda pair: (-pair.weight, pair.one.name, pair.other.name))


def groups(found: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs, put together where they have a student in common; the heaviest first."""
    of: dict[int, list[Pair]] = {}
    for pair in found:
        mine, theirs = (of.get(id(work), []) for work in (pair.one, pair.other))
        together = [*mine, *(one for one in theirs if theirs is not mine), pair]
        for member in together:
            of[id(member.one)] = of[id(member.other)] = together
    different = {id(group): group for group in of.values()}
    whole = [sorted(group, key=lambda pair: -pair.weight) for group in different.values()]
    return sorted(whole, key=lambda group: -group[0].weight)


def _pair(
    one: Work, other: Work, rare: Sequence[int], part: float, weight: float, equal: bool
) -> Pair:
    lines = tuple(
        tuple(sorted({line for number in rare for line in work.prints[number]}))
        for work in (one, other)
    )
    how = _how(one, other, part, equal)
    return Pair(one, other, len(rare), part, weight, how, (lines[0], lines[1]))


def _how(one: Work, other: Work, part: float, equal: bool) -> str:
    if one.digests & other.digests:
        return "The very same file, byte by byte"
    if one.letters == other.letters:
        return "The same, letter by letter"
    if equal:
        return "The same but for names"
    return f"{part:.0%} of what one of them has is in the other's"
