"""What every student of a class wrote, read once more from the notebooks; only fingerprints and
lines are kept of it.
"""

from collections.abc import Sequence

from course.grading.assignment import Assignment
from course.grading.copies.alike import Work, own_cells, work
from course.grading.copies.course_code import known_prints, lesson_cells
from course.grading.handed_in.submissions import Student
from course.grading.marks.mark_student import read


def class_work(assignment: Assignment, students: Sequence[Student]) -> list[Work]:
    """The students who wrote something of their own."""
    lesson = lesson_cells(assignment.chapters, assignment.variant)
    known = known_prints(assignment.chapters, assignment.variant)
    found = [_work(one, lesson, known) for one in students]
    return [one for one in found if one.prints]


def _work(student: Student, lesson: set[str], known: set[int]) -> Work:
    notebooks, _ = read(student)
    cells = [cell for one in notebooks for cell in own_cells(one.cells, lesson)]
    digests = [one.digest for one in notebooks if own_cells(one.cells, lesson)]
    places = [student.notebooks[one.place].parts for one in notebooks]
    return work(student.owner.name, list(dict.fromkeys(cells)), known, digests, places)
