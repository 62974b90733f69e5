"""Late hand-ins: by whose time, in which zone, how many days, and what they cost."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hand_ins import METADATA, TEN, TWO, laid, zipped

from course.grading.handed_in import roster
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.submissions import File, Student, collect
from course.grading.handed_in.times import OF_FILE, OF_ZIP, Time, written_by_hand
from course.grading.marks.lateness import Policy, lateness, of_a_copy, policy
from course.grading.marks.mark_student import Marked
from course.grading.marks.row import Row
from course.grading.reports.late import late_notes

DUE = "2026-11-02 20:00+01:00"
PLUS_ONE = timezone(timedelta(hours=1))
BLACKBOARD = "Blackboard's file name"


def student(*ats: datetime | None, source=BLACKBOARD, **more) -> Student:
    """With a notebook of each of these times."""
    files = [
        File((f"{place}.ipynb",), "", bytes, at and Time(at, source))
        for place, at in enumerate(ats)
    ]
    return Student(Owner("Ann"), files, **more)


def days_of(who: Student, rules: Policy, counted=(0,)) -> int | None:
    return lateness(who, counted, rules).days


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (datetime(2026, 11, 2, 19, 59, 59), 0),
        (datetime(2026, 11, 2, 20, 0, 0), 0),
        (datetime(2026, 11, 2, 20, 0, 1), 1),
        (datetime(2026, 11, 3, 20, 0, 0), 1),
        (datetime(2026, 11, 3, 20, 0, 1), 2),
        (datetime(2026, 11, 2, 19, 0, 0, tzinfo=UTC), 0),
        (datetime(2026, 11, 2, 19, 0, 1, tzinfo=UTC), 1),
        (datetime(2026, 11, 2, 21, 0, 1, tzinfo=timezone(timedelta(hours=3))), 0),
    ],
)
def test_every_day_that_has_begun_counts_and_zones_are_heeded(at, days):
    assert days_of(student(at), policy(DUE, 0, "10")) == days


def test_within_the_grace_nothing_is_late_and_after_it_days_count_from_the_due_date():
    rules = policy(DUE, 90, "10")
    assert days_of(student(datetime(2026, 11, 2, 21, 30)), rules) == 0
    assert days_of(student(datetime(2026, 11, 2, 21, 31)), rules) == 1
    assert days_of(student(datetime(2026, 11, 3, 20, 30)), rules) == 2


@pytest.mark.parametrize(
    ("penalty", "days", "off"),
    [("10", 3, 0.3), ("10,25", 3, 0.25), ("40", 3, 1.0), ("0", 3, 0.0), ("7.5", 0, 0.0)],
)
def test_what_it_costs(penalty, days, off):
    at = datetime(2026, 11, 2, 19, 0) + timedelta(days=days)
    assert lateness(student(at), (0,), policy(DUE, 0, penalty)).off == pytest.approx(off)


def test_a_due_date_without_a_zone_is_this_machines(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    rules = policy("2026-10-24 20:00", 0, "0")
    assert "this machine's zone, UTC+0200" in str(rules)
    # the clocks go back in that night: 24 hours later it is 7 pm
    assert days_of(student(datetime(2026, 10, 25, 19, 0)), rules) == 1
    assert days_of(student(datetime(2026, 10, 25, 19, 30)), rules) == 2
    assert days_of(student(datetime(2026, 10, 24, 18, 0, tzinfo=UTC)), rules) == 0
    monkeypatch.undo()
    time.tzset()


def test_the_latest_of_the_notebooks_that_count():
    early, late = datetime(2026, 11, 1), datetime(2026, 11, 5)
    rules = policy(DUE, 0, "0")
    assert days_of(student(late, early), rules, counted=(1,)) == 0
    assert days_of(student(late, early), rules, counted=(0, 1)) == 3
    assert days_of(student(late, early), rules, counted=()) == 3


def test_nothing_is_guessed():
    rules = policy(DUE, 0, "10")
    for who in (student(), student(None), student(datetime(2026, 11, 9), None)):
        found = lateness(who, range(len(who.notebooks)), rules)
        assert (found.at, found.days, found.off, found.words) == ("", None, 0.0, "")
    found = lateness(student(datetime(2026, 11, 9)), (0,), None)
    assert found.at == "2026-11-09 00:00:00" and found.days is None


def test_the_roster_knows_better():
    rules = policy(DUE, 0, "10")
    who = student(datetime(2026, 11, 9), handed_in=datetime(2026, 11, 3, 12))
    assert lateness(who, (0,), rules).days == 1
    assert lateness(who, (0,), rules).source == "the roster"
    who = student(datetime(2026, 11, 9), due=datetime(2026, 11, 9, 12, tzinfo=PLUS_ONE))
    assert days_of(who, rules) == 0


@pytest.mark.parametrize(
    ("due", "grace", "penalty", "words"),
    [
        ("Monday", 0, "0", "is no time: write it like"),
        (DUE, 0, "ten", "--penalty is like"),
        (DUE, 0, "120", "from 0 to 100"),
        (DUE, -5, "10", "--grace is minutes"),
        (DUE, 0, "10,-1", "from 0 to 100"),
    ],
)
def test_rules_that_are_none(due, grace, penalty, words):
    with pytest.raises(ValueError, match=words):
        policy(due, grace, penalty)


# --- whose time --------------------------------------------------------------------------------------


def source(tmp_path, files, people=(), as_zip=False):
    tmp_path.mkdir(exist_ok=True)
    made = zipped(tmp_path / "class.zip", files) if as_zip else laid(tmp_path / "class", files)
    found = collect(made, ("02_cross_entropy", "10_attention"), people).students
    return {one.owner.name: one.notebooks[0].time for one in found}


def test_platforms_tell_the_time(tmp_path):
    blackboard = f"HW_j_attempt_2026-11-02-23-50-10_{TWO}"
    assert source(tmp_path / "a", [blackboard]) == {
        "j": Time(datetime(2026, 11, 2, 23, 50, 10), BLACKBOARD)
    }
    found = source(tmp_path / "b", [f"12-7 - Jo - Nov 2, 2026 150 PM/{TWO}"])
    assert found["Jo"] == Time(datetime(2026, 11, 2, 13, 50), "Brightspace's file name")
    gradescope = {f"submission_1/{TWO}": b"{}", "submission_metadata.yml": METADATA.encode()}
    found = source(tmp_path / "c", gradescope, as_zip=True)["Ann Lee"]
    assert found.at == datetime(2026, 11, 2, 13, 50, tzinfo=UTC)
    assert found.source == "submission_metadata.yml"


def test_a_zip_and_a_folder_tell_the_time_of_the_file(tmp_path):
    (found,) = source(tmp_path / "z", [f"ann/{TWO}"], as_zip=True).values()
    assert found.source == OF_ZIP and found.at.tzinfo is None
    assert abs(datetime.now() - found.at) < timedelta(minutes=5)
    (found,) = source(tmp_path / "f", [f"ann/{TWO}"]).values()
    assert found.source == OF_FILE
    assert abs(datetime.now(UTC) - found.at) < timedelta(minutes=5)


@pytest.mark.parametrize("as_zip", [False, True])
def test_the_time_of_a_download_is_nobodys(tmp_path, as_zip):
    """Canvas and Moodle write the time of the download into the zip."""
    files = [f"doejane_101_5001_{TWO}", f"leekim_LATE_102_5002_{TWO}"]
    assert set(source(tmp_path / "c", files, as_zip=as_zip).values()) == {None}
    files = [f"Jane Doe_1_assignsubmission_file_/{TWO}"]
    assert source(tmp_path / "m", files, as_zip=as_zip) == {"Jane Doe": None}


def test_times_that_are_all_the_same_are_those_of_a_copy():
    at = datetime(2026, 11, 9, 12)
    seconds = [at + timedelta(seconds=30 * place) for place in range(3)]
    assert of_a_copy([student(one, source=OF_ZIP) for one in seconds]) == [OF_ZIP]
    assert of_a_copy([student(one, source=OF_ZIP) for one in seconds[:2]]) == []
    assert of_a_copy([student(one) for one in seconds]) == []
    apart = [*seconds, at + timedelta(minutes=3)]
    assert of_a_copy([student(one, source=OF_FILE) for one in apart]) == []


def test_what_the_teacher_is_told():
    rules = policy(DUE, 0, "10,50")
    late = Student(Owner("kim", "Canvas"), [File(("x",), "", bytes)], late=True)
    rows = [
        Row(one, Marked((), ()), lateness(one, (0,), rules))
        for one in (student(datetime(2026, 11, 2)), late)
    ]
    said = "\n".join(late_notes(rows, rules))
    assert "due 2026-11-02 20:00 (UTC+0100)" in said and "at most 50%" in said
    assert (
        "1 from Blackboard's file name" in said and "No time is known of 1 hand-in, which" in said
    )
    assert "kim is late, as Canvas says; not how late" in said
    assert late_notes(rows, None) == []


# --- a roster with times --------------------------------------------------------------------------

WORKSHEET = """Identifier,Full name,ID number,Email address,Status,Grade,Maximum grade,\
Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 1,Jane Doe,1001,jane@x,Submitted for grading,,16,Yes,\
"Tuesday, 3 November 2026, 8:14 PM",-,
Participant 2,Jane Doe,1002,jd@x,No submission,,16,Yes,-,-,
Participant 3,Kim Lee,1003,kim@x,Submitted for grading,,16,Yes,\
"Monday, November 2, 2026, 7:59 PM",-,
"""


def test_moodles_worksheet_is_a_roster_with_times(tmp_path):
    path = tmp_path / "worksheet.csv"
    path.write_text("\ufeff" + WORKSHEET, encoding="utf-8")
    people = roster.load(path)
    files = [
        f"Jane Doe_1_assignsubmission_file/{TWO}",
        f"Kim Lee_3_assignsubmission_file/{TWO}",
        f"Kim Lee_3_assignsubmission_file/{TEN}",
    ]
    found = collect(laid(tmp_path / "class", files), ("02_cross_entropy",), people).students
    assert [one.owner.account for one in found] == ["1", "2", "3"]
    got = {one.owner.account: (one.owner.id, one.count, one.on_roster) for one in found}
    assert got == {"1": ("1001", 1, True), "2": ("1002", 0, True), "3": ("1003", 2, True)}
    rules = policy(DUE, 0, "10")
    assert [days_of(one, rules, ()) for one in found] == [2, None, 0]


def test_canvas_and_blackboards_exports_are_rosters(tmp_path):
    path = tmp_path / "canvas.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Homework (1)\n    Points Possible,,,,,16\n"
        '"Doe, Jane",101,s1,jane,A,\n"Student, Test",,,x,A,\n',
        encoding="utf-8",
    )
    people = roster.load(path)
    assert [(one.name, one.account, one.id) for one in people] == [("Doe, Jane", "101", "s1")]
    found = collect(laid(tmp_path / "c", [f"doejane_101_5001_{TWO}"]), ("02",), people).students
    assert [(one.owner.name, one.owner.account, one.count) for one in found] == [
        ("Doe, Jane", "101", 1)
    ]
    path.write_text(
        '"Last Name"\t"First Name"\t"Username"\t"Student ID"\nDoe\tJ\tj_doe\t7\nRoe\tA\ta_roe\t8\n',
        encoding="utf-8",
    )
    files = [f"HW 1_j_doe_attempt_2026-11-02-23-50-10_{TWO}"]
    files += [f"HW 1_bo_attempt_2026-11-02-23-50-10_{TWO}"]
    found = collect(laid(tmp_path / "b", files), ("02",), roster.load(path)).students
    assert {one.owner.name: (one.owner.account, one.count) for one in found} == {
        "A Roe": ("a_roe", 0),
        "bo": ("bo", 1),
        "J Doe": ("j_doe", 1),
    }


def test_a_time_of_the_roster_that_is_none(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("name,due\nAnn,soon\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"column due: .soon. is no time"):
        roster.load(path)
    assert written_by_hand("2026-11-02T20:00Z") == datetime(2026, 11, 2, 20, tzinfo=UTC)
