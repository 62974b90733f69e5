"""Tables that learning platforms import, by the rules of their importers."""

from collections.abc import Sequence

from course.grading.marks.row import Row
from course.grading.reports.gradebook import number, table

# Canvas drops a column whose name has one of these in it
_RESERVED = tuple(
    f"{which} {what}"
    for which in ("Current", "Final", "Override")
    for what in ("Score", "Points", "Grade", "Status")
)


def canvas(column: str, rows: Sequence[Row], most: float) -> bytes:
    """For Canvas, Grades > Import. The second line says what the assignment is worth.

    By canvas-lms, lib/gradebook_importer.rb: the five columns before the points have these names
    and this order; a student is found by Canvas's own number, else by the SIS number, the login, or
    the name to the letter; one whom it does not find it asks about. So a number goes into "ID" only
    if it is Canvas's own. A column like "Homework 1 (4711)" is the assignment of this number; any
    other name that Canvas does not know makes a new one.
    """
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    lines = [["Points Possible", "", "", "", "", number(most)]]
    for row in rows:
        owner, known = row.student.owner, bool(row.student.on_roster)
        number_ = owner.account if owner.platform == "Canvas" else ""
        sis = [owner.id, owner.mail] if known else ["", ""]
        lines.append([owner.name, number_, *sis, "", number(row.total)])
    return table(head, lines)


def column_doubts(column: str) -> list[str]:
    """What Canvas would not take as the name of a column."""
    found = [words for words in _RESERVED if words in column]
    return [
        f'Canvas takes no column with "{words}" in its name: give another one with --column.'
        for words in found
    ]


def moodle(rows: Sequence[Row], most: float) -> bytes:
    """For Moodle, the assignment's "Upload grading worksheet".

    By moodle, mod/assign/feedback/offline/importgradeslib.php: a student is found by the
    participant's number; a table without the columns "Identifier", "Grade" and "Last modified
    (grade)" is refused. The last one is empty, so a grade that is there already is replaced only if
    the teacher says so.
    """
    head = ["Identifier", "Full name", "Status", "Grade", "Maximum Grade"]
    head += ["Last modified (grade)", "Feedback comments"]
    lines = []
    for row in rows:
        owner = row.student.owner
        account = owner.account if owner.platform == "Moodle" else ""
        who = f"Participant {account}" if account else ""
        said = [f"{one.name}: {one.state}" for one in row.marked.marks]
        said += [f"{one.name}: {one.comment}" for one in row.marked.marks if one.comment]
        said += [words for words in (row.late_words, row.comment) if words]
        late = row.late_words and f", {row.late_words}"
        grade = [number(row.total), number(most), "", "; ".join(said)]
        lines.append([who, owner.name, f"Submitted for grading{late}", *grade])
    return table(head, lines)


def blackboard(column: str, rows: Sequence[Row]) -> bytes:
    """For Blackboard, Grade Center > Work Offline > Upload; only who has a user name there.

    By Blackboard's help for instructors, "Uploading or Downloading Grade Center Items for Working
    Offline": a student is found by the user name, and the upload fails if a line has none; a column
    is found by the number in its name, like "Homework 1 [Total Pts: 20 Score] |3415068", and any
    other name makes a new column of text, worth no points; with commas, every cell stands in
    quotes.
    """
    lines = [
        [row.student.owner.account, number(row.total)]
        for row in rows
        if row.student.owner.platform == "Blackboard" and row.student.owner.account
    ]
    return table(["Username", column], lines, quoted=True)
