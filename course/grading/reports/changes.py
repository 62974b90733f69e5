"""What is other than in the last run, so that nobody loses a mark without a word: a hand-in that
came by mail and is not in these submissions, a student who is not there any more.
"""

from collections.abc import Sequence

from course.grading.handed_in.submissions import Student
from course.grading.last_run import LastRun
from course.grading.marks.mark_student import Marked
from course.grading.reports.gradebook import number
from course.grading.reports.matching import shortened

Line = tuple[Student, Marked]


def changes(last: LastRun, now: LastRun) -> list[str]:
    """For the teacher: whose points by the machine went down, and who is missing."""
    new = {student.owner.key: marked for student, marked in now.students}
    less = [
        f"{name} has {number(new[key].points)} points now, and had {number(had)} in the last run."
        for name, key, had in _had(last.students)
        if key in new and new[key].points < had
    ]
    gone = [
        f"{name} was in the last run with {number(had)} points, and is not there any more."
        for name, key, had in _had(last.students)
        if key not in new
    ]
    return [*shortened(less), *shortened(gone)]


def _had(lines: Sequence[Line]) -> list[tuple[str, str, float]]:
    return [(one.owner.name, one.owner.key, marked.points) for one, marked in lines]
