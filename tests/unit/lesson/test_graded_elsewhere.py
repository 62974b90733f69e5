"""What only the learner's machine has is told by `check`, and nothing else is."""

import importlib
import sys
from types import SimpleNamespace

import numpy
import pytest
import torch

from course.exercises import exercises
from course.lesson import graded_elsewhere
from course.lesson.check import check
from course.lesson.graded_elsewhere import only_here

EXERCISE = exercises()["02.1"]


@pytest.fixture
def notebook(monkeypatch):
    """Runs a cell in a notebook of its own, and gives the names in it."""
    names = {"__name__": "__main__", "In": [""], "torch": torch, "numpy": numpy}
    monkeypatch.setattr(graded_elsewhere, "get_ipython", lambda: SimpleNamespace(user_ns=names))

    def run(cell: str):
        names["In"].append(cell)
        if not cell.startswith("%%"):
            exec(cell, names)
        return names.get("cross_entropy")

    return run


def test_an_ordinary_answer_hears_nothing(notebook):
    answer = notebook(
        "import math\nimport torch.nn.functional as F\nclass Mean:\n"
        "    def __call__(self, x): return numpy.mean(x)\n"
        "def helper(x): return Mean()(x)\n"
        "def cross_entropy(a, b):\n    from collections import Counter\n"
        "    return helper(F.softmax(a)) + math.pi"
    )
    assert only_here(EXERCISE, answer) == ()


@pytest.mark.parametrize(
    "cell",
    [
        "import pytest\ndef cross_entropy(a, b): return pytest.approx(a)",
        "def cross_entropy(a, b):\n    import pytest\n    return a",
        "from hypothesis import given\ndef cross_entropy(a, b): return given(a)",
        "import pytest\ndef one(a): return [pytest.x(i) for i in a]\n"
        "def two(a): return one(a)\ndef cross_entropy(a, b): return two(a)",
        "import pytest\nclass A:\n    def f(self): return pytest.x\n"
        "def cross_entropy(a, b): return A().f()",
    ],
)
def test_a_library_that_the_course_does_not_bring_is_named(notebook, cell):
    (line,) = only_here(EXERCISE, notebook(cell))
    assert line.split()[2] in ("pytest,", "hypothesis,") and "may be missing" in line


def test_a_file_beside_the_notebook_is_named_unless_a_cell_writes_it(
    notebook, tmp_path, monkeypatch
):
    (tmp_path / "tools_of_mine.py").write_text("def f(a): return a\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    monkeypatch.setitem(sys.modules, "tools_of_mine", importlib.import_module("tools_of_mine"))
    answer = notebook("from tools_of_mine import f\ndef cross_entropy(a, b): return f(a)")
    (line,) = only_here(EXERCISE, answer)
    assert "tools_of_mine.py" in line and "only the notebook is handed in" in line
    notebook("%%writefile tools_of_mine.py\ndef f(a): return a")
    assert only_here(EXERCISE, answer) == ()


def test_an_answer_under_another_name_hears_its_own(notebook):
    answer = notebook("def cross_entropy(a, b): return a")
    notebook("mine = cross_entropy\ndel cross_entropy")
    (line,) = only_here(EXERCISE, answer)
    assert "call it cross_entropy" in line


def test_outside_of_a_notebook_there_is_nothing_to_hand_in(monkeypatch):
    monkeypatch.setattr(graded_elsewhere, "get_ipython", lambda: None)
    assert only_here(EXERCISE, lambda a, b: a) == ()


def test_check_says_it_beside_its_verdict(notebook, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path))
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    answer = notebook(
        "import pytest\ndef cross_entropy(a, b):\n    assert pytest\n"
        "    return torch.nn.functional.cross_entropy(a, b)"
    )
    check("02.1", answer)
    said = capsys.readouterr().out
    assert "02.1: right" in said and "uses pytest" in said
