"""A teacher's day: a class of twelve kinds of hand-ins from Moodle, from the download to what goes
back, command by command.

    EACH=5 python -m pytest tests/grading/test_teachers_day.py     # 60 hand-ins; the tests have 12
"""

import csv
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from course.__main__ import main
from course.exercises import of_chapter
from notebooks import IMPORTS, lesson, notebook, right, wrong

pytestmark = pytest.mark.sandbox
EACH = int(os.environ.get("EACH", "1"))
NAME = "02_cross_entropy"
POINTS = {one.id: one.minutes for one in of_chapter("02")}
EVERY = sum(POINTS.values())
REST = [right(id) for id in list(POINTS)[1:]]
OWN = """def cross_entropy(logits, targets):
    # the highest score goes to zero, so that no power is too large
    highest = logits.max(dim=-1, keepdim=True).values
    shifted = logits - highest
    total = shifted.exp().sum(dim=-1, keepdim=True).log()
    picked = (shifted - total).gather(-1, targets.unsqueeze(-1))
    result = 0
    for row in range(len(picked)):
        result = result - picked[row, 0] / len(picked)
    return result"""
RENAMED = OWN.replace("highest", "top").replace("picked", "them").replace("result", "loss")
ENDLESS = "def cross_entropy(logits, targets):\n    while True: pass"
MAGIC = "%pip install -q torch\n!ls\n%matplotlib inline"
SOLVED = notebook([IMPORTS, right("02.1"), *REST])


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


FILE = f"{NAME}.ipynb"
Files = dict[str, bytes]
# what somebody hands in, the points that it is worth, and when it came (due on 2 November, 8 pm)
KINDS: dict[str, tuple[Callable[[], Files], float, str]] = {
    "solved": (lambda: {FILE: SOLVED}, EVERY, "Monday, 2 November 2026, 7:14 PM"),
    "two days late": (lambda: {FILE: SOLVED}, EVERY, "Tuesday, 3 November 2026, 8:14 PM"),
    "a known mistake": (
        lambda: {FILE: notebook([IMPORTS, wrong("02.1"), *REST])},
        EVERY - POINTS["02.1"],
        "Monday, 2 November 2026, 7:59 PM",
    ),
    "the empty one beside it": (
        lambda: {FILE: notebook(lesson(NAME)), f"{NAME} (1).ipynb": SOLVED},
        EVERY,
        "Monday, 2 November 2026, 9:14 AM",
    ),
    "a PDF": (lambda: {"answers.pdf": b"%PDF"}, 0, "Sunday, 1 November 2026, 1:00 PM"),
    "damaged": (lambda: {FILE: SOLVED[:900]}, 0, "Sunday, 1 November 2026, 1:01 PM"),
    "magics": (
        lambda: {FILE: notebook([MAGIC, IMPORTS, right("02.1"), *REST])},
        EVERY,
        "Sunday, 1 November 2026, 1:02 PM",
    ),
    "never ends": (
        lambda: {FILE: notebook([IMPORTS, ENDLESS, *REST])},
        EVERY - POINTS["02.1"],
        "Sunday, 1 November 2026, 1:03 PM",
    ),
    "an own way": (
        lambda: {FILE: notebook([IMPORTS, OWN, *REST])},
        EVERY,
        "Sunday, 1 November 2026, 1:04 PM",
    ),
    "the same renamed": (
        lambda: {"Untitled.ipynb": notebook([IMPORTS, RENAMED, *REST])},
        EVERY,
        "Sunday, 1 November 2026, 1:05 PM",
    ),
    "a zip in a zip": (
        lambda: {"all.zip": zipped({f"hw/{FILE}": SOLVED})},
        EVERY,
        "Sunday, 1 November 2026, 1:06 PM",
    ),
    "nothing": (dict, 0, "-"),
}
LATE = 0.8  # of the points stay


@pytest.fixture(scope="module")
def top(tmp_path_factory) -> Path:
    """The folder of the day: homework, submissions.zip and worksheet.csv."""
    top = tmp_path_factory.mktemp("day")
    files, lines = {}, []
    everybody = [(kind, number) for number in range(EACH) for kind in KINDS]
    for place, (kind, number) in enumerate(everybody):
        made, _, when = KINDS[kind]
        folder = f"{kind} {number}_{1000 + place}_assignsubmission_file"
        files |= {f"{folder}/{name}": data for name, data in made().items()}
        lines.append([f"Participant {1000 + place}", f"{kind} {number}", f"s{place}", "", "", when])
    (top / "submissions.zip").write_bytes(zipped(files))
    with (top / "worksheet.csv").open("w", encoding="utf-8-sig", newline="") as file:
        head = ["Identifier", "Full name", "ID number", "Email address", "Grade"]
        csv.writer(file).writerows([[*head, "Last modified (submission)"], *lines])
    assert main(["pack", "--chapters", "02", "--out", str(top / "homework")]) == 0
    return top


def grade(top: Path, *more: str, submissions: str = "submissions.zip") -> int:
    return main(["grade", str(top / "homework"), str(top / submissions), *more])


def table(top: Path, name: str) -> list[dict[str, str]]:
    text = (top / "grades" / name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def totals(top: Path) -> dict[str, float]:
    return {row["student"]: float(row["total"]) for row in table(top, "by_student.csv")}


def expected(kind: str) -> float:
    return KINDS[kind][1] * (LATE if "late" in kind else 1)


def test_a_day(top, capsys):
    roster = ["--roster", str(top / "worksheet.csv")]
    out = ["--out", str(top / "grades"), "--jobs", "2"]
    count = EACH * len(KINDS)

    # who is whom: first as it comes, then by the worksheet, which knows who is missing
    assert grade(top, "--dry-run") == 0
    said = capsys.readouterr().out
    assert f"{count - EACH} students; {count} files: {count} of students, 0 not used" in said
    assert grade(top, "--dry-run", *roster) == 0
    said = capsys.readouterr().out
    assert (
        f"{count} students ({EACH} of them handed in nothing)" in said and "look alike" not in said
    )

    # grade
    late = ["--due", "2026-11-02 20:00+00:00", "--grace", "15", "--penalty", "10,50"]
    assert grade(top, *out, *roster, *late) == 0
    marks = {f"{kind} {n}": expected(kind) for kind in KINDS for n in range(EACH)}
    assert totals(top) == pytest.approx(marks)
    said = capsys.readouterr().out
    assert "due 2026-11-02 20:00 (UTC+0000), 15 minutes of grace" in said
    assert f"{count - EACH} from the roster" in said
    assert f"{2 * EACH} students wrote much of the same: see copies.html" in said

    # look at what is odd
    page = (top / "grades" / "copies.html").read_text(encoding="utf-8")
    assert "1 group with" in page and "an own way 0, " in page and "the same renamed 0" in page
    assert "highest = logits.max" in page
    summary = (top / "grades" / "summary.html").read_text(encoding="utf-8")
    assert "is not JSON" in summary and "answers.pdf" in summary and "2 days late" in summary

    # by hand: a doctor's note, and points for the idea
    with (top / "grades" / "by_hand.csv").open("a", encoding="utf-8") as file:
        file.write("two days late 0,late,0,A doctor's note.\na known mistake 0,02.1,4,The idea.\n")
    assert grade(top, *out) == 0
    marks |= {"two days late 0": EVERY, "a known mistake 0": EVERY - POINTS["02.1"] + 4}
    assert totals(top) == pytest.approx(marks)

    # one hands in again, by mail
    (top / "again").mkdir()
    (top / "again" / f"damaged 0_{1005}_assignsubmission_file_{FILE}").write_bytes(SOLVED)
    assert grade(top, *out, "--only", "damaged 0", submissions="again") == 0
    marks["damaged 0"] = EVERY
    assert totals(top) == pytest.approx(marks)
    assert f"damaged 0 graded anew, {count - 1} stayed as they were" in capsys.readouterr().out

    # the first zip once more: it does not have what came by mail, and the teacher hears of it
    assert grade(top, *out) == 0
    said = capsys.readouterr().out
    assert f"damaged 0 has 0 points now, and had {EVERY} in the last run" in said
    with zipfile.ZipFile(top / "submissions.zip", "a") as archive:
        archive.writestr(f"damaged 0_{1005}_assignsubmission_file/again.ipynb", SOLVED)
    assert grade(top, *out) == 0 and totals(top) == pytest.approx(marks)

    # back into Moodle
    moodle = {row["Identifier"]: float(row["Grade"]) for row in table(top, "moodle.csv")}
    assert len(moodle) == count and moodle["Participant 1005"] == EVERY
    assert moodle["Participant 1001"] == EVERY and moodle["Participant 1011"] == 0
    with zipfile.ZipFile(top / "grades" / "feedback_moodle.zip") as archive:
        assert len(archive.namelist()) == count
        text = archive.read("two days late 0_1001_assignsubmission_file_feedback.html").decode()
    assert "A doctor&#x27;s note." in text and f"{EVERY} of {EVERY} points" in text
