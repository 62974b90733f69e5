"""Which exercises are done. Kept in the learner's data folder; losing or damaging the file costs
only the ticks.

progress() shows the page, export_progress("progress.csv") writes it as a table, forget_progress()
deletes what is kept.
"""

import csv
import io
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from course.atomic_file import write_atomically
from course.exercises import exercises
from course.html_table import Column, Look, html_table
from course.judging.exercise import Exercise
from course.lesson.learner_data import forget, recall, remember
from course.lesson.say import say
from utils.pictures.html_panels import panel, show_html

DONE, TRIED, OPEN = "done", "tried", "open"
_SIGNS = {DONE: "✓", TRIED: "✎", OPEN: "○"}
_STORE = "progress"
_CELL = "text-align:left"
_LOOK = Look(column_head=_CELL, cell=_CELL)
_COLUMNS = tuple(map(Column, ("Mark", "Exercise", "State", "Minutes")))
_session: dict[str, str] = {}  # for when nothing can be written to the disk


def state(id: str) -> str:
    """DONE, TRIED or OPEN; whatever cannot be read is OPEN."""
    kept = recall(_STORE).get(id)
    known = {_session.get(id), kept if isinstance(kept, str) else None}
    return DONE if DONE in known else TRIED if TRIED in known else OPEN


def note(id: str, right: bool) -> str:
    """Keep that an exercise was tried, and whether it is right now; what was done once stays done.

    Returns a sentence if it could not be written to the disk.
    """
    new = DONE if right or state(id) == DONE else TRIED
    _session[id] = new
    try:
        if recall(_STORE).get(id) != new:
            remember(_STORE, id, new)
    except OSError as error:
        return f"Your progress is kept for this session only: it could not be written ({error.strerror or error})."
    return ""


def _rows() -> list[tuple[Exercise, str]]:
    return [(one, state(one.id)) for one in exercises().values()]


def progress() -> None:
    """Show every exercise of every chapter: done, tried or open."""
    rows = _rows()
    summary = f"{_done(rows)} of {len(rows)} exercises done"
    text: list[str] = [summary]
    cells: list[list[str]] = []
    headings: dict[int, str] = {}
    for chapter, group in groupby(rows, key=lambda row: row[0].chapter):
        members = list(group)
        count = f"Chapter {chapter}: {_done(members)} of {len(members)} done"
        headings[len(cells)] = count
        text += [count, *(_line(one, found) for one, found in members)]
        cells += [_cells(one, found) for one, found in members]
    table = html_table(_COLUMNS, cells, look=_LOOK, headings=headings)
    show_html(panel(f"<b>{escape(summary)}</b>{table}", label=summary), "\n".join(text))


def _done(rows: Sequence[tuple[Exercise, str]]) -> int:
    return sum(found == DONE for _, found in rows)


def _line(one: Exercise, found: str) -> str:
    return f"  {_SIGNS[found]} {found:5}  {one.id}  {one.title} ({one.minutes} minutes)"


def _cells(one: Exercise, found: str) -> list[str]:
    sign = f'<span aria-hidden="true">{_SIGNS[found]}</span>'
    return [escape(one.id), escape(one.title), f"{sign} {found}", str(one.minutes)]


def export_progress(path: str | Path = "progress.csv") -> None:
    """Write the progress as a table (CSV): exercise, title, minutes, state.

    Says where, or why not.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["exercise", "title", "minutes", "state"])
    writer.writerows([one.id, one.title, one.minutes, found] for one, found in _rows())
    try:
        write_atomically(Path(path), table.getvalue().encode("utf-8"))
    except OSError as error:
        say(
            f"Nothing was written: {path} cannot be written ({error.strerror or error}).",
            tone="note",
        )
    else:
        say(f"Your progress is in {Path(path).resolve()}.")


def forget_progress() -> None:
    """Delete what is kept about your progress. Answers in your notebooks stay."""
    _session.clear()
    try:
        forget(_STORE)
    except OSError as error:
        say(f"It could not be deleted ({error.strerror or error}).", tone="note")
    else:
        say("Your progress is forgotten. What you wrote in notebooks stays as it is.")
