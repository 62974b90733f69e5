"""`make test` itself: what it runs, that it goes on after a failure, what it counts, and what its
end says.
"""

import os
import sys
from pathlib import Path

import nbformat
import pytest

from course.harness import notebook_budget
from course.harness import stages as testing
from course.harness.junit_report import Counts
from course.harness.stages import NBVAL, Outcome, Stage

ROOT = Path(__file__).resolve().parents[3]


def script(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def pytest_on(folder: Path, code: str) -> list[str]:
    """The command that tests this code, far from the settings of this project."""
    (folder / "test_it.py").write_text(code, encoding="utf-8")
    plain = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(folder)]
    return [sys.executable, "-m", "pytest", *plain, str(folder)]


@pytest.fixture
def with_stages(monkeypatch):
    def put(*stages):
        monkeypatch.setattr(testing, "stages", lambda root=ROOT: iter(stages))

    return put


# --- what is run -----------------------------------------------------------------------------------------------------


def test_the_stages_and_their_order():
    names = [stage.name for stage in testing.stages()]
    assert names[:4] == ["style", "unit", "build", "notebooks"]
    commands = {stage.name: stage.commands for stage in testing.stages()}
    # a build would hide that notebooks/ is out of date
    assert commands["build"][0][-1] == "--check"
    (notebooks,), (answers,) = commands["notebooks"], commands["tests/notebooks"]
    assert (
        notebooks[1:3] == answers[1:3] == ["-m", "course.harness.offline"]
        and answers[-1] == "tests/notebooks"
    )
    assert {*NBVAL, "--dist", "loadfile"} <= set(notebooks)


def test_every_chapter_is_run_as_a_learner_sees_it(tmp_path):
    chapters = tmp_path / "course" / "chapters"
    chapters.mkdir(parents=True)
    # where pytest finds nothing, and that is a failure
    assert testing.built(tmp_path) == ["notebooks"]
    for name in ("02_two.md", "01_one.md", "notes.md"):
        (chapters / name).write_text("", encoding="utf-8")
    assert testing.built(tmp_path) == ["notebooks/01_one.ipynb", "notebooks/02_two.ipynb"]


def test_other_tests_are_found_when_they_are_there(tmp_path):
    (tmp_path / "tests" / "grading").mkdir(parents=True)
    assert "tests/grading" not in [stage.name for stage in testing.stages(tmp_path)]
    (tmp_path / "tests" / "grading" / "test_pack.py").write_text("", encoding="utf-8")
    assert [stage.name for stage in testing.stages(tmp_path)][-1] == "tests/grading"


def test_a_choice_of_stages(with_stages):
    with_stages(
        Stage("style", [], pytest=False),
        Stage("unit", []),
        Stage("build", [], pytest=False),
        Stage("books", []),
    )
    assert [stage.name for stage in testing.chosen(None, [])] == ["style", "unit", "build", "books"]
    assert [stage.name for stage in testing.chosen(None, ["-k", "x"])] == ["unit", "build", "books"]
    assert [stage.name for stage in testing.chosen(["books", "style"], [])] == ["style", "books"]
    with pytest.raises(SystemExit, match="no stage browser: there are style, unit, build, books"):
        testing.chosen(["browser"], [])


def test_the_run_is_closed_to_a_users_own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "/home/someone/.jupyter")
    monkeypatch.setenv("PYTHONPATH", "/home/someone/lib")
    variables = testing.environment(tmp_path)
    for name in (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "GLASSBOX_DATA",
    ):
        assert Path(variables[name]).parent == tmp_path
    assert (
        "MPLBACKEND" not in set(variables) - set(os.environ)
        and variables["PATH"] == os.environ["PATH"]
    )
    look = (
        "import sys, nbformat, nbformat.validator; nbformat.validate(nbformat.v4.new_notebook()); "
    )
    look += "sys.exit('lark' in sys.modules)"
    assert testing.call(script(look), variables)[0] == 0  # and the slow grammar is left out


# --- running ---------------------------------------------------------------------------------------------------------


def test_call_gives_the_exit_code_and_the_cost_of_all_processes():
    small = testing.call(script("raise SystemExit(3)"), dict(os.environ))
    assert small.code == 3
    work = "import time; x = bytearray(900 * 2**20); start = time.process_time()\n"
    work += "while time.process_time() < start + 2: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    large = testing.call(script(nested), dict(os.environ))
    assert large.code == 0
    if os.name != "nt":
        assert 900 * 2**20 < large.peak < 20 * 2**30
        assert small.processor < 2 <= large.processor < 20


def test_all_is_well(with_stages, tmp_path, capfd):
    with_stages(
        Stage("style", [script("print('tidy')")], pytest=False),
        Stage("unit", [pytest_on(tmp_path, "def test_a(): pass\ndef test_b(): pass\n")]),
    )
    assert testing.main() == 0
    said = capfd.readouterr().out
    assert "tidy" in said and "== unit ==" in said and "2 passed in" in said
    assert said.rstrip().splitlines()[-1] == "2 passed, 0 failed, 0 skipped"


def test_a_stage_that_fails_does_not_hide_the_others(with_stages, tmp_path, capfd):
    code = "import pytest\ndef test_a(): pass\ndef test_b(): assert 0\ndef test_c(): pytest.skip('no')\n"
    code += "@pytest.fixture\ndef bad(): raise OSError\ndef test_d(bad): pass\n"
    with_stages(
        Stage("unit", [pytest_on(tmp_path, code)]),
        Stage("build", [script("raise SystemExit(4)")], pytest=False),
        Stage("style", [script("print('is seen')")], pytest=False),
    )
    assert testing.main() == 1
    lines = capfd.readouterr().out.splitlines()
    assert "is seen" in lines
    table = {
        line.split()[0]: line.split()[1:]
        for line in lines
        if line.startswith(("unit ", "build ", "style "))
    }
    assert table["unit"][0] == "FAILED" and table["unit"][2:] == ["1", "2", "1"]
    assert table["build"][0] == "FAILED" and table["style"][0] == "ok"
    assert (
        "  test_it::test_b" in lines
        and "  test_it::test_d" in lines
        and "  test_it::test_a" not in lines
    )
    assert any(line.startswith("  -c raise SystemExit(4) ended with code 4") for line in lines)
    assert lines[-1] == "1 passed, 2 failed, 1 skipped"


def test_the_commands_of_a_stage_stop_too(with_stages, capfd):
    with_stages(
        Stage(
            "style",
            [script("raise SystemExit(1)"), script("print('must not be seen')")],
            pytest=False,
        )
    )
    assert testing.main() == 1 and "must not be seen" not in capfd.readouterr().out


def test_arguments_reach_pytest_and_a_stage_may_then_be_empty(with_stages, tmp_path, capfd):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with_stages(
        Stage("a", [pytest_on(tmp_path / "a", "def test_one(): pass\n")]),
        Stage("b", [pytest_on(tmp_path / "b", "def test_two(): pass\ndef test_three(): pass\n")]),
    )
    assert testing.main(extra=["-k", "two"]) == 0
    assert "1 passed, 0 failed, 0 skipped" in capfd.readouterr().out
    assert testing.main(extra=["-k", "nothing_has_this_name"]) == 1
    assert "No test ran" in capfd.readouterr().out


def test_a_stage_without_tests_is_a_failure(with_stages, tmp_path, capfd):
    with_stages(Stage("unit", [pytest_on(tmp_path, "")]))
    assert testing.main() == 1 and "The stage unit failed" in capfd.readouterr().out


# --- the end ---------------------------------------------------------------------------------------------------------


def test_a_notebook_over_its_budget_fails_the_stage(with_stages, tmp_path, monkeypatch, capfd):
    """With a real notebook under nbval: a cell that works is too dear, and one that only waits
    costs nothing.
    """
    work = "import time\nbegan = time.process_time()\nwhile time.process_time() < began + 3: pass"
    codes = (
        "x = 1",
        "import time; time.sleep(1.5)",
        work,
        "assert x == 1 and 'watch' not in dir()",
    )
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    (tmp_path / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / "01_x.ipynb")
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    plain = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path)]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *plain,
        *NBVAL,
        str(tmp_path / "notebooks" / "01_x.ipynb"),
    ]
    with_stages(Stage("notebooks", [command]))
    assert testing.main() == 0
    (line,) = [
        one.split()
        for one in capfd.readouterr().out.splitlines()
        if one.startswith("notebooks/01_x.ipynb")
    ]
    counted, slowest, processor, slowness, clock = map(float, line[1:])
    assert (
        slowest <= counted
        and 2.9 < processor < 3.5
        and processor == pytest.approx(counted * slowness, rel=0.05)
    )
    assert clock > processor + 1
    monkeypatch.setattr(notebook_budget, "CELL_SECONDS", 0.05)
    assert testing.main() == 1
    said = capfd.readouterr().out
    assert "notebooks/01_x.ipynb, code cell 2 takes" in said and "code cell 1" not in said


def test_a_notebook_that_was_not_watched_is_said(tmp_path):
    (tmp_path / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notebooks" / "01_x.ipynb")
    case = (
        '<testsuite><testcase classname="notebooks.01_x.ipynb" name="Cell 0" time="1"/></testsuite>'
    )
    (tmp_path / "r.xml").write_text(case, encoding="utf-8")
    (tmp_path / "costs").mkdir()
    (wrong,) = notebook_budget.bill(tmp_path / "r.xml", tmp_path / "costs", tmp_path, None).wrong
    assert wrong.startswith("notebooks/01_x.ipynb was not timed")


def test_summary_adds_up():
    outcomes = [
        Outcome("style", 1.0, Counts(), [], []),
        Outcome("unit", 2.0, Counts(5, 0, 1), [], []),
        Outcome("books", 3.0, Counts(7, 2, 0), ["one::a", "one::b"], ["what each book took"]),
    ]
    lines = list(testing.summary(outcomes))
    assert lines[-1].strip() == "12 passed, 2 failed, 1 skipped"
    assert [line.split() for line in lines if line.startswith("in all")] == [["in", "all", "6.0"]]
    assert "what each book took" in lines and "  one::a" in lines
