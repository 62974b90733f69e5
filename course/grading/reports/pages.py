"""A student's page, and what all pages of grading are made of: plain HTML, one file each.

A student's page says which exercise, in which state, and what to look at; never an expected value,
and of a private check only its hint. Everything that comes from a student is escaped.
"""

import re
from collections.abc import Sequence
from html import escape

from course.grading.assignment import Assignment
from course.grading.marks.marks import Mark
from course.grading.marks.row import Row
from course.grading.reports.gradebook import number
from course.html_page import html_page
from course.html_table import Column, html_table

OPEN_WARNING = (
    "These submissions ran without a sandbox, because the teacher said to trust them: a submission "
    "could have read or changed files of this machine, these marks included."
)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 52em; margin: 2em auto;
padding: 0 1em } table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top;
padding: .4em .8em .4em 0; border-bottom: 1px solid #ccc } td.n, th.n { text-align: right } .n, .whole
{ white-space: nowrap }
.warning { border: 2px solid #b00020; padding: .6em 1em } img { max-width: 100%; height: auto }
td p { margin: .3em 0 } td { overflow-wrap: anywhere } th { overflow-wrap: normal }
h1, p, li { overflow-wrap: break-word } pre { overflow-x: auto } code { font-size: .92em } a { color: #0b57d0 }
"""


def page(title: str, body: str, warning: str = "") -> bytes:
    """A whole page with this body."""
    alert = (
        f'<p class="warning" role="note"><b>Not safe.</b> {escape(warning)}</p>' if warning else ""
    )
    main = f"<main><h1>{escape(title)}</h1>{alert}{body}</main>"
    return html_page(title, main, _STYLE).encode("utf-8", "replace")


def whole(html: str) -> str:
    """HTML that stays on one line."""
    return f'<span class="whole">{html}</span>'


def shown(text: str) -> str:
    """A text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> str:
    """A table of cells that are HTML already; `numeric` are the places of the columns of numbers."""
    columns = [Column(name, numeric=place in numeric) for place, name in enumerate(head)]
    return html_table(columns, rows)


def list_of(title: str, lines: Sequence[str], level: int = 2) -> str:
    """A heading and a list of texts; nothing if there are none."""
    items = "".join(f"<li>{shown(line)}</li>" for line in lines)
    return f"<h{level}>{escape(title)}</h{level}><ul>{items}</ul>" if lines else ""


def student_page(assignment: Assignment, row: Row, warning: str = "") -> bytes:
    """One student's result."""
    return page(f"{assignment.title}: {row.student.owner.name}", student_body(row), warning)


def student_body(row: Row) -> str:
    """What stands on a student's page."""
    most = sum(one.most for one in row.marked.marks)
    rows = [_mark(one) for one in row.marked.marks]
    total = f"<p>{number(row.total)} of {number(most)} points.</p>"
    comment = f"<p>{_said_by_teacher(row.comment)}</p>" if row.comment else ""
    marks = table(["Exercise", "What to look at", "State", "Points"], rows, (3,))
    notes = list_of("About your notebook", row.marked.notes)
    return f"{total}{comment}{_late(row)}{marks}{notes}"


def _mark(one: Mark) -> list[str]:
    """A line of the table."""
    sign = f'<span aria-hidden="true">{one.state.sign}</span>'
    state = whole(f"{sign} {escape(one.state)}")
    said = "".join(f"<p>{shown(line)}</p>" for line in one.lines)
    said += f"<p>{_said_by_teacher(one.comment)}</p>" if one.comment else ""
    points = f"{number(one.points)} of {number(one.most)}"
    if one.machine is not None:
        points += f"<br>set by hand, instead of {number(one.machine)}"
    return [whole(escape(one.name)), f"<b>{escape(one.title)}</b>{said}", state, points]


def _said_by_teacher(comment: str) -> str:
    return f"<b>From your teacher:</b> {shown(comment)}"


def _late(row: Row) -> str:
    """When it was handed in, by whose time, and what that costs."""
    if not row.late.at:
        return "<p>Handed in late.</p>" if row.late_words else ""
    late = f": {row.late_words}" if row.late_words else ""
    off = f", {number(row.off)} points off" if row.off else ""
    return f"<p>Handed in {escape(row.late.at)}, by {escape(row.late.source)}{late}{off}.</p>"
