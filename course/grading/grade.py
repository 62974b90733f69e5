"""`python -m course grade ASSIGNMENT SUBMISSIONS --out GRADES`: marks, a page for each student, one
for the teacher.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from course.atomic_file import write_atomically
from course.grading import last_run, private_checks
from course.grading.assignment import CHECKS, Assignment, BadAssignment, load
from course.grading.copies.alike import pairs
from course.grading.copies.class_work import class_work
from course.grading.counted import counted
from course.grading.handed_in import roster
from course.grading.handed_in.roster import Person
from course.grading.handed_in.submissions import HandIn, NoSubmissions, Student, collect
from course.grading.last_run import LastRun
from course.grading.marking import COURSE, Job, fingerprint, mark_class
from course.grading.marks import by_hand
from course.grading.marks.by_hand import Entry
from course.grading.marks.lateness import Policy, lateness, of_a_copy, policy
from course.grading.marks.mark_student import Marked
from course.grading.marks.marks import Item, items
from course.grading.marks.row import Row
from course.grading.reports import copies_page, to_read
from course.grading.reports.changes import changes
from course.grading.reports.imports import column_doubts
from course.grading.reports.late import late_notes
from course.grading.reports.matching import closing, doubts, matching
from course.grading.reports.write_reports import write_reports
from course.grading.sandbox import code_folder
from course.grading.sandbox import launch as sandbox
from course.grading.sandbox.launch import Launch, NoSandbox
from course.grading.sandbox.session import Gone, Session


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
        "--roster",
        type=Path,
        help="a CSV file with the class: name,id,mail, or your platform's own; settles who is who. "
        "Kept for the next run, until you say another, or none",
    )
    top.add_argument(
        "--dry-run", action="store_true", help="only say who handed in what, and grade nothing"
    )
    top.add_argument("--only", help="grade this student anew, and leave the others as they are")
    top.add_argument(
        "--column", help="how the platform calls the column of points (default: the title)"
    )
    top.add_argument(
        "--i-trust-these-submissions",
        action="store_true",
        help="run them without a sandbox, with limits only",
    )
    late = top.add_argument_group("late hand-ins", "Kept for the next run, until you say others.")
    late.add_argument("--due", help='like "2026-11-02 20:00" or "2026-11-02 20:00+01:00"; or none')
    late.add_argument("--grace", type=float, default=0.0, help="minutes (default: 0)")
    late.add_argument(
        "--penalty",
        default="0",
        help="percent of the points for each day, and at most: 10 or 10,50 (default: 0)",
    )
    return top


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


def _as_root() -> list[str]:
    """A word to whoever grades as the user whom some limits do not bind."""
    if not hasattr(os, "geteuid") or os.geteuid():
        return []
    return ["You are root: some of the limits on student code do not bind root."]


def _rules(options: argparse.Namespace, last: LastRun) -> Policy | None:
    """What counts as late: as the options say, or as in the last run."""
    if options.due == "none":
        return None
    if options.due:
        return policy(options.due, options.grace, options.penalty)
    if options.grace or options.penalty != "0":
        raise ValueError("--grace and --penalty need --due, the time when it was due.")
    return last.policy


def _people(options: argparse.Namespace, last: LastRun) -> list[Person]:
    """The roster: of the options, or of the last run."""
    if options.roster is None:
        return last.people
    return [] if str(options.roster) == "none" else roster.load(options.roster)


def _chosen(options: argparse.Namespace, handed_in: HandIn, last: LastRun) -> list[Student]:
    """Who is graded: all, or the one of --only."""
    if not options.only:
        return handed_in.students
    if not last.students:
        raise ValueError(
            f"{options.out} has no grades yet that could stay: grade all once, without --only."
        )
    return [by_hand.whose(options.only, handed_in.students)]


def _grade_all(
    job: Job, students: Sequence[Student], jobs: int, notes: list[str]
) -> list[tuple[Student, Marked]]:
    """Everybody with their marks; a note on each whom the grader failed on."""
    found = []
    for student, outcome in mark_class(job, students, jobs):
        if isinstance(outcome, Marked):
            found.append((student, outcome))
        else:
            notes.append(
                f"{student.owner.name} was NOT graded, by a mistake of the grader "
                f"({type(outcome).__name__})."
            )
    return found


def _compare(assignment: Assignment, students: Sequence[Student], out: Path) -> list[str]:
    """Write the page of those who wrote the same. A note if there are some."""
    works = class_work(assignment, students)
    found = pairs(works)
    write_atomically(out / copies_page.FILE, copies_page.copies_page(assignment, found, len(works)))
    alike = {work.name for pair in found for work in (pair.one, pair.other)}
    words = f"{counted(len(alike), 'student')} wrote much of the same: see {copies_page.FILE}."
    return [words] if found else []


def _rows(run: LastRun, by_student: Mapping[str, Sequence[Entry]]) -> list[Row]:
    """The lines of the gradebook, by name."""
    not_used = of_a_copy([student for student, _ in run.students])
    rows = []
    for student, marked in run.students:
        late = lateness(student, marked.counted, run.policy, not_used)
        row = Row(student, marked, late)
        rows.append(by_hand.apply(row, by_student.get(student.owner.key, [])))
    return sorted(rows, key=lambda row: (row.student.owner.name.casefold(), row.student.owner.key))


@contextmanager
def _job(
    options: argparse.Namespace, assignment: Assignment, chapters: list[list[Item]]
) -> Iterator[Job]:
    """What is needed to grade, as long as its folders are there."""
    trust = options.i_trust_these_submissions
    with tempfile.TemporaryDirectory(prefix="glass-box-") as folder:
        work = Path(folder) / "work"
        work.mkdir()
        hidden = [COURSE, options.assignment, options.submissions, options.out]
        launch = _launch(trust, code_folder.build(Path(folder) / "home"), work, hidden)
        marks_of = fingerprint(options.assignment, not trust)
        yield Job(assignment, chapters, marks_of, launch, options.out, bool(options.only))


def _dry_run(handed_in: HandIn) -> int:
    """Say who handed in what. Nothing is run."""
    for line in (*matching(handed_in), "", *doubts(handed_in), closing(handed_in)):
        print(line)
    return 0


def _check_out(options: argparse.Namespace) -> None:
    if options.out is None:
        raise ValueError("Say with --out where marks and pages go, or look first with --dry-run.")
    if options.out.resolve().is_relative_to(options.submissions.resolve()):
        raise ValueError(
            f"{options.out} lies in {options.submissions}, and is no hand-in: choose a folder "
            "outside."
        )


def _grade(options: argparse.Namespace) -> int:
    assignment = load(options.assignment)
    last = last_run.load(options.out) if options.out else LastRun()
    people = _people(options, last)
    if options.dry_run:
        return _dry_run(collect(options.submissions, assignment.chapters, people))
    _check_out(options)
    path = options.assignment / CHECKS
    checks = private_checks.load(path) if path.is_file() else []
    chapters = [items(assignment, slug, checks) for slug in assignment.chapters]
    rules = _rules(options, last)
    handed_in = collect(options.submissions, assignment.chapters, people)
    chosen = _chosen(options, handed_in, last)
    before = last.students if options.only else []
    # before anything is run: whoever has waited for an hour does not want to hear of it then
    everybody = last_run.with_new(before, [(one, None) for one in chosen])
    names = [item.trial.name for chapter in chapters for item in chapter]
    names += [one.id for one in assignment.questions]
    entries = by_hand.by_student(options.out, [student for student, _ in everybody], names)
    notes = [*_as_root(), *doubts(handed_in)]
    with _job(options, assignment, chapters) as job:
        found = _grade_all(job, chosen, max(1, options.jobs), notes)
        run = LastRun(last_run.with_new(before, found), rules, last.pages, people)
        rows = _rows(run, entries)
        column = options.column or assignment.title
        notes += [*late_notes(rows, rules), *by_hand.remarks(rows), *column_doubts(column)]
        notes += [*changes(last, run), *to_read.waiting(rows)]
        if not options.only:
            notes += _compare(assignment, chosen, options.out)
        write_reports(job, rows, notes, run, column)
    last_run.save(options.out, run)
    for note in notes:
        print(f"  {note}")
    files = f"{options.out / 'summary.html'}, {options.out / 'gradebook.csv'}"
    if options.only:
        print(f"{options.only} graded anew, {len(rows) - len(found)} stayed as they were: {files}")
    else:
        print(f"{counted(len(found), 'student')} graded: {files}")
        print(closing(handed_in))
    return 0 if len(found) == len(chosen) else 1


def main(argv: list[str]) -> int:
    """The command. Returns 0 if every student was graded."""
    options = parser().parse_args(argv)
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
