"""How long a class takes to grade: submissions of two chapters, each in a sandbox of its own.

    python benchmarks/grade.py                        # 200 submissions, 2 at once
    python benchmarks/grade.py --submissions 20 --jobs 4 --chapters 02

Of ten submissions, seven are solved, one has a known mistake in every exercise, one is the empty
notebook, and one has an answer that never ends, which alone costs its ten seconds. All hold the
whole notebook, lesson cells included. Shows the seconds of the whole command, of each submission,
the seconds of processors, which a busy machine does not change, and the target: 200 in 10 minutes
on two cores.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from course.building.build import CHAPTERS, ROOT, notebook, repository
from course.building.chapter import Cell, Chapter, read_chapters
from course.building.exercise_cells import exercise_of, learner_cell, solved_cell
from course.grading import grade, marking, pack
from course.grading.marks import examine
from course.grading.sandbox.session import Session
from course.judging.exercise_source import renamed

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


def hand_in(folder: Path, chapters: Sequence[Chapter], count: int) -> None:
    for chapter in chapters:
        files = [notebook(chapter, repository(ROOT), fill) for fill in KINDS]
        for number in range(count):
            path = folder / f"student {number:03d}" / f"{chapter.slug}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[number % len(files)])


class Counted(Session):
    """A session that counts the seconds of the processor that its worker used."""

    spent: ClassVar[list[float]] = []

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self.spent.append(self.used)


def measure(numbers: str, count: int, jobs: int) -> tuple[float, float, list[float]]:
    """Seconds of the whole command, those of processors, and those of each submission."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        chapters = [
            one for one in read_chapters(ROOT / CHAPTERS) if one.number in numbers.split(",")
        ]
        pack.main(["--chapters", numbers, "--out", str(top / "hw")])
        hand_in(top / "in", chapters, count)
        examine.Session = Counted
        start, own = time.perf_counter(), time.process_time()
        code = grade.main(
            [str(top / "hw"), str(top / "in"), "--out", str(top / "grades"), "--jobs", str(jobs)]
        )
        whole, own = time.perf_counter() - start, time.process_time() - own
        kept = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in (top / "grades" / marking.KEPT).iterdir()
        ]
    assert code == 0 and len(kept) == count
    return whole, own + sum(Counted.spent), sorted(one["seconds"] for one in kept)


def main() -> None:
    top = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--submissions", type=int, default=200)
    top.add_argument("--jobs", type=int, default=2)
    top.add_argument("--chapters", default="02,10")
    options = top.parse_args()
    whole, used, each = measure(options.chapters, options.submissions, options.jobs)
    print(
        f"{options.submissions} submissions, {options.jobs} at once, {os.cpu_count()} processors: "
        f"{whole:.0f} s, {used:.0f} s of processors"
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
