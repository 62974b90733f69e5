"""The students' pages as a zip that a platform gives back to its students, under the names by which
it knows whose they are.
"""

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence

from course.grading.assignment import Assignment
from course.grading.handed_in.owners import on_platform
from course.grading.marks.row import Row
from course.grading.reports.pages import student_body


def moodle(rows: Sequence[Row], pages: Mapping[str, bytes]) -> bytes:
    """For Moodle, "Upload multiple feedback files in a zip"; the assignment has to have feedback
    files switched on. Empty if nobody is of Moodle.

    By moodle, mod/assign/feedback/file/importziplib.php: a name is cut at its first four
    underscores, and its second part is the participant's number. This form, without folders, is
    read by every version. pages: by the student's key.
    """
    files = {}
    for row in rows:
        owner = row.student.owner
        if owner.platform == "Moodle" and owner.account:
            name = re.sub(r'[_/\\:*?"<>|~.]+', " ", owner.name).strip()
            path = f"{name}_{owner.account}_assignsubmission_file_feedback.html"
            files[path] = pages[owner.key]
    return _zip(files)


def canvas(assignment: Assignment, rows: Sequence[Row]) -> bytes:
    """For Canvas, "Upload Submissions" of an assignment whose submissions were downloaded. Empty if
    nobody is of Canvas.

    By canvas-lms, Assignment#infer_comment_context_from_filename: the first two parts of a name
    that are numbers are the user's and that of a file that this user handed in. The student gets
    the file as a comment, under the name of what was handed in, so it has to be a notebook too.
    Names of hidden students have no number.
    """
    files = {}
    for row in rows:
        names = [one.parts[-1] for one in row.student.notebooks]
        known = [name for name in names if (owner := on_platform(name)) and owner.account]
        if known and row.student.owner.platform == "Canvas":
            files[known[0]] = _as_notebook(assignment, row)
    return _zip(files)


def _as_notebook(assignment: Assignment, row: Row) -> bytes:
    # on one line: a blank one would end the HTML
    text = f"# {assignment.title}\n\n{' '.join(student_body(row).split())}"
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": text}
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1).encode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    if not files:
        return b""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()
