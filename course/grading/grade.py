"""`python -m course grade ASSIGNMENT SUBMISSIONS --out GRADES`: marks, a page for each student, one
for the teacher.

What is graded is kept in GRADES/.kept/, one file for each student, so an interrupted run goes on
where it stopped. A kept result counts only for the same student, code cells, assignment, exercises
and grader.
"""

import argparse
import hashlib
import io
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from course.atomic_file import write_atomically
from course.grading import private_checks
from course.grading.assignment import CHECKS, PUBLIC, TEACHER, Assignment, BadAssignment, load
from course.grading.handed_in import roster
from course.grading.handed_in.submissions import HandIn, NoSubmissions, Student, collect
from course.grading.marks.mark_student import Examined, Marked, read, run
from course.grading.marks.marks import Item, Mark, items
from course.grading.reports import gradebook, pages
from course.grading.reports.gradebook import Row
from course.grading.reports.matching import closing, doubts, matching
from course.grading.reports.summary import summary
from course.grading.sandbox import code_folder
from course.grading.sandbox import launch as sandbox
from course.grading.sandbox.launch import Launch, NoSandbox
from course.grading.sandbox.session import Gone, Session, end_all
from course.judging.judge import State

COURSE = code_folder.COURSE
KEPT = ".kept"


@dataclass(frozen=True)
class Job:
    """All that stays the same while a class is graded."""

    assignment: Assignment
    chapters: list[list[Item]]
    fingerprint: str
    launch: Launch
    out: Path

    def examine(self, student: Student) -> tuple[Path, Marked | Examined]:
        """Runs in a thread: what is kept of this student, or what their code gives now."""
        notebooks, notes = read(student)
        code = json.dumps(
            [
                self.fingerprint,
                student.owner.key,
                notes,
                [[one.name, one.cells] for one in notebooks],
            ]
        )
        path = self.out / KEPT / f"{hashlib.sha256(code.encode()).hexdigest()}.json"
        if (kept := _recalled(path)) is not None:
            return path, kept
        done = run(notebooks, self.chapters, self.launch)
        return path, Examined(done.results, [*notes, *done.notes], done.seconds)


def _recalled(path: Path) -> Marked | None:
    """A kept result; None if there is none, or a damaged one."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        marks = tuple(_mark(one) for one in kept["marks"])
        return Marked(marks, tuple(kept["notes"]), kept["seconds"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _mark(kept: dict[str, Any]) -> Mark:
    """A mark from JSON. LookupError, TypeError or ValueError for what is none."""
    return Mark(**kept | {"state": State(kept["state"]), "lines": tuple(kept["lines"])})


def fingerprint(folder: Path, closed: bool) -> str:
    """What marks depend on besides a submission: the assignment, the exercises, the grader, and how
    it runs.
    """
    found = hashlib.sha256(b"sandbox" if closed else b"trusted")
    own = [folder / name for name in (PUBLIC, TEACHER, CHECKS)]
    for path in [*own, *sorted(COURSE.rglob("*.py"))]:
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()


def grade(
    job: Job, students: Sequence[Student], jobs: int
) -> Iterator[tuple[Student, Marked | Exception]]:
    """Each student as they are done. An exception is a mistake of the grader's, and no mark."""
    pool = ThreadPoolExecutor(jobs)
    waiting: dict[Future[tuple[Path, Marked | Examined]], Student] = {
        pool.submit(job.examine, one): one for one in students
    }
    try:
        for done in tqdm(
            as_completed(waiting), total=len(waiting), unit="student", file=sys.stderr
        ):
            outcome: Marked | Exception
            try:
                path, found = done.result()
                if isinstance(found, Examined):
                    outcome = found.marked()
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


def write_reports(job: Job, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """All files of the result folder.

    Pages of students who are not in this class any more are deleted.
    """
    warning = "" if job.launch.closed else pages.OPEN_WARNING
    most = sum(item.points for chapter in job.chapters for item in chapter)
    files = {
        "gradebook.csv": gradebook.gradebook(rows),
        "by_student.csv": gradebook.by_student(rows),
        "canvas.csv": gradebook.canvas(job.assignment, rows, most),
        "moodle.csv": gradebook.moodle(rows, most),
        "summary.html": summary(job.assignment, rows, notes, warning),
    }
    for row in rows:
        files[f"students/{pages.file_name(row[0])}"] = pages.student_page(
            job.assignment, row, warning
        )
    for old in (job.out / "students").glob("*.html"):
        if f"students/{old.name}" not in files:
            old.unlink()
    for name, data in files.items():
        write_atomically(job.out / name, data)


def _launch(trust: bool, home_folder: Path, work: Path, hidden: Sequence[Path]) -> Launch:
    """How workers start, tried once. NoSandbox if none starts."""
    launch = sandbox.trusted(home_folder, work) if trust else sandbox.closed(home_folder, hidden)
    try:
        with Session(launch):
            return launch
    except Gone:
        said = sandbox.complaint(launch)
        raise NoSandbox(
            f"The worker for student code does not start ({said}): {sandbox.ADVICE}."
        ) from None


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m course grade", description="Grade what a class handed in."
    )
    top.add_argument("assignment", type=Path, help="the folder that `pack` made")
    top.add_argument("submissions", type=Path, help="a folder, or the zip of a learning platform")
    top.add_argument("--out", type=Path, help="where marks and pages go")
    top.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        help="so many at once (default: one per processor)",
    )
    top.add_argument(
        "--roster", type=Path, help="a CSV file with the class: name,id,mail; settles who is who"
    )
    top.add_argument(
        "--dry-run", action="store_true", help="only say who handed in what, and grade nothing"
    )
    top.add_argument(
        "--i-trust-these-submissions",
        action="store_true",
        help="run them without a sandbox, with limits only",
    )
    return top


def _as_root() -> list[str]:
    """A word to whoever grades as the user whom some limits do not bind."""
    if not hasattr(os, "geteuid") or os.geteuid():
        return []
    return ["You are root: some of the limits on student code do not bind root."]


def _report(job: Job, handed_in: HandIn, jobs: int) -> int:
    rows, notes = [], [*_as_root(), *doubts(handed_in)]
    for student, found in grade(job, handed_in.students, jobs):
        if isinstance(found, Marked):
            rows.append((student, found))
        else:
            notes.append(
                f"{student.owner.name} was NOT graded, by a mistake of the grader "
                f"({type(found).__name__})."
            )
    rows.sort(key=lambda row: (row[0].owner.name.casefold(), row[0].owner.key))
    write_reports(job, rows, notes)
    for note in notes:
        print(f"  {note}")
    print(f"{len(rows)} students graded: {job.out / 'summary.html'}, {job.out / 'gradebook.csv'}")
    print(closing(handed_in))
    return 0 if len(rows) == len(handed_in.students) else 1


def _dry_run(handed_in: HandIn) -> int:
    """Say who handed in what. Nothing is run."""
    for line in (*matching(handed_in), "", *doubts(handed_in), closing(handed_in)):
        print(line)
    return 0


def _grade(options: argparse.Namespace) -> int:
    assignment = load(options.assignment)
    people = roster.load(options.roster) if options.roster else []
    if options.dry_run:
        return _dry_run(collect(options.submissions, assignment.chapters, people))
    if options.out is None:
        raise ValueError("Say with --out where marks and pages go, or look first with --dry-run.")
    if options.out.resolve().is_relative_to(options.submissions.resolve()):
        raise ValueError(
            f"{options.out} lies in {options.submissions}, and is no hand-in: choose a folder "
            "outside."
        )
    path = options.assignment / CHECKS
    checks = private_checks.load(path) if path.is_file() else []
    trust = options.i_trust_these_submissions
    handed_in = collect(options.submissions, assignment.chapters, people)
    with tempfile.TemporaryDirectory(prefix="glass-box-") as folder:
        work = Path(folder) / "work"
        work.mkdir()
        hidden = [COURSE, options.assignment, options.submissions, options.out]
        launch = _launch(trust, code_folder.build(Path(folder) / "home"), work, hidden)
        chapters = [items(assignment, slug, checks) for slug in assignment.chapters]
        marks_of = fingerprint(options.assignment, not trust)
        job = Job(assignment, chapters, marks_of, launch, options.out)
        return _report(job, handed_in, max(1, options.jobs))


def main(argv: list[str]) -> int:
    """The command. Returns 0 if every student was graded."""
    options = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot write every name
            stream.reconfigure(errors="backslashreplace")
    try:
        return _grade(options)
    except (BadAssignment, NoSubmissions, NoSandbox, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Stopped. What is graded is kept: the same command goes on from here.", file=sys.stderr
        )
        sys.stderr.flush()
        os._exit(130)  # threads that wait for a worker would hold the program back
