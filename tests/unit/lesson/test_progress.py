"""Progress: kept, shown, exported, forgotten, and harmless if its file is lost or broken."""

import csv
import json
import os
import signal

import pytest

from course.exercises import exercises, of_chapter
from course.lesson import progress as module
from course.lesson.check import check
from course.lesson.learner_data import data_folder, recall
from course.lesson.progress import (
    DONE,
    OPEN,
    TRIED,
    export_progress,
    forget_progress,
    note,
    progress,
    state,
)


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """A new learner in a plain script."""
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    module._session.clear()


def said(capsys):
    return capsys.readouterr().out


def kept():
    return data_folder() / "progress.json"


def test_from_open_to_tried_to_done_and_never_back(capsys):
    assert state("02.4") == OPEN
    check("02.4", ...)
    assert state("02.4") == OPEN
    check("02.4", 1.0)
    assert state("02.4") == TRIED
    check("02.4", 5.4)
    assert state("02.4") == DONE
    check("02.4", 1.0)
    assert state("02.4") == DONE
    assert recall("progress") == {"02.4": "done"}


def test_it_is_remembered_in_the_next_session():
    note("01.1", True)
    note("01.2", False)
    module._session.clear()
    assert (state("01.1"), state("01.2"), state("01.3")) == (DONE, TRIED, OPEN)


def test_the_page_shows_every_exercise(capsys):
    note("01.1", True)
    note("02.4", False)
    progress()
    out = said(capsys)
    assert out.startswith(f"1 of {len(exercises())} exercises done\n")
    for chapter, done in (("01", 1), ("02", 0)):
        assert f"Chapter {chapter}: {done} of {len(of_chapter(chapter))} done" in out
    assert "✓ done   01.1" in out and "✎ tried  02.4" in out and "○ open   01.2" in out
    assert all(
        f"{one.id}  {one.title} ({one.minutes} minutes)" in out for one in exercises().values()
    )


def test_the_page_in_html_says_the_same(monkeypatch):
    shown = []
    monkeypatch.setattr(module, "show_html", lambda html, text: shown.append(html))
    note("01.1", True)
    progress()
    (html,) = shown
    chapters = {one.chapter for one in exercises().values()}
    assert html.count("<tr>") == 1 + len(chapters) + len(exercises())
    assert 'scope="col"' in html and "✓</span> done" in html


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '"x"', '{"01.1": 5, "01.2": ["done"], "zz": "done"}', "\x00\xff"]
)
def test_a_damaged_file_costs_only_the_ticks(content, capsys):
    kept().parent.mkdir(parents=True)
    kept().write_text(content, encoding="latin-1")
    progress()
    assert "0 of " in said(capsys)
    assert note("01.3", True) == "" and state("01.3") == DONE
    module._session.clear()
    assert state("01.3") == DONE
    kept().unlink()
    assert state("01.3") == OPEN


def test_a_disk_that_cannot_be_written_is_said_once_and_costs_nothing(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path / "file"))
    check("02.4", 5.4)
    out = said(capsys)
    assert "Exercise 02.4: right" in out and "kept for this session only" in out
    assert state("02.4") == DONE


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on the size of files")
def test_a_full_disk_leaves_what_was_kept_before(capsys):
    """The real error of a real write: no file may grow beyond 40 bytes, and the new one breaks off
    there.
    """
    import resource

    for id in ("01.1", "01.2", "01.3"):
        note(id, True)
    before = kept().read_bytes()
    handler, limits = (
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        resource.getrlimit(resource.RLIMIT_FSIZE),
    )
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, limits[1]))
        check("02.4", 5.4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    out = said(capsys)
    assert "Exercise 02.4: right" in out and "kept for this session only" in out
    assert kept().read_bytes() == before and len(before) > 40
    assert [path.name for path in kept().parent.iterdir()] == ["progress.json"]
    assert state("02.4") == DONE and note("02.4", True) == ""  # and with room again it is written
    assert recall("progress")["02.4"] == "done"


def test_nothing_is_written_again_if_nothing_changed(capsys):
    check("02.4", 5.4)
    before = os.stat(kept()).st_mtime_ns, os.stat(kept()).st_ino
    check("02.4", 5.4)
    assert (os.stat(kept()).st_mtime_ns, os.stat(kept()).st_ino) == before


def test_export_and_forget(tmp_path, capsys):
    note("01.1", True)
    export_progress(tmp_path / "mine.csv")
    assert str(tmp_path / "mine.csv") in said(capsys)
    with (tmp_path / "mine.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["exercise"]: row for row in csv.DictReader(file)}
    assert (
        list(rows) == list(exercises())
        and rows["01.1"]["state"] == "done"
        and rows["01.2"]["state"] == "open"
    )
    assert json.loads(kept().read_text(encoding="utf-8")) == {"01.1": "done"}
    forget_progress()
    assert "forgotten" in said(capsys) and not kept().exists() and state("01.1") == OPEN
    forget_progress()
    assert "forgotten" in said(capsys)


def test_an_export_that_fails_says_so(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    export_progress(tmp_path / "file" / "mine.csv")
    assert "Nothing was written" in said(capsys)
