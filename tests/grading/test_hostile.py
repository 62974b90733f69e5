"""Every hostile submission gets exactly what is fair, does no harm, and costs nobody else a mark.
In the real sandbox.

All are graded once, as one class, with its time limits; only who does not stop in time is ended
sooner. Three run at once on two processors, because some of them wait or sleep until their time is
up.
"""

import csv
import re
import socket
import tempfile
import threading

import psutil
import pytest
from hostile import EVERYTHING, VARIANT

from course.building.build import read_chapters
from course.exercises import of_chapter
from course.grading import grade, pack
from course.grading.assignment import Assignment
from course.grading.marks import examine
from notebooks import ROOT

MARK = "glass-box-left-behind"
# bytes: what the trusted side takes beside what it begins with, which are some 300 MiB (torch),
# and more under pytest
MOST_MEMORY = 300 * 2**20
pytestmark = pytest.mark.sandbox


class Memory:
    """How much memory this program takes at most while the block runs, beside what it begins with;
    looked at 20 times a second.
    """

    most = 0

    def __enter__(self):
        self.begin = psutil.Process().memory_info().rss
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        return self

    def _look(self):
        process = psutil.Process()
        while not self.end.wait(0.05):
            self.most = max(self.most, process.memory_info().rss - self.begin)

    def __exit__(self, *error):
        self.end.set()
        self.thread.join()


def assignment(folder):
    """Chapter 02 with constants of the class's own."""
    chapters = [one for one in read_chapters(ROOT / "course" / "chapters") if one.number == "02"]
    made = pack.assignment(chapters, of_chapter("02"), "Homework", "", 7)
    made = Assignment(**{**vars(made), "variant": VARIANT})
    pack.pack(made, chapters, folder, None, ROOT)
    return made


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of results, after one `grade` of all cases; and the listener that nobody may have
    reached.
    """
    top = tmp_path_factory.mktemp("class")
    made = assignment(top / "homework")
    files = [
        top / "homework" / "teacher.json",
        ROOT / "course" / "exercises" / "ch02" / "cross_entropy.py",
        top / "submissions",
        top,
    ]
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patch:
        listener.settimeout(0.1)
        known = {
            "PATHS": repr([str(path) for path in files]),
            "PORT": listener.getsockname()[1],
            "MARK": repr(MARK),
        }
        for name, (data, _) in EVERYTHING.items():
            for word, value in known.items():
                data = data.replace(word.encode(), str(value).replace('"', '\\"').encode())
            path = top / "submissions" / name.replace("/", "%") / "02_cross_entropy.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
        (top / "temporary").mkdir()
        patch.setattr(tempfile, "tempdir", str(top / "temporary"))
        patch.setattr(examine, "GRACE", 2.0)
        patch.setenv("GRADER_SECRET", "1")
        command = [str(top / "homework"), str(top / "submissions"), "--out", str(top / "grades")]
        with Memory() as memory:
            code = grade.main([*command, "--jobs", "3"])
        begin, most = memory.begin / 2**20, memory.most / 2**20
        print(f"the trusted side: {begin:.0f} MiB, and {most:.0f} MiB more at most")
        yield top, made, code, listener, memory


@pytest.fixture(scope="module")
def rows(graded):
    """(student, exercise): row of the gradebook."""
    with (graded[0] / "grades" / "gradebook.csv").open(encoding="utf-8") as file:
        return {
            (row["student"].replace("'", ""), row["exercise"]): row for row in csv.DictReader(file)
        }


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_marks_are_fair(graded, rows, name):
    _, made, *_ = graded
    shown = name.replace("/", "%").replace("'", "")
    got = {id for id in made.points if rows[shown, id]["state"] == "right"}
    assert got == set(EVERYTHING[name][1]), {id: rows[shown, id]["state"] for id in made.points}
    assert float(rows[shown, "total"]["points"]) == sum(made.points[id] for id in got)


def test_the_trusted_side_stays_small(graded):
    assert 20 * 2**20 < graded[4].most < MOST_MEMORY, f"{graded[4].most / 2**20:.0f} MiB"


def test_everybody_was_graded(graded, rows):
    assert graded[2] == 0
    assert len({student for student, _ in rows}) == len(EVERYTHING)


def test_nothing_is_left_running(graded):
    left = [one for one in psutil.process_iter(["cmdline"]) if MARK in (one.info["cmdline"] or [])]
    workers = [one for one in psutil.Process().children(recursive=True) if "bwrap" in one.name()]
    assert not left and not workers


def test_no_file_is_gone_and_nobody_connected(graded):
    top, _, _, listener, _ = graded
    assert (top / "homework" / "teacher.json").is_file() and (
        ROOT / "course" / "exercises" / "ch02" / "cross_entropy.py"
    ).is_file()
    assert len(list((top / "submissions").rglob("*.ipynb"))) == len(EVERYTHING)
    assert not list((top / "temporary").iterdir())
    with pytest.raises(TimeoutError):
        listener.accept()


def test_what_a_student_says_is_shown_as_text(graded):
    (page,) = (graded[0] / "grades" / "students").glob("marks_forged*.html")
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text and "<script>" not in text and "<b>10 of 10" not in text


def test_no_formula_in_any_table(graded):
    for path in (graded[0] / "grades").glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            assert not re.search('(^|[,;"])[=+@-]', file.read(), re.MULTILINE)
            file.seek(0)
            assert not [
                cell for row in csv.reader(file) for cell in row if cell[:1] in tuple("=+-@\t\r\n")
            ]
