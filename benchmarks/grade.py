"""How long a class takes to grade: submissions of chapter 02, each in a sandbox of its own.

    python benchmarks/grade.py                        # 200 submissions, 2 at once
    python benchmarks/grade.py --submissions 20 --jobs 4

Of ten submissions, seven are solved, one has a known mistake in every exercise, one is the empty
notebook, and one has an answer that never ends, which alone costs its ten seconds. All hold the
whole notebook, lesson cells included. Shows the seconds of the whole command, of each submission,
and the target: 200 in 10 minutes on two cores.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from course.building.build import CHAPTERS, ROOT, notebook, repository
from course.building.chapter import Cell, read_chapter
from course.building.exercise_cells import exercise_of, learner_cell, solved_cell
from course.grading import grade, marking, pack
from course.judging.exercise_source import renamed

NAME = "02_cross_entropy"
LOOP = "def cross_entropy(logits, targets):\n    while True:\n        pass"


def mistaken_cell(cell: Cell) -> str:
    """An exercise with its first known mistake."""
    found = exercise_of(cell)
    if found is None or not found.parameters:
        return solved_cell(cell)
    return f"from torch import Tensor\n{renamed(found.wrongs[0].answer, found.name)}"


def endless_cell(cell: Cell) -> str:
    """02.1 never ends, the rest is solved."""
    found = exercise_of(cell)
    return LOOP if found and found.id == "02.1" else solved_cell(cell)


KINDS: list[Callable[[Cell], str]] = [*[solved_cell] * 7, mistaken_cell, learner_cell, endless_cell]


def hand_in(folder: Path, count: int) -> None:
    chapter = read_chapter(ROOT / CHAPTERS / f"{NAME}.md")
    files = [notebook(chapter, repository(ROOT), fill) for fill in KINDS]
    for number in range(count):
        path = folder / f"student {number:03d}" / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(files[number % len(files)])


def measure(count: int, jobs: int) -> tuple[float, list[float]]:
    """Seconds of the whole command, and of each submission."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        pack.main(["--chapters", "02", "--out", str(top / "hw")])
        hand_in(top / "in", count)
        start = time.perf_counter()
        code = grade.main(
            [str(top / "hw"), str(top / "in"), "--out", str(top / "grades"), "--jobs", str(jobs)]
        )
        whole = time.perf_counter() - start
        kept = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in (top / "grades" / marking.KEPT).iterdir()
        ]
    assert code == 0 and len(kept) == count
    return whole, sorted(one["seconds"] for one in kept)


def main() -> None:
    top = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--submissions", type=int, default=200)
    top.add_argument("--jobs", type=int, default=2)
    options = top.parse_args()
    whole, each = measure(options.submissions, options.jobs)
    print(
        f"{options.submissions} submissions, {options.jobs} at once, {os.cpu_count()} processors: "
        f"{whole:.0f} s"
    )
    print(
        f"for each: {whole / options.submissions:.2f} s of the whole; alone "
        f"{each[len(each) // 2]:.1f} s (median)"
    )
    print(
        f"200 would take {whole / options.submissions * 200 / 60:.1f} minutes; the target is "
        "below 10"
    )


if __name__ == "__main__":
    main()
