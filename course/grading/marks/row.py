"""A student's line in the gradebook: the marks, what lateness costs, and what the teacher set by
hand.
"""

from dataclasses import dataclass

from course.grading.handed_in.submissions import Student
from course.grading.marks.lateness import UNKNOWN, Lateness
from course.grading.marks.mark_student import Marked


@dataclass(frozen=True)
class Row:
    """One student. `total_by_hand` and `off_by_hand` replace what is computed; None: they do not.

    `comment`: the teacher's on the whole.
    """

    student: Student
    marked: Marked
    late: Lateness = UNKNOWN
    total_by_hand: float | None = None
    off_by_hand: float | None = None
    comment: str = ""

    @property
    def off(self) -> float:
        """The points that lateness costs."""
        if self.off_by_hand is not None:
            return self.off_by_hand
        return round(self.marked.points * self.late.off, 2)

    @property
    def computed(self) -> float:
        """The points reached, less those for lateness."""
        return max(0.0, round(self.marked.points - self.off, 2))

    @property
    def total(self) -> float:
        """What goes into the gradebook."""
        return self.computed if self.total_by_hand is None else self.total_by_hand

    @property
    def late_words(self) -> str:
        """For a reader: how late, and who says so."""
        if self.late.days is None:
            return "late" if self.student.late else ""
        return self.late.words

    @property
    def by_hand(self) -> list[str]:
        """What the teacher set, by its names."""
        whole = {"late": self.off_by_hand, "total": self.total_by_hand}
        names = [one.name for one in self.marked.marks if one.machine is not None]
        return [*names, *(name for name, points in whole.items() if points is not None)]
