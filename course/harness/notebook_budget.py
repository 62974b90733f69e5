"""What each notebook cost, and whether that is within the course's budget, on any machine, busy or
not.

Counted are the processor seconds of the notebook's kernel, as cell_cost.py wrote them down. They
are divided by the slowness of the machine: how long it took, between the same cells, for fixed
pieces of the same kinds of work, beside what these take on a laptop with AVX2 and nothing else to
do. Time by the clock is shown, and decides nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict

import nbformat

from course.harness.junit_report import clock_seconds

NOTEBOOK_SECONDS = 60
CELL_SECONDS = 20
# Beside other work the same notebook was seen to count up to 1.4 times as much: caches are shared,
# and no fixed work feels that as a model does. So a run fails only beyond this, and says the rest.
MARGIN = 1.5
GIB = 2**30
BYTES = 4 * GIB
# Processor seconds of cell_cost.py's pieces on one quiet core with AVX2 (about 90 GFLOP/s, 13
# GB/s).
REFERENCE = {"python": 0.0065, "product": 0.025, "memory": 0.020}


class Line(TypedDict):
    """What cell_cost.py writes of a cell: its digest, its processor seconds, and what the fixed
    pieces of work took after it, if it was looked.
    """

    cell: str
    seconds: float
    pieces: dict[str, float] | None


class Cost(NamedTuple):
    """What a notebook took: processor seconds of each cell as they were, and as they count."""

    measured: list[float]
    counted: list[float]

    @property
    def slowness(self) -> float:
        """How many processor seconds here are one that counts."""
        return sum(self.measured) / sum(self.counted) if sum(self.counted) else 1.0


def slowness(pieces: dict[str, float]) -> float:
    """How many times as long as on the reference machine the fixed pieces took, on average over the
    kinds of work.
    """
    return sum(seconds / REFERENCE[name] for name, seconds in pieces.items()) / len(pieces)


def cost(lines: Sequence[Line]) -> Cost:
    """What cells cost, from the lines that their kernel wrote.

    A cell counts by the looks before and after it.
    """
    looks = {place: slowness(line["pieces"]) for place, line in enumerate(lines) if line["pieces"]}
    counted = []
    for place, line in enumerate(lines):
        before = [look for at, look in looks.items() if at < place][-1:]
        after = [look for at, look in looks.items() if at >= place][:1]
        near = before + after
        counted.append(line["seconds"] * len(near) / sum(near))
    return Cost([line["seconds"] for line in lines], counted)


def costs(folder: Path, root: Path, names: Sequence[str]) -> dict[str, Cost]:
    """The cost of those notebooks (paths below `root`) whose kernels wrote into `folder`.

    A kernel does not know its notebook, but the cells that it ran are those of one. If one ran
    twice, the last counts.
    """
    runs = {}
    for file in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        runs[tuple(line["cell"] for line in lines)] = lines
    known = {name: runs.get(_cells(root / name)) for name in names}
    return {name: cost(lines) for name, lines in known.items() if lines}


def _cells(notebook: Path) -> tuple[str, ...]:
    """The digests of the code cells, in order, as cell_cost.py writes them."""
    cells = nbformat.read(notebook, as_version=4).cells
    return tuple(
        hashlib.sha256(one.source.encode()).hexdigest() for one in cells if one.cell_type == "code"
    )


def excesses(found: dict[str, Cost], peak: int | None) -> Iterator[str]:
    """One sentence for each way in which notebooks cost too much.

    `peak`: bytes of the largest process, if known.
    """
    for name, one in found.items():
        if sum(one.counted) > MARGIN * NOTEBOOK_SECONDS:
            yield f"{name} takes {sum(one.counted):.0f} s; at most {NOTEBOOK_SECONDS} s is allowed."
        slowest = max(one.counted)
        if slowest > MARGIN * CELL_SECONDS:
            cell = one.counted.index(slowest)
            yield f"{name}, code cell {cell} takes {slowest:.0f} s; at most {CELL_SECONDS} s is allowed."
    if peak and peak > BYTES:
        yield f"A notebook takes {peak / GIB:.1f} GiB; at most {BYTES / GIB:.0f} GiB is allowed."


class Bill(NamedTuple):
    """What the closing table says of the notebooks, and what is wrong with it."""

    lines: list[str]
    wrong: list[str]


def bill(xml: Path, folder: Path, root: Path, peak: int | None) -> Bill:
    """What each notebook of the report `xml` cost, by the lines that the kernels wrote into
    `folder`.
    """
    clock = clock_seconds(xml)
    found = costs(folder, root, [name for name in clock if (root / name).is_file()])
    lines = [
        f"{'notebook':<44} {'counted':>8} {'slowest':>8} {'processor':>9} {'slowness':>8} "
        f"{'clock':>7}"
    ]
    for name, one in found.items():
        numbers = f"{sum(one.counted):8.1f} {max(one.counted):8.1f} {sum(one.measured):9.1f} {one.slowness:8.2f}"
        over = sum(one.counted) > NOTEBOOK_SECONDS or max(one.counted) > CELL_SECONDS
        note = "  over its budget" if over else ""
        lines.append(f"{name:<44} {numbers} {clock[name]:7.1f}{note}")
    if peak:
        lines.append(f"The largest process took {peak / GIB:.2f} GiB.")
    missing = [
        f"{name} was not timed: its kernel did not run all cells once, in order."
        for name in clock
        if name not in found
    ]
    return Bill(lines, [*excesses(found, peak), *missing])
