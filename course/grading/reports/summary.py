"""The teacher's summary of a class: how each exercise went, which misconceptions are frequent, and
every student.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from html import escape

from course.grading.assignment import Assignment
from course.grading.handed_in.submissions import Student
from course.grading.marks.row import Row
from course.grading.reports import copies_page
from course.grading.reports.gradebook import number
from course.grading.reports.pages import list_of, page, shown, table, whole
from course.judging.judge import State
from utils.pictures.figures import PALETTE, img, new_figure, style

_LETTERS = "ABCDEFGHIJ"  # for the mistakes in the picture


def _states(rows: Sequence[Row]) -> str:
    """How many are right, not yet there and not started, for each exercise."""
    counts: dict[str, Counter[str]] = {}
    titles: dict[str, str] = {}
    for row in rows:
        for one in row.marked.marks:
            counts.setdefault(one.name, Counter())[one.state] += 1
            titles[one.name] = one.title
    waiting = any(count[State.TO_READ] for count in counts.values())
    states = [state for state in State if waiting or state != State.TO_READ]
    lines = [
        [whole(escape(name)), escape(titles[name]), *(str(count[state]) for state in states)]
        for name, count in counts.items()
    ]
    return table(["Exercise", "Task", *states], lines, tuple(range(2, 2 + len(states))))


def mistakes(rows: Sequence[Row]) -> list[tuple[str, str, int]]:
    """The known mistakes: exercise, hint, number of students; the most frequent first."""
    counts = Counter(
        (one.name, one.mistake) for row in rows for one in row.marked.marks if one.mistake
    )
    return sorted(
        ((name, hint, count) for (name, hint), count in counts.items()),
        key=lambda row: (-row[2], row[:2]),
    )


def _picture(found: Sequence[tuple[str, str, int]]) -> str:
    """The ten most frequent mistakes as bars; their hints stand in the table beside it, under the
    same letters.
    """
    shown = found[:10]
    figure, ax = new_figure(height=0.9 + 0.32 * len(shown))
    with style():
        bars = ax.barh(range(len(shown)), [count for *_, count in shown], color=PALETTE[0])
        ax.bar_label(bars, padding=3)
        ax.set_yticks(
            range(len(shown)),
            [f"{letter}  {name}" for letter, (name, *_) in zip(_LETTERS, shown, strict=False)],
        )
        ax.invert_yaxis()
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.margins(x=0.1)
        ax.set_xlabel("students")
        ax.set_title("The most frequent mistakes")
    words = ", ".join(
        f"{letter} ({name}) {count}"
        for letter, (name, _, count) in zip(_LETTERS, shown, strict=False)
    )
    return img(
        figure, f"Bars, students for each mistake: {words}. The table below says what each one is."
    )


def summary(
    assignment: Assignment,
    rows: Sequence[Row],
    notes: Sequence[str],
    page_of: Callable[[Student], str],
    warning: str = "",
) -> bytes:
    """The class: how each exercise went, which mistakes are frequent, every student with a link."""
    found = mistakes(rows)
    body = f"<p>{len(rows)} students.</p><h2>Exercises</h2>{_states(rows)}<h2>Misconceptions</h2>"
    if found:
        letters = [*_LETTERS, *[""] * len(found)]
        lines = [
            [letter, whole(escape(name)), shown(hint), str(n)]
            for letter, (name, hint, n) in zip(letters, found, strict=False)
        ]
        body += _picture(found) + table(
            ["Bar", "Exercise", "What the student is told", "Students"], lines, (3,)
        )
    else:
        body += "<p>No answer made one of the mistakes that the course knows by name.</p>"
    lines = [_student(row, page_of(row.student)) for row in rows]
    most = max((sum(one.most for one in row.marked.marks) for row in rows), default=0)
    body += "<h2>Students</h2>" + table(
        ["Student", "ID", f"Points (of {number(most)})", "To know"], lines, (2,)
    )
    alike = f'<p><a href="{copies_page.FILE}">Who wrote the same as somebody else</a></p>'
    return page(assignment.title, body + alike + list_of("To look at", notes), warning)


def _student(row: Row, file: str) -> list[str]:
    """A line of the table of students."""
    owner = row.student.owner
    link = f'<a href="students/{escape(file)}">{escape(owner.name)}</a>'
    by_hand = f"set by hand: {', '.join(row.by_hand)}" if row.by_hand else ""
    said = [words for words in (row.late_words, by_hand) if words]
    notes = "<br>".join(map(shown, [*said, *row.marked.notes]))
    return [link, whole(escape(owner.id)), number(row.total), notes]
