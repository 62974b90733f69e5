"""Who is whom, and which file is whose: what `grade --dry-run` prints, and the line that adds up."""

from collections.abc import Sequence

from course.grading.handed_in.submissions import HandIn, Student

MOST_LINES = 20  # of each kind of note on the terminal


def closing(handed_in: HandIn) -> str:
    """The numbers of students and files, which add up: nothing is left out without a word."""
    of_students = sum(one.count for one in handed_in.students) - handed_in.shared
    without = sum(not one.count for one in handed_in.students)
    words = f"{len(handed_in.students)} students"
    words += f" ({without} of them handed in nothing)" if without else ""
    return (
        f"{words}; {handed_in.files} files: {of_students} of students, "
        f"{handed_in.not_used} not used."
    )


def doubts(handed_in: HandIn) -> list[str]:
    """What is not certain about who is whom, and what is not used, for the teacher to read."""
    guessed = [
        f"{one.owner.name}: {'; '.join(one.guesses)}." for one in handed_in.students if one.guesses
    ]
    strangers = [
        f"{one.owner.name} is not on the roster, or it does not settle who this is."
        for one in handed_in.students
        if one.on_roster is False
    ]
    unused = [
        f"Not used: {one.path} ({one.why}{f', {one.count} files' if one.count > 1 else ''})."
        for one in handed_in.unused
    ]
    found = [*shortened(guessed), *shortened(strangers)]
    return [*found, *shortened(handed_in.notes), *shortened(unused)]


def shortened(lines: Sequence[str], most: int = MOST_LINES) -> list[str]:
    """The first lines, and how many more there are."""
    rest = len(lines) - most
    return [*lines[:most], *([f"… and {rest} more like this."] if rest > 0 else [])]


def matching(handed_in: HandIn) -> list[str]:
    """A line for each student: how they are called, how that was read, and their files."""
    return [_line(one) for one in handed_in.students]


def _line(student: Student) -> str:
    owner = student.owner
    read_from = " ".join(word for word in (owner.platform, owner.id) if word)
    names = [file.parts[-1] for file in student.notebooks] + student.others
    files = ", ".join(shortened(names, 4)) or "nothing"
    sure = "?" if student.guesses or student.on_roster is False else " "
    return f"{sure} {owner.name}{f' ({read_from})' if read_from else ''}: {files}"
