"""The pages that grading writes: one for each student, and one for the teacher. Plain HTML, one file each.

A student's page says which exercise, in which state, and what to look at; never an expected value, and of a private
check only its hint. Everything that comes from a student is escaped.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from html import escape

from course.grading.assignment import Assignment
from course.grading.gradebook import Row, number
from course.grading.submissions import Student
from course.judge import NOT_STARTED, NOT_YET, RIGHT
from utils.figures import PALETTE, img, new_figure, style

OPEN_WARNING = (
    "These submissions ran without a sandbox, because the teacher said to trust them: a submission could have read or "
    "changed files of this machine, these marks included."
)
_SIGNS = {RIGHT: "✓", NOT_YET: "✎", NOT_STARTED: "○"}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 52em; margin: 2em auto;
padding: 0 1em } table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top;
padding: .4em .8em .4em 0; border-bottom: 1px solid #ccc } td.n, th.n { text-align: right } .n, .state
{ white-space: nowrap }
.warning { border: 2px solid #b00020; padding: .6em 1em } img { max-width: 100%; height: auto }
a { color: #0b57d0 } p, li, td { overflow-wrap: break-word }
"""


def page(title: str, body: str, warning: str = "") -> bytes:
    """A whole page with this body."""
    alert = f'<p class="warning" role="note"><b>Not safe.</b> {escape(warning)}</p>' if warning else ""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    main = f"<main><h1>{escape(title)}</h1>{alert}{body}</main>"
    html = f'<html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{main}</body></html>'
    return f"<!doctype html>{html}\n".encode("utf-8", "replace")


def file_name(student: Student) -> str:
    """A file for this student's page: their name as far as a file can have it, and something that no other one has."""
    short = re.sub(r"[^\w-]+", "_", student.owner.name).strip("_")[:60] or "student"
    return f"{short}-{hashlib.sha256(student.owner.key.encode('utf-8', 'replace')).hexdigest()[:8]}.html"


def _rows(cells: Sequence[Sequence[str]]) -> str:
    return "".join(f"<tr>{''.join(row)}</tr>" for row in cells)


def _cell(text: str, kind: str = "td", numeric: bool = False) -> str:
    look = ' class="n"' if numeric else ""
    scope = ' scope="col"' if kind == "th" else ""
    return f"<{kind}{scope}{look}>{text}</{kind}>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> str:
    """A table of cells that are HTML already; `numeric` are the places of the columns of numbers."""
    heads = "".join(_cell(escape(name), "th", place in numeric) for place, name in enumerate(head))
    body = _rows([[_cell(text, numeric=place in numeric) for place, text in enumerate(row)] for row in rows])
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def list_of(title: str, lines: Sequence[str], level: int = 2) -> str:
    """A heading and a list of texts; nothing if there are none."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h{level}>{escape(title)}</h{level}><ul>{items}</ul>" if lines else ""


def student_page(assignment: Assignment, row: Row, warning: str = "") -> bytes:
    """One student's result."""
    student, marked = row
    most = sum(one.most for one in marked.marks)
    rows = []
    for one in marked.marks:
        sign = f'<span aria-hidden="true">{_SIGNS[one.state]}</span>'
        state = f'<span class="state">{sign} {escape(one.state)}</span>'
        said = "".join(f"<p>{escape(line)}</p>" for line in one.lines)
        points = f"{number(one.points)} of {number(one.most)}"
        rows.append([escape(one.name), f"<b>{escape(one.title)}</b>{said}", state, points])
    late = "<p>Handed in late.</p>" if student.late else ""
    total = f"<p>{number(marked.points)} of {number(most)} points.</p>"
    body = f"{total}{late}{table(['Exercise', 'What to look at', 'State', 'Points'], rows, (3,))}"
    return page(
        f"{assignment.title}: {student.owner.name}", body + list_of("About your notebook", marked.notes), warning
    )


def _states(rows: Sequence[Row]) -> str:
    """How many are right, not yet there and not started, for each exercise."""
    counts: dict[str, Counter[str]] = {}
    titles: dict[str, str] = {}
    for _, marked in rows:
        for one in marked.marks:
            counts.setdefault(one.name, Counter())[one.state] += 1
            titles[one.name] = one.title
    lines = [
        [escape(name), escape(titles[name]), *(str(count[state]) for state in _SIGNS)] for name, count in counts.items()
    ]
    return table(["Exercise", "", *_SIGNS], lines, (2, 3, 4))


def mistakes(rows: Sequence[Row]) -> list[tuple[str, str, int]]:
    """The known mistakes: exercise, hint, number of students; the most frequent first."""
    counts = Counter((one.name, one.mistake) for _, marked in rows for one in marked.marks if one.mistake)
    return sorted(((name, hint, count) for (name, hint), count in counts.items()), key=lambda row: (-row[2], row[:2]))


def _picture(found: Sequence[tuple[str, str, int]]) -> str:
    """The ten most frequent mistakes as bars; their hints stand in the table beside it, under the same letters."""
    shown = found[:10]
    figure, ax = new_figure(height=0.9 + 0.32 * len(shown))
    with style():
        bars = ax.barh(range(len(shown)), [count for *_, count in shown], color=PALETTE[0])
        ax.bar_label(bars, padding=3)
        ax.set_yticks(
            range(len(shown)), [f"{letter}  {name}" for letter, (name, *_) in zip(_LETTERS, shown, strict=False)]
        )
        ax.invert_yaxis()
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.margins(x=0.1)
        ax.set_xlabel("students")
        ax.set_title("The most frequent mistakes")
    words = ", ".join(f"{letter} ({name}) {count}" for letter, (name, _, count) in zip(_LETTERS, shown, strict=False))
    return img(figure, f"Bars, students for each mistake: {words}. The table below says what each one is.")


_LETTERS = "ABCDEFGHIJ"


def teacher_page(assignment: Assignment, rows: Sequence[Row], notes: Sequence[str], warning: str = "") -> bytes:
    """The class: how each exercise went, which mistakes are frequent, every student with a link."""
    found = mistakes(rows)
    body = f"<p>{len(rows)} students.</p><h2>Exercises</h2>{_states(rows)}<h2>Misconceptions</h2>"
    if found:
        letters = [*_LETTERS, *[""] * len(found)]
        lines = [
            [letter, escape(name), escape(hint), str(n)]
            for letter, (name, hint, n) in zip(letters, found, strict=False)
        ]
        body += _picture(found) + table(["", "Exercise", "What the student is told", "Students"], lines, (3,))
    else:
        body += "<p>No answer made one of the mistakes that the course knows by name.</p>"
    lines = []
    for student, marked in rows:
        link = f'<a href="students/{escape(file_name(student))}">{escape(student.owner.name)}</a>'
        said = [*(["late"] if student.late else []), *marked.notes]
        lines.append([link, escape(student.owner.id), number(marked.points), "<br>".join(map(escape, said))])
    body += "<h2>Students</h2>" + table(["Student", "ID", "Points", "To know"], lines, (2,))
    return page(assignment.title, body + list_of("To look at", notes), warning)
