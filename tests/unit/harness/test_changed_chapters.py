"""Which chapters a run treats at length: those that changed in git, by commits of known dates, and
two fixed ones.
"""

import datetime
import os
import subprocess

import pytest

from course.harness.changed_chapters import EVERYTHING, FIXED, LARGEST, SINCE, chosen, numbers

CHAPTERS = ("01", "02", "03", "04", "05", "06", "12")


@pytest.fixture
def commit(tmp_path):
    """commit(days_ago, path, ...): these files get new words, at that time; gives the revision."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    def make(days_ago, *paths):
        when = (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days_ago)).isoformat()
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(f"{days_ago} {path}\n", encoding="utf-8")
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run([*git, "add", "--all"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "x"], check=True, env=os.environ | dates)
        said = subprocess.run(
            [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
        )
        return said.stdout.strip()

    make(100, *(f"course/chapters/{number}_x.md" for number in CHAPTERS))
    return make


def test_the_last_seven_days(commit, tmp_path):
    commit(9, "course/chapters/04_x.md")
    assert chosen(tmp_path, {}).long == FIXED
    commit(5, "course/chapters/02_x.md")
    commit(3, "course/exercises/ch03.py", "utils/model/gpt.py")
    found = chosen(tmp_path, {})
    assert found.long == ("01", "02", "03", "12") and found.left == ("04", "05", "06")
    assert "Left to the weekly run of everything: 04, 05, 06." in str(
        found
    ) and "last 7 days" in str(found)


def test_at_most_a_fixed_number_the_newest_first(commit, tmp_path):
    for days_ago, number in ((6, "02"), (5, "03"), (4, "04"), (3, "05"), (2, "12"), (1, "06")):
        commit(days_ago, f"course/exercises/ch{number}/one.py")
    assert chosen(tmp_path, {}).long == ("01", "04", "05", "06", "12") and LARGEST == 3
    (tmp_path / "course/chapters/02_x.md").write_text("not committed", encoding="utf-8")
    (tmp_path / "course/exercises/ch03").mkdir(exist_ok=True)
    (tmp_path / "course/exercises/ch03/new.py").write_text("not even added", encoding="utf-8")
    found = chosen(tmp_path, {})
    assert found.long == ("01", "02", "03", "06", "12") and found.left == ("04", "05")


def test_since_a_revision(commit, tmp_path):
    commit(3, "course/chapters/02_x.md")
    base = commit(2, "course/chapters/03_x.md")
    commit(1, "course/chapters/04_x.md")
    found = chosen(tmp_path, {SINCE: base})
    assert found.long == ("01", "04", "12") and f"since {base[:12]}" in str(found)
    for unknown in ("0" * 40, "1234567"):  # a new branch, and one whose past was rewritten
        assert chosen(tmp_path, {SINCE: unknown}).long == ("01", "02", "03", "04", "12")
    assert "1234567 is not in this checkout" in str(chosen(tmp_path, {SINCE: "1234567"}))


def test_a_merge_brings_what_its_branch_changed(commit, tmp_path):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    base = commit(2, "README.md")
    subprocess.run([*git, "checkout", "-q", "-b", "other"], check=True)
    commit(1, "course/chapters/05_x.md")
    subprocess.run([*git, "checkout", "-q", "-"], check=True)
    subprocess.run([*git, "merge", "-q", "--no-ff", "-m", "x", "other"], check=True)
    assert chosen(tmp_path, {SINCE: base}).long == ("01", "05", "12")


def test_everything(commit, tmp_path):
    assert (
        chosen(tmp_path, {EVERYTHING: "1"}).long == CHAPTERS
        and chosen(tmp_path, {EVERYTHING: "1"}).left == ()
    )


def test_outside_a_checkout_it_is_all(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "course" / "chapters").mkdir(parents=True)
    (tmp_path / "course" / "chapters" / "07_x.md").touch()
    found = chosen(tmp_path, {})
    assert found.long == ("07",) and "no git checkout" in found.why


def test_what_is_no_source_of_a_chapter():
    paths = [
        "course/chapters/notes.md",
        "course/exercises/__init__.py",
        "notebooks/04_x.ipynb",
        "course/exercises/ch",
    ]
    assert numbers([*paths, "course/exercises/ch22/a.py", "course/exercises/ch05.py"]) == [
        "22",
        "05",
    ]
