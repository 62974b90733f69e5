"""The command: a class from a platform's zip to marks, interrupted runs, machines without a
sandbox, trusted runs.
"""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime

import psutil
import pytest

from course.__main__ import main
from course.exercises import of_chapter
from course.grading.marks import examine
from course.grading.sandbox import launch
from notebooks import IMPORTS, ROOT, lesson, notebook, right, wrong

posix = pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for a program")
POINTS = {one.id: one.minutes for one in of_chapter("02")}
IDS, PRIVATE = tuple(POINTS), 2
EVERY = sum(POINTS.values()) + PRIVATE
SOLVED = [IMPORTS, *map(right, IDS)]
HINT = "What if the vocabulary has a single token?"
CHECKS = f"""
import torch
from course.grading.private_checks import private

@private("02.1", points={PRIVATE}, hint="{HINT}")
def one_token(rng):
    yield torch.randn(5, 1, generator=rng), torch.zeros(5, dtype=torch.int64)
"""
ONE_TOKEN_FORGOTTEN = """def cross_entropy(logits, targets):
    assert logits.shape[1] > 1
    return F.cross_entropy(logits, targets)"""
NAME = "02_cross_entropy"


@pytest.fixture
def homework(tmp_path):
    (tmp_path / "private.py").write_text(CHECKS, encoding="utf-8")
    out = [
        "--out",
        str(tmp_path / "hw"),
        "--checks",
        str(tmp_path / "private.py"),
        "--title",
        "Homework 1",
    ]
    assert main(["pack", "--chapters", "02", *out]) == 0
    return tmp_path / "hw"


def hand_in(folder, **students):
    for name, cells in students.items():
        path = folder / name / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook(cells))
    return folder


def grade(homework, submissions, *more) -> int:
    return main(
        ["grade", str(homework), str(submissions), "--out", str(homework.parent / "grades"), *more]
    )


def book(homework):
    with (homework.parent / "grades" / "gradebook.csv").open(encoding="utf-8") as file:
        return {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}


def totals(homework):
    return {
        student: float(row["points"])
        for (student, name), row in book(homework).items()
        if name == "total"
    }


def page(homework, name) -> str:
    (path,) = (homework.parent / "grades" / "students").glob(f"{name}-*.html")
    return path.read_text(encoding="utf-8")


@pytest.mark.sandbox
def test_a_class_from_a_platforms_zip(homework, capsys):
    path = homework.parent / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        files = {
            f"doejane_101_5001_{NAME}.ipynb": SOLVED,
            f"doejane_101_5002_{NAME}-1.ipynb": [IMPORTS, wrong("02.1"), *map(right, IDS[1:])],
            f"leekim_LATE_102_5003_{NAME}.ipynb": [IMPORTS, ONE_TOKEN_FORGOTTEN, right("02.2")],
            f"lopezana_103_5004_{NAME}-Copy1.ipynb": SOLVED,
            f"lopezana_103_5005_{NAME}.ipynb": lesson(NAME),  # the empty one as well
            f"sato_105_5007_{NAME}.ipynb": lesson(NAME),
        }
        for name, cells in files.items():
            archive.writestr(name, notebook(cells))
        archive.writestr("noor_104_5006_essay.pdf", b"%PDF")
    assert grade(homework, path, "--jobs", "2") == 0
    first, second = POINTS["02.1"], POINTS["02.2"]
    assert totals(homework) == {
        "doejane": EVERY - first - PRIVATE,
        "leekim": first + second,
        "lopezana": EVERY,
        "noor": 0,
        "sato": 0,
    }
    rows = book(homework)
    assert (
        rows["leekim", "02.1"]["state"] == "right"
        and rows["leekim", "02.1 one_token"]["state"] == "not yet"
    )
    assert rows["leekim", "total"]["late"] == "late" and rows["doejane", "total"]["id"] == "101"
    # the exercise itself is not right
    assert rows["doejane", "02.1 one_token"]["state"] == "not started"
    assert HINT in page(homework, "leekim") and HINT not in page(homework, "lopezana")
    assert "handed in 2 times" in page(homework, "doejane") and "5002" in page(homework, "doejane")
    assert "only noor_104_5006_essay.pdf" in page(homework, "noor")
    summary = (homework.parent / "grades" / "summary.html").read_text(encoding="utf-8")
    assert "<img alt=" in summary and "5 students" in summary and "Not safe" not in summary
    said = capsys.readouterr().out
    assert "5 students graded" in said
    assert "5 students; 7 files: 7 of students, 0 not used." in said
    made = {path.name for path in (homework.parent / "grades").iterdir()}
    assert {"canvas.csv", "feedback_canvas.zip", "copies.html", "by_hand.csv"} <= made
    assert not {"moodle.csv", "blackboard.csv", "feedback_moodle.zip"} & made


def test_a_dry_run_says_who_is_whom_and_grades_nothing(homework, capsys):
    submissions = hand_in(homework.parent / "in", ann=SOLVED, bob=SOLVED, Bob=SOLVED)
    (submissions / "task.pdf").write_bytes(b"%PDF")
    (submissions / "dora").mkdir()
    assert main(["grade", str(homework), str(submissions), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert f"  ann: {NAME}.ipynb" in said and "dora: nothing" in said
    assert "look alike" in said and "Not used: task.pdf" in said
    assert (
        said.splitlines()[-1]
        == "4 students (1 of them handed in nothing); 4 files: 3 of students, "
        "1 not used."
    )
    assert not (homework.parent / "grades").exists()
    (homework.parent / "roster.csv").write_text("name,as\nAnn,ann\nBob,bob;Bob\n", encoding="utf-8")
    command = ["grade", str(homework), str(submissions), "--dry-run", "--roster"]
    assert main([*command, str(homework.parent / "roster.csv")]) == 0
    said = capsys.readouterr().out
    assert "look alike" not in said and "3 students" in said and "dora is not on the roster" in said


def test_a_terminal_that_cannot_write_a_name_ends_nothing(homework):
    submissions = hand_in(homework.parent / "in", **{"Zo\u00eb": SOLVED, "bob": SOLVED})
    command = [sys.executable, "-m", "course", "grade", str(homework), str(submissions)]
    run = subprocess.run(
        [*command, "--dry-run"],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert rb"Zo\xeb" in run.stdout and b"2 students" in run.stdout


def test_without_a_place_for_marks_it_says_what_to_do(homework, capsys):
    submissions = hand_in(homework.parent / "in", ann=SOLVED)
    assert main(["grade", str(homework), str(submissions)]) == 1
    assert "--out" in capsys.readouterr().err


@pytest.mark.sandbox
def test_inputs_of_private_checks_are_told_to_nobody(homework):
    spy = "def cross_entropy(a, b):\n    seen.append(tuple(a.shape))\n    return F.cross_entropy(a, b)"
    tell = "def {}(*args):\n    raise ValueError(f'I saw {{seen}}')"
    names = ("perplexity_of_parts", "bits_per_byte_of")
    cells = [IMPORTS, "seen = []", spy, *map(tell.format, names), "answer_02_4 = repr(seen)"]
    submissions = hand_in(homework.parent / "in", ann=cells)
    assert grade(homework, submissions) == 0 and totals(homework)["ann"] == (
        POINTS["02.1"] + PRIVATE
    )
    assert "I saw" in page(homework, "ann") and "(5, 1)" not in page(homework, "ann")


@pytest.mark.sandbox
def test_what_is_graded_is_kept_until_something_changes(homework, monkeypatch, capsys):
    submissions = hand_in(homework.parent / "in", ann=SOLVED, bob=[IMPORTS, right("02.2")])
    both = {"ann": EVERY, "bob": POINTS["02.2"]}
    assert grade(homework, submissions) == 0 and totals(homework) == both
    shutil.copytree(submissions / "bob", submissions / "twin")  # graded on its own, too
    assert grade(homework, submissions) == 0
    assert totals(homework) == both | {"twin": POINTS["02.2"]}
    assert len(list((homework.parent / "grades" / ".kept").iterdir())) == 3
    shutil.rmtree(submissions / "twin")

    def broken(self):
        raise AssertionError("it was run again")

    monkeypatch.setattr(examine.Examination, "run", broken)
    hand_in(submissions, bob=[IMPORTS, right("02.2")])
    assert grade(homework, submissions) == 0 and totals(homework) == both
    hand_in(submissions, bob=[IMPORTS, right("02.3")], cleo=[right("02.4")])
    # A grader that breaks gives nobody a 0: those students are left out, by name, and the exit code
    #     says so.
    assert grade(homework, submissions) == 1 and totals(homework) == {"ann": EVERY}
    said = capsys.readouterr().out
    assert "bob was NOT graded" in said and "cleo was NOT graded" in said
    monkeypatch.undo()
    assert grade(homework, submissions) == 0 and totals(homework) == {
        "ann": EVERY,
        "bob": POINTS["02.3"],
        "cleo": 0,
    }
    public = homework / "for_learners" / "assignment.json"
    facts = json.loads(public.read_text(encoding="utf-8"))
    facts["points"]["02.2"] += 54
    public.write_text(json.dumps(facts), encoding="utf-8")
    shutil.rmtree(submissions / "cleo")
    assert grade(homework, submissions) == 0
    assert totals(homework) == {"ann": EVERY + 54, "bob": POINTS["02.3"]}
    assert len(list((homework.parent / "grades" / "students").iterdir())) == 2


@pytest.mark.sandbox
@pytest.mark.skipif(os.name == "nt", reason="interrupts a program as Ctrl+C does")
def test_an_interrupted_run_goes_on_where_it_stopped(homework):
    slow = [
        IMPORTS,
        "import time\nwaited = time.sleep(4)",
        "def cross_entropy(a, b): return waited",
    ]
    submissions = hand_in(homework.parent / "in", ann=SOLVED, bob=slow, cleo=slow)
    kept = homework.parent / "grades" / ".kept"
    command = [
        sys.executable,
        "-m",
        "course",
        "grade",
        str(homework),
        str(submissions),
        "--jobs",
        "1",
    ]
    with subprocess.Popen(
        [*command, "--out", str(kept.parent)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        # a shell lets its background jobs ignore Ctrl+C, and so would what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        while not kept.is_dir() or not list(kept.glob("*.json")):
            time.sleep(0.05)
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60)[1]
    assert (
        run.returncode == 130
        and "goes on from here" in said
        and not (kept.parent / "gradebook.csv").exists()
    )
    assert not [
        one
        for one in psutil.process_iter(["cmdline"])
        if str(homework.parent) in str(one.info["cmdline"])
    ]
    done = {path.name: path.stat().st_mtime_ns for path in kept.glob("*.json")}
    assert grade(homework, submissions) == 0 and totals(homework)["ann"] == EVERY
    assert {name: (kept / name).stat().st_mtime_ns for name in done} == done


@pytest.mark.sandbox
def test_one_student_anew_and_the_others_stay(homework, capsys):
    """With what the teacher set by hand, and the rules for late hand-ins of the run before."""
    first = hand_in(homework.parent / "in", ann=SOLVED, bob=[IMPORTS, right("02.2")], cleo=SOLVED)
    for name, hour in (("ann", 10), ("bob", 34), ("cleo", 14)):
        at = datetime(2026, 11, 2, tzinfo=UTC).timestamp() + hour * 3600
        os.utime(first / name / f"{NAME}.ipynb", (at, at))
    late = ["--due", "2026-11-02 12:00+00:00", "--penalty", "50,75"]
    assert grade(homework, first, *late) == 0
    expected = {"ann": EVERY, "bob": POINTS["02.2"] / 2, "cleo": EVERY / 2}
    assert totals(homework) == expected
    hand = homework.parent / "grades" / "by_hand.csv"
    with hand.open("a", encoding="utf-8") as file:
        file.write("cleo,late,0,ill\nbob,02.1,3,nearly\n")
    pages = sorted(path.name for path in (homework.parent / "grades" / "students").iterdir())
    again = hand_in(homework.parent / "again", bob=SOLVED)
    os.utime(again / "bob" / f"{NAME}.ipynb", (at, at))
    assert grade(homework, again, "--only", "Bob") == 0
    # bob hands in late still, and has the 3 points of the teacher's instead of the machine's
    bob = EVERY - POINTS["02.1"] - PRIVATE + 3
    assert totals(homework)["ann"] == EVERY and totals(homework)["cleo"] == EVERY
    rows = book(homework)
    assert rows["bob", "02.1"]["machine"] == str(POINTS["02.1"])
    assert totals(homework)["bob"] == (bob + PRIVATE) / 2
    assert pages == sorted(p.name for p in (homework.parent / "grades" / "students").iterdir())
    said = capsys.readouterr().out
    assert "Bob graded anew, 2 stayed as they were" in said and "UTC+0000" in said
    assert grade(homework, again, "--only", "dora") == 1
    assert "There is no student dora" in capsys.readouterr().err
    with hand.open("a", encoding="utf-8") as file:
        file.write("dora,02.1,3,\n")
    assert grade(homework, first) == 1 and totals(homework)["bob"] == (bob + PRIVATE) / 2
    assert "There is no student dora" in capsys.readouterr().err


@pytest.mark.sandbox
def test_a_chapter_over_two_weeks_gives_the_points_of_each_week_alone(tmp_path):
    """The same notebook handed in twice, filled a little further: each part marks its own."""
    parts = {"first": ("02.1", "02.2"), "second": ("02.3", "02.4")}
    for part, ids in parts.items():
        home = tmp_path / part / "hw"
        assert main(["pack", "--exercises", *ids, "--out", str(home)]) == 0
        done = [IMPORTS, right("02.1"), right("02.3"), wrong("02.4"), wrong("02.2")]
        given = hand_in(tmp_path / part / "given", jane=done, kim=SOLVED, noor=[IMPORTS])
        assert grade(home, given) == 0
        most = sum(POINTS[id] for id in ids)
        assert totals(home) == {"jane": POINTS[ids[0]], "kim": most, "noor": 0}
        assert {name for _, name in book(home)} == {*ids, "total"}
        assert "02.1" in page(home, "jane") or part == "second"


@pytest.mark.sandbox
def test_an_answer_in_words_waits_for_the_teacher(tmp_path, capsys):
    (tmp_path / "q.csv").write_text("chapter,points,question\n2,4,Why?\n", encoding="utf-8")
    homework, out = tmp_path / "hw", ["--questions", str(tmp_path / "q.csv")]
    assert main(["pack", "--chapters", "02", "--out", str(homework), *out]) == 0
    book_ = json.loads((homework / "for_learners" / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    (cell,) = [one for one in book_["cells"] if one["id"] == "q1-answer"]
    cell["source"] = "".join(cell["source"]).replace("…", "Because <b>it</b> is.")
    submissions = tmp_path / "in"
    for name, content in (("ann", json.dumps(book_).encode()), ("bob", notebook(SOLVED))):
        (submissions / name).mkdir(parents=True)
        (submissions / name / f"{NAME}.ipynb").write_bytes(content)
    assert grade(homework, submissions) == 0
    assert "1 answer in words to be read" in capsys.readouterr().out
    rows = book(homework)
    assert rows["ann", "Q1"]["state"] == "to be read" and rows["ann", "Q1"]["of"] == "4"
    assert rows["bob", "Q1"]["state"] == "not started" and totals(homework)["ann"] == 0
    text = (tmp_path / "grades" / "to_read.html").read_text(encoding="utf-8")
    assert "ann" in text and "Because &lt;b&gt;it&lt;/b&gt; is." in text and "bob" not in text
    assert "Your teacher reads this." in page(homework, "ann")
    with (tmp_path / "grades" / "by_hand.csv").open("a", encoding="utf-8") as file:
        file.write("ann,Q1,3,Nearly.\n")
    assert grade(homework, submissions) == 0
    assert "to be read, in" not in capsys.readouterr().out and totals(homework)["ann"] == 3
    assert "Your teacher reads this." not in page(homework, "ann")
    assert "Nearly." in page(homework, "ann") and "3 of 4" in page(homework, "ann")
    assert not (tmp_path / "grades" / "to_read.html").exists()


def test_only_one_needs_grades_that_are_there_and_penalties_a_due_date(homework, capsys):
    submissions = hand_in(homework.parent / "in", ann=SOLVED)
    assert grade(homework, submissions, "--only", "ann") == 1
    assert "has no grades yet" in capsys.readouterr().err
    assert grade(homework, submissions, "--penalty", "10") == 1
    assert "need --due" in capsys.readouterr().err


def test_without_bubblewrap_it_refuses_in_one_sentence(homework, monkeypatch, capsys):
    submissions = hand_in(homework.parent / "in", ann=SOLVED)
    monkeypatch.setattr(launch.shutil, "which", lambda name: None)
    assert grade(homework, submissions) == 1
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1 and "WSL 2" in said and "--i-trust-these-submissions" in said
    assert not (homework.parent / "grades").exists()


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is looked for on Linux only")
def test_a_bubblewrap_that_may_not_start_says_why(homework, monkeypatch, tmp_path, capsys):
    submissions = hand_in(homework.parent / "in", ann=SOLVED)
    program = tmp_path / "bin" / "bwrap"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\necho "bwrap: setting up uid map: Permission denied" >&2\nexit 1\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr(launch.shutil, "which", lambda name: str(program))
    assert grade(homework, submissions) == 1
    said = capsys.readouterr().err.strip()
    assert (
        "setting up uid map: Permission denied" in said
        and "WSL 2" in said
        and len(said.splitlines()) == 1
    )


def test_trusted_submissions_run_with_limits_only_and_every_page_says_so(homework, monkeypatch):
    monkeypatch.setattr(examine, "CALLS", 2.0)
    monkeypatch.setattr(launch.shutil, "which", lambda name: None)
    loop = [IMPORTS, "def cross_entropy(a, b):\n    while True: pass", right("02.2")]
    submissions = hand_in(
        homework.parent / "in", ann=SOLVED, bob=loop, cleo=[IMPORTS, "import os\nx = os._exit(1)"]
    )
    assert grade(homework, submissions, "--i-trust-these-submissions", "--jobs", "2") == 0
    assert totals(homework) == {"ann": EVERY, "bob": POINTS["02.2"], "cleo": 0}
    pages = set((homework.parent / "grades").rglob("*.html"))
    pages.discard(homework.parent / "grades" / "copies.html")  # of texts; nothing of it was run
    assert len(pages) == 4 and all(
        "ran without a sandbox" in path.read_text(encoding="utf-8") for path in pages
    )
    assert not [
        one
        for one in psutil.Process().children(recursive=True)
        if "worker" in " ".join(one.cmdline())
    ]


def test_results_do_not_go_among_the_submissions(homework, capsys):
    submissions = hand_in(homework.parent / "in", ann=SOLVED)
    assert (
        main(["grade", str(homework), str(submissions), "--out", str(submissions / "grades")]) == 1
    )
    assert (
        "choose a folder outside" in capsys.readouterr().err
        and not (submissions / "grades").exists()
    )


@pytest.mark.parametrize("words", ["There is no", "There is nothing at"])
def test_a_wrong_path_is_one_sentence(homework, capsys, words):
    here = homework if words.endswith("at") else homework.parent / "nowhere"
    assert grade(here, homework.parent / "none") == 1
    said = capsys.readouterr().err.strip()
    assert words in said and len(said.splitlines()) == 1
