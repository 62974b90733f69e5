"""What pytest's XML report says: how many tests ended in which way, which ones failed, and how long
they took.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple


class Counts(NamedTuple):
    """How many tests (in a notebook: cells) ended in which way."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


def counts(report: Path) -> Counts:
    """The sums of a report; all zero where none was written."""
    if not report.is_file():
        return Counts()
    names = ("tests", "failures", "errors", "skipped")
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    sums = [tuple(int(suite.get(name, 0)) for name in names) for suite in suites]
    total, failures, errors, skipped = map(sum, zip(*sums, strict=True))
    return Counts(total - failures - errors - skipped, failures + errors, skipped)


def failures(report: Path) -> list[str]:
    """The tests that failed, as "tests.unit.test_x::test_a"; none where no report was written."""
    if not report.is_file():
        return []
    cases = ElementTree.parse(report).getroot().iter("testcase")
    failed = (
        case for case in cases if case.find("failure") is not None or case.find("error") is not None
    )
    return list(dict.fromkeys(f"{case.get('classname')}::{case.get('name')}" for case in failed))


def clock_seconds(report: Path) -> dict[str, float]:
    """The time by the clock of each notebook. nbval's "notebooks.01_x.ipynb" becomes a path again."""
    taken: dict[str, float] = defaultdict(float)
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        path = case.get("classname", "").removesuffix(".ipynb").replace(".", "/") + ".ipynb"
        taken[path] += float(case.get("time", 0))
    return dict(sorted(taken.items()))
