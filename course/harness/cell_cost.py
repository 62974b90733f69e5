"""Copied to where a kernel starts: writes down what each cell costs in processor seconds, and how
fast this machine is.

A machine that is slow, or busy with other work, needs more processor seconds for the same cell. So
the kernel does fixed pieces of the same kinds of work now and then: a loop of Python, a matrix
product, and a read through more memory than a cache holds. What they take says how to read what the
cells took (notebook_budget.py).

This file imports nothing of the course: a cell must pay for its own imports.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult
    from torch import Tensor

EVERY = 3.0  # processor seconds of cells between two looks at the machine
_FOLDER = "GLASSBOX_CELL_COSTS"


def _python() -> int:
    """A loop that makes, looks up and adds small objects."""
    counts: dict[int, int] = {}
    for number in range(100_000):
        counts[number % 97] = counts.get(number % 97, 0) + number
    return len(counts)


def _mean(piece: Callable[[], object], times: int = 3) -> float:
    """Processor seconds of `piece`, the mean of some runs: what other work costs is to be seen."""
    began = time.process_time()
    for _ in range(times):
        piece()
    return (time.process_time() - began) / times


class _Watch:
    """What the cells of one kernel cost."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.began: float | None = None
        self.since = EVERY  # so that the first look comes after the first cell
        self.tensors: list[Tensor] = []

    def pieces(self) -> dict[str, float]:
        """Processor seconds of each fixed piece of work; those of torch once a cell has imported
        it.
        """
        found = {"python": _mean(_python)}
        torch = sys.modules.get("torch")
        if torch is None:
            return found
        if not self.tensors:
            shapes = ((128, 576), (576, 1536), (64_000_000,))  # the last one is 256 MB
            self.tensors = [torch.ones(shape, dtype=torch.float32) for shape in shapes]
        rows, weights, long = self.tensors
        with torch.no_grad():
            found["product"] = _mean(lambda: [rows @ weights for _ in range(10)])
            found["memory"] = _mean(long.sum)
        return found

    def begin(self, info: object = None) -> None:
        """A cell begins."""
        self.began = time.process_time()

    def end(self, result: ExecutionResult) -> None:
        """A cell has ended: one line more in the file."""
        if self.began is None:  # the cell in which this watch was set up
            return
        seconds = time.process_time() - self.began
        self.began = None
        self.since += seconds
        source = (result.info.raw_cell if result.info else None) or ""
        pieces = None
        if self.since >= EVERY:
            self.since = 0.0
            pieces = self.pieces()
        line = {
            "cell": hashlib.sha256(source.encode()).hexdigest(),
            "seconds": seconds,
            "pieces": pieces,
        }
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def watch(folder: str) -> None:
    """Watch the cells of this kernel, and write into a file of its own in `folder`."""
    from IPython import get_ipython

    watched = _Watch(Path(folder) / f"{os.getpid()}-{time.time_ns()}.jsonl")
    get_ipython().events.register("pre_run_cell", watched.begin)
    get_ipython().events.register("post_run_cell", watched.end)


if __name__ == "__main__":
    watch(os.environ[_FOLDER])
