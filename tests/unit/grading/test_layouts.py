"""Who is whom, for every way in which a class may lie there: nobody merged, nobody split, nobody
left out, and the numbers of files add up.
"""

import io
import os
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course.grading.handed_in import archives, roster
from course.grading.handed_in.roster import BadRoster
from course.grading.handed_in.submissions import NoSubmissions, collect
from course.grading.handed_in.tree import HIDDEN
from course.grading.reports.matching import closing, doubts, matching

SLUGS = ("02_cross_entropy", "10_attention")
TWO, TEN = "02_cross_entropy.ipynb", "10_attention.ipynb"
METADATA = """
submission_1:
  :submitters:
  - :name: Ann Lee
    :sid: '17'
    :email: ann@school.example
  :created_at: 2026-11-02 13:50:00.000000000 Z
submission_2:
  :submitters:
  - :name: Bob
    :sid:
    :email: bob@school.example
  - :name: Cleo
    :sid: '19'
  :created_at: 2026-11-02 13:51:00.000000000 Z
"""


def packed(*names: str, **zips: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
        for name, data in zips.items():
            archive.writestr(f"{name}.zip", data)
    return stream.getvalue()


def laid(folder: Path, files) -> Path:
    """The files in a folder; a name that ends with / is an empty folder, a dict gives contents."""
    contents = files if isinstance(files, dict) else dict.fromkeys(files, b"{}")
    for name, data in contents.items():
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(data)
    return folder


def zipped(path: Path, files) -> Path:
    contents = files if isinstance(files, dict) else dict.fromkeys(files, b"{}")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def counts(handed_in):
    return {one.owner.name: one.count for one in handed_in.students}


def adds_up(handed_in) -> bool:
    used = sum(one.count for one in handed_in.students) - handed_in.shared
    return used + handed_in.not_used == handed_in.files


ATTEMPT = "attempt_2026-11-02-23-50-10"
# name: files, the students with the number of their files, and how many files are of nobody
LAYOUTS = {
    "Blackboard, names with an underscore": (
        [f"Homework 1_j_doe_{ATTEMPT}_{TWO}", f"Homework 1_m_doe_{ATTEMPT}_{TWO}"],
        {"j_doe": 1, "m_doe": 1},
        0,
    ),
    "Blackboard, with its text files": (
        [f"HW_1_ann_{ATTEMPT}.txt", f"HW_1_ann_{ATTEMPT}_{TWO}", f"HW_1_bo_b_{ATTEMPT}_{TWO}"],
        {"ann": 2, "bo_b": 1},
        0,
    ),
    "Brightspace, two attempts": (
        [
            f"12-7 - Jane Doe - Nov 2, 2026 150 PM/{TWO}",
            f"12-8 - Jane Doe - Nov 3, 2026 150 PM/{TWO}",
            f"13-9 - Jane Doe - Nov 3, 2026 151 PM - {TWO}",
            "index.html",
        ],
        {"Jane Doe": 1, "Jane Doe ": 2},
        1,
    ),
    "Canvas": (
        [
            f"doejane_101_5001_{TWO}",
            f"doejane_101_5002_{TWO}",
            f"doejane_LATE_102_5003_{TWO}",
            f"anon_aB3xY_5004_{TWO}",
            "roejim_105_text.html",
        ],
        {"doejane": 1, "doejane ": 2, "anon_aB3xY": 1, "roejim": 1},
        0,
    ),
    "Moodle, two of the same name": (
        [f"Jo_1_assignsubmission_file_/{TWO}", f"Jo_2_assignsubmission_file_/{TWO}"],
        {"Jo": 1, "Jo ": 1},
        0,
    ),
    "Gradescope": (
        {
            f"assignment_5_export/submission_1/{TWO}": b"{}",
            f"assignment_5_export/submission_2/{TWO}": b"{}",
            "assignment_5_export/submission_metadata.yml": METADATA.encode(),
        },
        {"Ann Lee": 1, "Bob": 1, "Cleo": 1},
        1,
    ),
    "Gradescope, names that cannot be read": (
        {
            f"submission_1/{TWO}": b"{}",
            f"submission_2/{TWO}": b"{}",
            "submission_metadata.yml": b"{",
        },
        {"submission 1": 1, "submission 2": 1},
        1,
    ),
    "Google Classroom": (
        [f"Ann Lee - {TWO}", f"Bob Ng - Copy of {TWO}", f"Bob Ng - {TEN}"],
        {"Ann Lee": 1, "Bob Ng": 2},
        0,
    ),
    "Drive, flat": ([f"HW1/ann_{TWO}", f"HW1/bob_{TWO}"], {"ann": 1, "bob": 1}, 0),
    "a stray file beside the students": (
        [f"HW1/ann/{TWO}", f"HW1/bob/{TWO}", "HW1/task.pdf"],
        {"ann": 1, "bob": 1},
        1,
    ),
    "stray files at every height": (
        ["a.txt", "x/b.txt", "x/y/c.txt", f"x/y/ann/{TWO}", f"x/y/bob/{TWO}"],
        {"ann": 1, "bob": 1},
        3,
    ),
    "a zip for each": (
        {"ann.zip": packed(TWO), "bob.zip": packed(TWO, TEN)},
        {"ann": 1, "bob": 2},
        0,
    ),
    "a zip for each, called like the chapter too": (
        {"ann_02_cross_entropy.zip": packed(TWO), "bob_02_cross_entropy.zip": packed(TWO)},
        {"ann": 1, "bob": 1},
        0,
    ),
    "zips in zips": (
        {f"ann/{TWO}": b"{}", "bob/a.zip": packed(b=packed(c=packed(TWO)))},
        {"ann": 1, "bob": 1},
        0,
    ),
    "another's name inside of a zip": (
        {"ann.zip": packed(f"bob/{TWO}"), "bob.zip": packed(TWO), "cleo.zip": packed(TWO)},
        {"ann": 1, "bob": 1, "cleo": 1},
        0,
    ),
    "a whole class inside of one student's zip": (
        {
            "ann.zip": packed(f"bob/{TWO}", f"cleo/{TWO}"),
            "bob.zip": packed(TWO),
            "cleo.zip": packed(TWO),
        },
        {"ann": 2, "bob": 1, "cleo": 1},
        0,
    ),
    "a platform's names inside of somebody's folder": (
        [f"ann/Hw_bob_{ATTEMPT}_{TWO}", f"bob/{TWO}", f"cleo/{TWO}"],
        {"ann": 1, "bob": 1, "cleo": 1},
        0,
    ),
    "an empty folder": ([f"ann/{TWO}", "bob/"], {"ann": 1, "bob": 0}, 0),
    "names in two normal forms": (
        {"Zoe\u0308.zip": packed(TWO), f"Zo\u00eb/{TEN}": b"{}", f"bob/{TEN}": b"{}"},
        {"Zoë": 2, "bob": 1},
        0,
    ),
    "names that differ in little": (
        [f"Ann/{TWO}", f"ann/{TWO}", f"\ufb01n/{TWO}", f"fin/{TWO}"],
        {"Ann": 1, "ann": 1, "\ufb01n": 1, "fin": 1},
        0,
    ),
    "names that are shown alike": (
        [f"ann_02_cross_entropy/{TWO}", f"ann/{TWO}", f"a\u202eb/{TWO}", f"a b/{TWO}"],
        {"ann_02_cross_entropy": 1, "ann": 1, "a b": 1, "a b ": 1},
        0,
    ),
    "very long names": (
        [f"{'x' * 150}/{TWO}", f"{'x' * 151}/{TWO}"],
        {"x" * 120: 1, "x" * 120 + " ": 1},
        0,
    ),
    "one student's folder alone": ([TWO, TEN], {"class": 2}, 0),
    "files without names": (
        [TWO, "02_cross_entropy (1).ipynb"],
        {"02_cross_entropy": 1, "02_cross_entropy (1)": 1},
        0,
    ),
    "folders of chapters": (
        [f"02_cross_entropy/ann_{TWO}", f"02_cross_entropy/bob_{TWO}", f"10_attention/ann_{TEN}"],
        {"ann": 2, "bob": 1},
        0,
    ),
    "two groups": (
        [f"A/ann/{TWO}", f"A/bob/{TWO}", f"B/ann/{TWO}", f"B/cleo/{TWO}"],
        {"ann": 1, "ann ": 1, "bob": 1, "cleo": 1},
        0,
    ),
    "files with other endings": (
        ["ann/02.ipynb.json", "bob/02.ipynb.txt", "cleo/02.IPYNB", "dora/02.py"],
        {"ann": 1, "bob": 1, "cleo": 1, "dora": 1},
        0,
    ),
    "what systems put there": (
        [f"ann/{TWO}", "ann/.ipynb_checkpoints/x.ipynb", f"bob/{TWO}", ".DS_Store", "__MACOSX/a/b"],
        {"ann": 1, "bob": 1},
        3,
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("as_zip", [False, True], ids=["folder", "zip"])
def test_nobody_is_merged_split_or_left_out(tmp_path, name, as_zip):
    files, people, nobodys = LAYOUTS[name]
    found = collect(zipped(tmp_path / "class.zip", files), SLUGS) if as_zip else None
    found = found or collect(laid(tmp_path / "class", files), SLUGS)
    got = sorted((one.owner.name, one.count) for one in found.students)
    assert got == sorted((who.strip(), count) for who, count in people.items())
    assert len({one.owner.key for one in found.students}) == len(people)
    assert found.not_used == nobodys and adds_up(found), found.unused
    said = closing(found)
    assert f"{len(people)} students" in said and f"{nobodys} not used" in said


def test_the_outer_name_says_who_handed_in(tmp_path):
    files = {
        "ann.zip": packed(f"bob/{TWO}"),
        f"bob/{TWO}": b"bob's own",
        f"cleo/{TWO}": b"{}",
    }
    found = collect(laid(tmp_path / "class", files), SLUGS)
    whose = {one.owner.name: [file.read() for file in one.notebooks] for one in found.students}
    assert whose == {"ann": [b"{}"], "bob": [b"bob's own"], "cleo": [b"{}"]}


def with_names_in(path: Path, files: dict[bytes, bytes]) -> Path:
    """A zip whose names are these bytes, without the bit that says UTF-8."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, data in enumerate(files.values()):
            archive.writestr(f"{number:04d}", data)
    whole = path.read_bytes()
    for number, name in enumerate(files):
        # a name of the same length keeps every offset
        assert len(name) == 4
        whole = whole.replace(f"{number:04d}".encode(), name)
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize(
    ("name", "read", "guessed"),
    [
        ("é\u0301", unicodedata.normalize("NFC", "é\u0301"), False),
        ("王芳", "王芳", True),
        ("Zo\u00eb!", "Zo\u00eb!", True),
    ],
)
def test_names_of_zips_that_do_not_say_how_they_are_written(tmp_path, name, read, guessed):
    encoding = {"é\u0301": "utf-8", "王芳": "gbk", "Zo\u00eb!": "cp437"}[name]
    path = with_names_in(tmp_path / "class.zip", {name.encode(encoding): b"{}"})
    node = archives.of_disk_file(path, [], notes := [])
    assert [one.name for one in node.children] == [read]
    assert bool(notes) == guessed and all("guessed" in note for note in notes)


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on Linux only")
def test_a_folder_whose_name_is_no_utf8(tmp_path):
    try:
        os.makedirs(os.fsencode(tmp_path) + b"/class/" + "王芳".encode("gbk"))
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    assert counts(collect(laid(tmp_path / "class", [f"bob/{TWO}"]), SLUGS)) == {"bob": 1, "王芳": 0}


# --- what is certain, and what is not -------------------------------------------------------------


def test_what_is_a_guess_is_said_before_grading(tmp_path):
    found = collect(laid(tmp_path / "class", [f"ann_{TWO}", f"Ann_{TEN}", "essay.pdf"]), SLUGS)
    said = "\n".join(doubts(found))
    assert "Ann and ann look alike" in said and "named by the file only" in said
    assert "Not used: essay.pdf (names no student)" in said
    assert [line[0] for line in matching(found)] == ["?", "?"]
    sure = collect(laid(tmp_path / "sure", [f"ann/{TWO}", f"bob/{TWO}"]), SLUGS)
    assert not doubts(sure) and [line[0] for line in matching(sure)] == [" ", " "]


def test_what_is_not_used_is_told_shortly(tmp_path):
    files = [f"ann/{TWO}", f"bob/{TWO}", *(f"{number}.pdf" for number in range(999))]
    found = collect(laid(tmp_path / "class", files), SLUGS)
    assert len(doubts(found)) == 21 and "… and 979 more" in doubts(found)[-1]
    assert "1001 files: 2 of students, 999 not used" in closing(found) and adds_up(found)


ROSTER = """name,id,mail,as
Jane Doe,1001,jane@school.example,
"Lee, Kim",1002,kim.lee@school.example,
Zoë Ng,,zoe@school.example,
Bob Roe,1004,,bobby; B0B
Ann Away,1005,,
"""


def people(tmp_path, text=ROSTER):
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return roster.load(path)


def test_a_roster_settles_who_is_who(tmp_path):
    files = [
        f"doejane_1001_5001_{TWO}",
        f"leekim_77_5002_{TWO}",
        f"zoe_78_5003_{TWO}",
        f"bobby_79_5004_{TWO}",
        f"guest_80_5005_{TWO}",
    ]
    found = collect(laid(tmp_path / "class", files), SLUGS, people(tmp_path))
    got = {one.owner.name: (one.owner.id, one.count, one.on_roster) for one in found.students}
    assert got == {
        "Jane Doe": ("1001", 1, True),
        "Lee, Kim": ("1002", 1, True),
        "Zoë Ng": ("78", 1, True),
        "Bob Roe": ("1004", 1, True),
        "Ann Away": ("1005", 0, True),
        "guest": ("80", 1, False),
    }
    assert "guest is not on the roster" in "\n".join(doubts(found))
    assert "6 students (1 of them handed in nothing)" in closing(found) and adds_up(found)


def test_with_a_roster_one_person_is_one_under_several_names(tmp_path):
    files = [f"bobby/{TWO}", f"B0B_{TEN}", f"jane/{TWO}", f"Doe Jane/{TEN}", f"x/{TWO}"]
    found = collect(laid(tmp_path / "class", files), SLUGS, people(tmp_path))
    assert counts(found) == {
        "Ann Away": 0,
        "Bob Roe": 2,
        "Jane Doe": 2,
        "Lee, Kim": 0,
        "x": 1,
        "Zoë Ng": 0,
    }


def test_a_roster_does_not_make_one_of_two_accounts(tmp_path):
    files = [f"Jane Doe_1_assignsubmission_file_/{TWO}", f"Jane Doe_2_assignsubmission_file_/{TWO}"]
    found = collect(laid(tmp_path / "class", files), SLUGS, people(tmp_path))
    assert [(one.owner.id, one.count) for one in found.students if one.count] == [
        ("1", 1),
        ("2", 1),
    ]
    assert "two accounts fit Jane Doe" in "\n".join(doubts(found))
    two = people(tmp_path, "name,id\nJane Doe,1\nJane Doe,2\n")
    found = collect(laid(tmp_path / "other", [f"Jane Doe/{TWO}", f"x/{TWO}"]), SLUGS, two)
    assert "2 people of the roster may be meant" in "\n".join(doubts(found))
    assert len(found.students) == 4 and adds_up(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("who,id\nAnn,1\n", "needs a first line"),
        ("", "needs a first line"),
        ("name,id\n,1\n", "a line has no name"),
        ("name,id\nAnn,1\nBob,1\n", "the id 1 stands in two lines"),
    ],
)
def test_what_is_no_roster_says_so(tmp_path, text, words):
    with pytest.raises(BadRoster, match=words):
        people(tmp_path, text)


def test_a_roster_of_another_country(tmp_path):
    assert people(tmp_path, "\ufeffName;E-Mail\nAnn;a@x\n") == [roster.Person("Ann", "", "a@x")]


# --- what it may cost -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_end_are_not_read(tmp_path, method, monkeypatch):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", method) as archive:
        archive.writestr(TWO, bytes(2**20))
    found = collect(laid(tmp_path / "class", {"ann.zip": inner.getvalue()}), SLUGS)
    with pytest.raises(Exception, match="unusual method"):
        found.students[0].notebooks[0].read()
    # as a zip in a zip it would be read before anybody asks
    with zipfile.ZipFile(tmp_path / "c.zip", "w", method) as archive:
        archive.writestr("ann/x.zip", packed(TWO))
        archive.writestr(f"bob/{TWO}", b"{}")
    monkeypatch.setattr(zipfile, "_get_decompressor", None)
    found = collect(tmp_path / "c.zip", SLUGS)
    assert counts(found) == {"ann": 1, "bob": 1} and found.students[0].others == ["x.zip"]


def test_a_zip_with_too_much_in_it_costs_only_its_student(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_OF_INNER", 5)
    monkeypatch.setattr(archives, "MOST_INNER_OF_INNER", 2)
    many = packed(*(f"{number}.txt" for number in range(9)), TWO)
    nest = packed(**{f"z{number}": packed(TWO) for number in range(4)})
    files = {"ann/a.zip": many, f"bob/{TWO}": b"{}", "cleo.zip": packed(x=nest), "dora/d.zip": nest}
    found = collect(zipped(tmp_path / "class.zip", files), SLUGS)
    assert [one.notebooks[0].parts[-1] for one in found.students] == [TWO] * 4
    assert {one.owner.name: one.count for one in found.students}["ann"] == 5
    assert any(one.why == "holds more than 5 files" and one.count == 5 for one in found.unused)
    assert any("too deep" in one.why for one in found.unused) and adds_up(found)


def test_a_directory_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_DIRECTORY", 20_000)
    huge = packed(*(f"{number:0100d}.ipynb" for number in range(200)))
    found = collect(laid(tmp_path / "class", {"ann.zip": huge, f"bob/{TWO}": b"{}"}), SLUGS)
    assert counts(found) == {"ann": 1, "bob": 1} and found.students[0].others == ["ann.zip"]
    assert "ann.zip is no zip that can be read" in found.notes[0]


# --- any layout -----------------------------------------------------------------------------------

PART = st.sampled_from(
    [
        "ann",
        "Ann",
        "bob",
        "HW1",
        "02_cross_entropy",
        "group 1",
        "Zo\u00eb",
        "Zoe\u0308",
        "Jo_7_assignsubmission_file_",
        "12-7 - Jo - Nov 2, 2026 150 PM",
        "submission_1",
        "a.zip.d",
        ".git",
        "__MACOSX",
        "x" * 130,
    ]
)
LAST = st.sampled_from(
    [
        TWO,
        TEN,
        f"ann_{TWO}",
        f"bob - {TWO}",
        "02_cross_entropy (1).ipynb",
        f"doejane_101_5001_{TWO}",
        f"HW_b_b_{ATTEMPT}_{TWO}",
        "essay.pdf",
        ".DS_Store",
        "submission_metadata.yml",
        "broken.zip",
        "=1+1.ipynb",
    ]
)
FILE = st.tuples(st.lists(PART, max_size=4), LAST).map(lambda pair: "/".join([*pair[0], pair[1]]))
FILES = st.lists(FILE, min_size=1, max_size=12, unique_by=lambda name: name.casefold())


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, st.lists(st.tuples(PART, FILES), max_size=3, unique_by=lambda pair: pair[0]))
def test_the_numbers_add_up_for_any_layout(tmp_path_factory, files, zips):
    inner = {f"{name}.zip": packed(*inside) for name, inside in zips}
    contents = dict.fromkeys(files, b"{}") | inner
    path = zipped(tmp_path_factory.mktemp("any") / "class.zip", contents)
    read = [name for name in inner if not name.startswith(HIDDEN)]
    expected = (
        len(contents) - len(read) + sum(len(one) for name, one in zips if f"{name}.zip" in read)
    )
    try:
        found = collect(path, SLUGS)
    except NoSubmissions:
        return
    assert found.files == expected and adds_up(found)
    read = [id(file.read) for one in found.students for file in one.notebooks]
    assert len(set(read)) == len(read)  # no file is two people's
