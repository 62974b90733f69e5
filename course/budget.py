"""What each notebook cost, and whether that is within the course's budget. Taken from pytest's XML report.

On a machine that does other work as well a cell takes longer than it should. So the times count by the share of a
processor that the notebooks got: their processor time over their time by the clock.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

NOTEBOOK_SECONDS = 60
CELL_SECONDS = 20
GIB = 2**30
BYTES = 4 * GIB
LEAST_SHARE = 0.2  # below this it is not other work that slows a notebook, but that it waits for something


class Counts(NamedTuple):
    """How many tests (in a notebook: cells) ended in which way."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


def counts(report: Path) -> Counts:
    """The sums of a report; all zero where none was written."""
    if not report.is_file():
        return Counts()
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    sums = [tuple(int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")) for suite in suites]
    total, failures, errors, skipped = map(sum, zip(*sums, strict=True))
    return Counts(total - failures - errors - skipped, failures + errors, skipped)


def seconds(report: Path) -> dict[str, list[float]]:
    """The time of each code cell, by notebook. nbval's "notebooks.01_x.ipynb" becomes a path again."""
    cells = defaultdict(list)
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        path = case.get("classname").removesuffix(".ipynb").replace(".", "/") + ".ipynb"
        cells[path].append(float(case.get("time")))
    return dict(sorted(cells.items()))


def share(cells: dict[str, list[float]], processor: float | None) -> float:
    """How much of a processor the notebooks got, from LEAST_SHARE to 1, if they took `processor` seconds of it.

    The start of the kernels is in `processor` too, which makes the share rather too large. 1 where it is not known.
    """
    clock = sum(map(sum, cells.values()))
    return 1.0 if processor is None or not clock else min(1.0, max(LEAST_SHARE, processor / clock))


def excesses(cells: dict[str, list[float]], peak: int | None) -> Iterator[str]:
    """One sentence for each way in which notebooks cost too much. `peak`: bytes of the largest process, if known."""
    for name, times in cells.items():
        if sum(times) > NOTEBOOK_SECONDS:
            yield f"{name} takes {sum(times):.0f} s; at most {NOTEBOOK_SECONDS} s is allowed."
        if max(times) > CELL_SECONDS:
            cell = times.index(max(times))
            yield f"{name}, code cell {cell} takes {max(times):.0f} s; at most {CELL_SECONDS} s is allowed."
    if peak and peak > BYTES:
        yield f"A notebook takes {peak / GIB:.1f} GiB; at most {BYTES / GIB:.0f} GiB is allowed."


def report(xml: Path, processor: float | None, peak: int | None) -> bool:
    """Prints what each notebook cost; True if all of it is within the budget. `processor`: seconds, `peak`: bytes."""
    cells = seconds(xml)
    part = share(cells, processor)
    for name, times in cells.items():
        print(f"{name}: {len(times)} code cells, {sum(times):.1f} s, the slowest {max(times):.1f} s")
    if part < 1:
        print(f"The machine was busy: the notebooks got {part:.0%} of a processor, and their times count by that.")
    if peak:
        print(f"The largest process took {peak / GIB:.2f} GiB.")
    counted = {name: [part * time for time in times] for name, times in cells.items()}
    wrong = list(excesses(counted, peak))
    for sentence in wrong:
        print(sentence)
    return not wrong
