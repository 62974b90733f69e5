"""What is said of late hand-ins: by which rules, by whose times, and of whom no time is known."""

from collections import Counter
from collections.abc import Sequence

from course.grading.counted import counted
from course.grading.marks.lateness import Policy, of_a_copy
from course.grading.marks.row import Row
from course.grading.reports.matching import shortened


def late_notes(rows: Sequence[Row], rules: Policy | None) -> list[str]:
    """For the teacher. Nothing without a due date."""
    if rules is None:
        return []
    said = [f"Late: {rules}."]
    if not_used := of_a_copy([row.student for row in rows]):
        said.append(
            f"The times of {' and '.join(not_used)} are all within two minutes, as after a "
            "download or a copy, and are not used."
        )
    sources = Counter(row.late.source for row in rows if row.late.source)
    if sources:
        told = ", ".join(f"{count} from {source}" for source, count in sources.most_common())
        said.append(f"Times of hand-ins: {told}. One without a zone is read in that of --due.")
    unknown = [row.student for row in rows if row.student.count and not row.late.at]
    if unknown:
        said.append(
            f"No time is known of {counted(len(unknown), 'hand-in')}, which cost nothing: give a --roster "
            'with the column "handed in", or Moodle\'s grading worksheet.'
        )
    said += shortened(
        [f"{one.owner.name} is late, as Canvas says; not how late." for one in unknown if one.late]
    )
    return said
