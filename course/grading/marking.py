"""A whole class is marked: several students at once, and each result is kept as soon as it is there.

What is graded is kept in GRADES/.kept/, one file for each student, so an interrupted run goes on
where it stopped. A kept result counts only for the same student, code cells, assignment, exercises
and grader.
"""

import hashlib
import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from course.atomic_file import write_atomically
from course.grading import last_run
from course.grading.assignment import CHECKS, PUBLIC, TEACHER, Assignment
from course.grading.handed_in.submissions import Student
from course.grading.marks.mark_student import Examined, Marked, in_words, read, run
from course.grading.marks.marks import Item, Mark
from course.grading.sandbox import code_folder
from course.grading.sandbox.launch import Launch
from course.grading.sandbox.session import end_all

COURSE = code_folder.COURSE
KEPT = ".kept"


@dataclass(frozen=True)
class Job:
    """All that stays the same while a class is graded. `anew`: run also what is kept."""

    assignment: Assignment
    chapters: list[list[Item]]
    fingerprint: str
    launch: Launch
    out: Path
    anew: bool = False

    def examine(self, student: Student) -> tuple[Path, Marked | Examined, list[Mark]]:
        """Runs in a thread: what is kept of this student, or what their code gives now; and the
        marks of what they say in words.
        """
        notebooks, notes = read(student)
        code = json.dumps(
            [
                self.fingerprint,
                student.owner.key,
                notes,
                [[one.place, one.name, one.cells, one.words] for one in notebooks],
            ]
        )
        path = self.out / KEPT / f"{hashlib.sha256(code.encode()).hexdigest()}.json"
        if not self.anew and (kept := _recalled(path)) is not None:
            return path, kept, []
        done = run(notebooks, self.chapters, self.launch)
        examined = Examined(done.results, [*notes, *done.notes], done.seconds, done.counted)
        return path, examined, in_words(notebooks, self.assignment.questions)


def _recalled(path: Path) -> Marked | None:
    """A kept result; None if there is none, or a damaged one."""
    try:
        return last_run.marked(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def fingerprint(folder: Path, closed: bool) -> str:
    """What marks depend on besides a submission: the assignment, the exercises, the grader, and how
    it runs.
    """
    found = hashlib.sha256(b"sandbox" if closed else b"trusted")
    own = [folder / name for name in (PUBLIC, TEACHER, CHECKS)]
    for path in [*own, *sorted(COURSE.rglob("*.py"))]:
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()


def mark_class(
    job: Job, students: Sequence[Student], jobs: int
) -> Iterator[tuple[Student, Marked | Exception]]:
    """Each student as they are done. An exception is a mistake of the grader's, and no mark."""
    pool = ThreadPoolExecutor(jobs)
    waiting: dict[Future[tuple[Path, Marked | Examined, list[Mark]]], Student] = {
        pool.submit(job.examine, one): one for one in students
    }
    try:
        for done in tqdm(
            as_completed(waiting), total=len(waiting), unit="student", file=sys.stderr
        ):
            outcome: Marked | Exception
            try:
                path, found, words = done.result()
                if isinstance(found, Examined):
                    outcome = found.marked(words)
                    write_atomically(path, json.dumps(asdict(outcome)).encode())
                else:
                    outcome = found
            # one submission that breaks the grader must not cost the others their marks
            except Exception as error:
                traceback.print_exception(error)
                outcome = error
            yield waiting.pop(done), outcome
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        end_all()
        raise
    pool.shutdown()
