"""All files of the result folder."""

from collections.abc import Sequence

from course.atomic_file import write_atomically
from course.grading.last_run import LastRun
from course.grading.marking import Job
from course.grading.marks import by_hand
from course.grading.marks.row import Row
from course.grading.reports import feedback_zip, gradebook, imports, pages, to_read
from course.grading.reports.summary import summary


def write_reports(
    job: Job, rows: Sequence[Row], notes: Sequence[str], run: LastRun, column: str
) -> None:
    """Write them. Pages of students who are not in this class any more are deleted.

    column: how the platform calls the column of points.
    """
    warning = "" if job.launch.closed else pages.OPEN_WARNING
    most = sum(item.points for chapter in job.chapters for item in chapter)
    most += sum(one.points for one in job.assignment.questions)
    files = {
        "gradebook.csv": gradebook.gradebook(rows),
        "by_student.csv": gradebook.by_student(rows),
        **_imports(column, rows, most),
        to_read.FILE: to_read.to_read(job.assignment, rows),
        "summary.html": summary(job.assignment, rows, notes, run.page, warning),
    }
    own = {row.student.owner.key: pages.student_page(job.assignment, row, warning) for row in rows}
    files |= {f"students/{run.page(row.student)}": own[row.student.owner.key] for row in rows}
    files["feedback_moodle.zip"] = feedback_zip.moodle(rows, own)
    files["feedback_canvas.zip"] = feedback_zip.canvas(job.assignment, rows)
    for old in (job.out / "students").glob("*.html"):
        if f"students/{old.name}" not in files:
            old.unlink()
    for name, data in files.items():
        if data:
            write_atomically(job.out / name, data)
        else:
            (job.out / name).unlink(missing_ok=True)
    if not (job.out / by_hand.FILE).exists():
        write_atomically(job.out / by_hand.FILE, by_hand.EMPTY)


def _imports(column: str, rows: Sequence[Row], most: float) -> dict[str, bytes]:
    """The tables for the platforms that somebody is of; for those that find names if nobody is."""
    of = {row.student.owner.platform for row in rows} or {""}
    made = {
        "canvas.csv": imports.canvas(column, rows, most) if of & {"Canvas"} else b"",
        "moodle.csv": imports.moodle(rows, most) if of & {"Moodle"} else b"",
        "blackboard.csv": imports.blackboard(column, rows) if of & {"Blackboard"} else b"",
    }
    # by mail or by hand: Canvas finds students by their names, too
    return made | ({"canvas.csv": imports.canvas(column, rows, most)} if of == {""} else {})
