"""Whose file is it, what is in it, and what is refused: folders, platforms' zips, links, bombs,
broken notebooks.
"""

import io
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from course.grading.handed_in.names import plain
from course.grading.handed_in.notebook import LARGEST, Unreadable, read_notebook
from course.grading.handed_in.owners import Owner, named_by_file, on_platform
from course.grading.handed_in.submissions import NoSubmissions, collect

SLUGS = ("02_cross_entropy", "10_attention")


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("Jane Doe_1234567_assignsubmission_file_", Owner("Jane Doe", "Moodle", "1234567")),
        ("Zoë O'Neil-Ng_42_assignsubmission_file", Owner("Zoë O'Neil-Ng", "Moodle", "42")),
        (
            "Jane Doe_1234567_assignsubmission_file_02_cross_entropy.ipynb",
            Owner("Jane Doe", "Moodle", "1234567"),
        ),
        (
            "doejane_12345_678901_02_cross_entropy-1.ipynb",
            Owner("doejane", "Canvas", "12345", when="678901".zfill(20)),
        ),
        (
            "doejane_LATE_12345_678901_02_cross_entropy.ipynb",
            Owner("doejane", "Canvas", "12345", True, "678901".zfill(20)),
        ),
        ("doejane_LATE_12345_text.html", Owner("doejane", "Canvas", "12345", True, "0" * 20)),
        (
            "do\u0308ejane_12345_678901_x_9_y.ipynb",
            Owner("döejane", "Canvas", "12345", when="678901".zfill(20)),
        ),
        (
            "LATE_anon_aB3xY_678901_02.ipynb",
            Owner("anon_aB3xY", "Canvas", "anon_aB3xY", True, "678901".zfill(20)),
        ),
        (
            "Homework 1_j_doe_attempt_2026-11-02-23-50-10_02_cross_entropy.ipynb",
            Owner(
                "Homework 1_j_doe",
                "Blackboard",
                when="2026-11-02-23-50-10",
                place="Homework 1_j_doe",
            ),
        ),
        (
            "12345-67890 - Jane Doe - Nov 2, 2026 150 PM",
            Owner("Jane Doe", "Brightspace", "12345", when="2026-11-02-13-50", place="Jane Doe"),
        ),
        (
            "12345-67890 - Jo - Nov 12, 2026 1205 AM - 02.ipynb",
            Owner("Jo", "Brightspace", "12345", when="2026-11-12-00-05", place="Jo"),
        ),
        ("submission_98765", Owner("submission 98765", "Gradescope", "98765")),
        ("jane", None),
        ("jane_02_cross_entropy.ipynb", None),
        ("hw_2026_11_02_ann.ipynb", None),
        (f"ann_1234_{'9' * 5000}_02.ipynb", None),
    ],
)
def test_a_platforms_names(name, owner):
    assert on_platform(name) == owner


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("jane_02_cross_entropy.ipynb", "jane"),
        ("02_cross_entropy_jane doe.ipynb", "jane doe"),
        ("02_cross_entropy-jane.ipynb", "jane"),
        ("Jane Doe - 02_cross_entropy.ipynb", "Jane Doe"),
        ("Jane Doe - Copy of 02_cross_entropy (2).ipynb", "Jane Doe"),
        ("jane.ipynb", "jane"),
        ("jane_02_cross_entropy.ipynb.json", "jane"),
        ("02_cross_entropy-Copy1 (3).ipynb", ""),
        ("student_02.ipynb", "student_02"),
    ],
)
def test_a_name_in_a_files_name(name, whose):
    assert named_by_file(name, SLUGS) == whose


@pytest.mark.parametrize(
    "name",
    [
        "Ann_7_assignsubmission_file_x_999_assignsubmission_file_.ipynb",
        "ann_777_5001_bob_888_9999_02.ipynb",
        "ann_attempt_2026-01-01-00-00-00_x_bob_attempt_2099-01-01-00-00-00_02.ipynb",
        "7-1 - ann - Nov 2, 2026 150 PM - 8-1 - bob - Nov 2, 2099 150 PM.ipynb",
    ],
)
def test_nobody_hands_in_under_another_name(name):
    found = on_platform(name)
    assert found.name.lower() == "ann" and found.id in ("", "7", "777")
    assert "2099" not in found.when and "9999" not in found.when


def test_names_are_shown_on_one_line_and_without_tricks():
    assert (
        plain("a\n\tb\x00c") == "a b c"
        and plain("\u202egnp.exe") == "gnp.exe"
        and plain(" ") == "without a name"
    )
    assert len(plain("x" * 1000)) == 120 and plain("e\u0301") == "é"


# --- folders and zips ------------------------------------------------------------------------------------------------


def filled(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path, encoding="utf-8")
    return folder


def zipped(path: Path, files: dict[str, bytes], **more) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def names(handed_in):
    return {
        one.owner.name: [file.parts[-1] for file in one.notebooks] for one in handed_in.students
    }


def test_a_folder_of_students(tmp_path):
    filled(
        tmp_path,
        "b/02.ipynb",
        "a/x/y/10.ipynb",
        "a/.ipynb_checkpoints/02.ipynb",
        "c.ipynb",
        "d/essay.pdf",
        ".DS_Store",
    )
    handed_in = collect(tmp_path, SLUGS)
    assert names(handed_in) == {"a": ["10.ipynb"], "b": ["02.ipynb"], "c": ["c.ipynb"], "d": []}
    assert handed_in.students[3].others == ["essay.pdf"] and not handed_in.notes


@pytest.mark.parametrize("wrapper", ["homework/", "x/y/", ""])
def test_folders_that_only_wrap_everything(tmp_path, wrapper):
    filled(tmp_path, f"{wrapper}jane/02.ipynb", f"{wrapper}joe/02.ipynb", f"{wrapper}joe/10.ipynb")
    assert set(names(collect(tmp_path, SLUGS))) == {"jane", "joe"}


@pytest.mark.parametrize("wrapper", ["", "homework/"])
def test_groups_of_a_class_with_a_platforms_names(tmp_path, wrapper):
    jane, joe, ann = (
        f"{name}_{id}_assignsubmission_file_/02.ipynb"
        for name, id in (("Jane", 1), ("Joe", 2), ("A", 3))
    )
    filled(
        tmp_path, f"{wrapper}group 1/{jane}", f"{wrapper}group 1/{joe}", f"{wrapper}group 2/{ann}"
    )
    assert set(names(collect(tmp_path, SLUGS))) == {"Jane", "Joe", "A"}
    filled(tmp_path, f"{wrapper}readme.txt")
    assert set(names(collect(tmp_path, SLUGS))) >= {"Jane", "Joe", "A"}


def test_one_folder_with_a_platforms_name_in_it_is_no_group(tmp_path):
    filled(tmp_path, "ann/Hw_bob_attempt_2099-01-01-00-00-00_02.ipynb", "bob/02.ipynb")
    assert {one.owner.name: len(one.notebooks) for one in collect(tmp_path, SLUGS).students} == {
        "ann": 1,
        "bob": 1,
    }


def test_one_student_stays_one_student(tmp_path):
    filled(tmp_path, "jane/02.ipynb", "jane/10.ipynb")
    assert names(collect(tmp_path, SLUGS)) == {"jane": ["10.ipynb", "02.ipynb"]}


def test_a_zip_of_a_platform_with_zips_of_students(tmp_path):
    inner = zipped(
        tmp_path / "inner.zip", {"mine/10_attention.ipynb": b"1", "deep.zip": b"2"}
    ).read_bytes()
    files = {
        "Jane Doe_1_assignsubmission_file_/02_cross_entropy.ipynb": b"jane",
        "Joe_2_assignsubmission_file_/all.zip": inner,
        "__MACOSX/x": b"",
    }
    handed_in = collect(zipped(tmp_path / "class.zip", files), SLUGS)
    assert names(handed_in) == {
        "Jane Doe": ["02_cross_entropy.ipynb"],
        "Joe": ["10_attention.ipynb"],
    }
    assert (
        handed_in.students[0].notebooks[0].read() == b"jane"
        and handed_in.students[1].notebooks[0].read() == b"1"
    )
    assert handed_in.students[1].others == ["deep.zip"]
    assert "deep.zip is no zip that can be read" in handed_in.notes[0]


def test_a_zip_is_open_only_while_it_is_read(tmp_path, monkeypatch):
    inner = zipped(tmp_path / "inner.zip", {"02.ipynb": b"7"}).read_bytes()
    (tmp_path / "in").mkdir()
    zipped(tmp_path / "in" / "a.zip", {"ann/all.zip": inner})
    zipped(tmp_path / "in" / "b.zip", {"bob/02.ipynb": b"8"})
    opened = []
    original = zipfile.ZipFile.__init__
    monkeypatch.setattr(
        zipfile.ZipFile,
        "__init__",
        lambda self, *args, **more: (opened.append(self), original(self, *args, **more))[1],
    )
    handed_in = collect(tmp_path / "in", SLUGS)
    assert [one.notebooks[0].read() for one in handed_in.students] == [b"7", b"8"]
    assert len(opened) > 3 and all(one.fp is None for one in opened)


def test_folders_without_end_are_a_note(tmp_path):
    filled(tmp_path, "ann/02.ipynb", "bob/" + "d/" * 60 + "02.ipynb")
    handed_in = collect(tmp_path, SLUGS)
    assert names(handed_in) == {"ann": ["02.ipynb"], "bob": []}
    assert [one.why for one in handed_in.unused] == ["lies too deep"]


def test_a_zip_in_the_folder(tmp_path):
    zipped(tmp_path / "class.zip", {"jane/02.ipynb": b"", "joe/02.ipynb": b""})
    zipped(tmp_path / "lee_12345_67890_work.zip", {"02.ipynb": b""})
    assert set(names(collect(tmp_path, SLUGS))) == {"jane", "joe", "lee"}


def test_two_submissions_the_newest_comes_first(tmp_path):
    filled(
        tmp_path,
        "doejane_123_7001_02_cross_entropy.ipynb",
        "doejane_123_12000_02_cross_entropy-1.ipynb",
    )
    (student,) = collect(tmp_path, SLUGS).students
    assert [file.parts[-1][12:17] for file in student.notebooks] == ["12000", "7001_"]
    filled(tmp_path / "f", "ann/old.ipynb", "ann/new.ipynb")
    os.utime(tmp_path / "f" / "ann" / "old.ipynb", (1e9, 1e9))
    (student,) = collect(tmp_path / "f", SLUGS).students
    assert [file.parts[-1] for file in student.notebooks] == ["new.ipynb", "old.ipynb"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_in_a_folder_are_not_followed(tmp_path):
    secret = filled(tmp_path / "secret", "02.ipynb")
    filled(tmp_path / "in", "ann/02.ipynb")
    (tmp_path / "in" / "ann" / "10.ipynb").symlink_to(secret / "02.ipynb")
    (tmp_path / "in" / "bob").symlink_to(secret, target_is_directory=True)
    handed_in = collect(tmp_path / "in", SLUGS)
    assert names(handed_in) == {"ann": ["02.ipynb"]}
    assert ["is a link" in one.why for one in handed_in.unused] == [True, True]


def test_names_and_links_that_lead_out_of_a_zip_are_refused(tmp_path):
    link = zipfile.ZipInfo("ann/10.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ann/02.ipynb", b"")
        archive.writestr(link, "/etc/passwd")
        for name in (
            "../../evil.ipynb",
            "/etc/evil.ipynb",
            "ann\\..\\..\\evil.ipynb",
            "ann/../evil.ipynb",
        ):
            archive.writestr(name, b"")
    handed_in = collect(path, SLUGS)
    assert names(handed_in) == {"ann": ["02.ipynb"]} and len(handed_in.unused) == 5
    assert not list(tmp_path.rglob("evil*")) and list(tmp_path.iterdir()) == [path]


def test_a_zip_bomb_is_read_only_as_far_as_a_notebook_may_go(tmp_path):
    path = zipped(tmp_path / "x.zip", {"ann/02.ipynb": bytes(200 * 2**20)})
    assert path.stat().st_size < 2**20
    (student,) = collect(path, SLUGS).students
    data = student.notebooks[0].read()
    assert len(data) == LARGEST + 1
    with pytest.raises(Unreadable, match="larger than 64 MiB"):
        code_cells(data)


def test_a_damaged_zip_is_a_note_and_not_a_crash(tmp_path):
    filled(tmp_path, "ann/02.ipynb", "bob/work.zip")
    handed_in = collect(tmp_path, SLUGS)
    assert (
        names(handed_in) == {"ann": ["02.ipynb"], "bob": []}
        and "no zip that can be read" in handed_in.notes[0]
    )
    whole = zipped(tmp_path / "whole.zip", {"eve/02.ipynb": os.urandom(5000)})
    data = bytearray(whole.read_bytes())
    data[100:200] = bytes(100)
    whole.write_bytes(data)
    eve = next(one for one in collect(whole, SLUGS).students)
    with pytest.raises(Unreadable, match="damaged"):
        eve.notebooks[0].read()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_entry_of_every_method_is_refused_in_words(tmp_path, method):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("eve/02.ipynb", os.urandom(5000))
    data = bytearray(path.read_bytes())
    for place in range(40, 4000, 40):
        broken = data.copy()
        broken[place : place + 8] = bytes(8)
        path.write_bytes(broken)
        for student in collect(path, SLUGS).students:
            for file in student.notebooks:
                with pytest.raises(Unreadable, match=r"damaged|unusual method"):
                    file.read()


def test_nothing_to_grade_is_one_sentence(tmp_path):
    with pytest.raises(NoSubmissions, match="There is nothing at"):
        collect(tmp_path / "none", SLUGS)
    with pytest.raises(NoSubmissions, match="no file to grade"):
        collect(filled(tmp_path, ".hidden"), SLUGS)


# --- notebooks -------------------------------------------------------------------------------------------------------


def code_cells(data: bytes) -> list[str]:
    return read_notebook(data).cells


def as_file(content) -> bytes:
    return json.dumps(content).encode()


CELL = {"cell_type": "code", "source": "x = 1"}


@pytest.mark.parametrize(
    "content",
    [
        {"cells": [CELL, {"cell_type": "markdown", "source": "text"}]},
        {"cells": [CELL], "nbformat": 5},
        {"cells": [{"cell_type": "code", "source": ["x ", "= 1"]}]},
        {"cells": [CELL, None, 3, {"cell_type": "raw", "source": "y"}]},
        {"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}], "nbformat": 3},
        {
            "cells": [
                CELL
                | {"outputs": [{"text": "✓" * 1000}], "metadata": {"deletable": False}, "id": "x"}
            ]
        },
    ],
)
def test_code_cells_of_every_format(content):
    assert code_cells(as_file(content)) == ["x = 1"]
    assert code_cells(b"\xef\xbb\xbf" + as_file(content)) == ["x = 1"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"not JSON", "not JSON"),
        (b"[" * 1_000_000, "not JSON"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "not JSON"),
        (b"\xff{}", "not in UTF-8"),
        (as_file([CELL]), "no list of cells"),
        (as_file({"cells": "x"}), "no list of cells"),
        (as_file({"cells": [CELL | {"source": "x" * 4_000_000}]}), "3 MiB of code"),
        (bytes(LARGEST + 1), "larger than"),
        (b'{"a": "' + b"x" * 50_000_000 + "\U0001f600".encode() + b'"}', "too large"),
        # 700 MB once it is read
        (b'{"cells": [' + b'{"":0},' * 3_000_000 + b"{}]}", "millions of values"),
    ],
    ids=range(12),
)
def test_what_is_no_notebook_says_why(data, words):
    with pytest.raises(Unreadable, match=words):
        code_cells(data)


def test_the_python_that_a_notebook_names():
    def with_version(version):
        return as_file({"cells": [], "metadata": {"language_info": {"version": version}}})

    assert read_notebook(with_version("3.12.4")).python == "3.12"
    assert {read_notebook(with_version(one)).python for one in (None, 3, "x", ["3.1"], {})} == {""}
    assert read_notebook(as_file({"cells": [], "metadata": []})).python == ""


def test_a_notebook_in_utf16():
    text = as_file({"cells": [CELL]}).decode()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"):
        assert code_cells(text.encode(encoding)) == ["x = 1"]


def test_strange_sources_are_empty():
    cells = [
        {"cell_type": "code", "source": strange} for strange in (None, 3, {"a": 1}, ["x", 4, "y"])
    ]
    assert code_cells(as_file({"cells": [*cells, {"cell_type": "code"}]})) == ["", "", "", "xy", ""]
    assert code_cells(io.BytesIO(as_file({"cells": []})).read()) == []
