"""The mirror of Colab: what it is made of, what it compares, how git finds the course, and what a
control does.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from course.harness import colab_mirror
from course.harness.changed_chapters import Choice
from course.harness.colab_mirror import (
    MirrorError,
    changes,
    look_like_colab,
    refuses_unknown_traits,
    stand_in,
)
from course.harness.kernel import CellError, Kernel, kernel
from course.harness.stages import environment

ROOT = Path(__file__).resolve().parents[3]


def pins(path: Path) -> dict[str, str]:
    lines = (
        line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()
    )
    found = [Requirement(line) for line in lines if line]
    return {one.name: next(iter(one.specifier)).version for one in found}


def test_the_mirrors_packages_are_exact_and_fit_what_the_course_needs():
    mirror = pins(colab_mirror.RUNTIME)
    assert {"ipywidgets", "ipython", "ipykernel", "torch", "numpy", "matplotlib", "pandas"} <= set(
        mirror
    )
    # the build that is known to be at hand
    assert mirror["torch"] == pins(ROOT / "requirements.txt")["torch"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in map(Requirement, project["dependencies"]):
        assert requirement.name not in mirror or mirror[requirement.name] in requirement.specifier


def test_what_changed():
    before = {"numpy": "2.1.3", "torch": "2.11.0", "pandas": "2.2.3"}
    assert changes(before, before | {"gguf": "0.19.0"}) == []
    after = {"numpy": "2.4.6", "pandas": "2.2.3", "gguf": "0.19.0"}
    assert changes(before, after) == [
        "numpy was 2.1.3 and is now 2.4.6",
        "torch was 2.11.0 and is now gone",
    ]


class Says:
    """A kernel that says one thing, at most."""

    def __init__(self, said="Ready."):
        self.said = said

    def execute(self, code):
        return self.said


@pytest.mark.parametrize(
    ("after", "said", "limit", "words"),
    [
        (
            {"numpy": "2.4"},
            "Ready.",
            60,
            "changes what Colab brings along: numpy was 2.1 and is now 2.4",
        ),
        ({"numpy": "2.1"}, "Ready.", 60, "did not install"),
        ({"numpy": "2.1", "gguf": "1"}, "", 60, "did not install the course; it said ''"),
        ({"numpy": "2.1", "gguf": "1"}, "Ready.", -1, "at most -1 s is allowed"),
    ],
)
def test_what_the_set_up_cell_must_not_do(monkeypatch, after, said, limit, words):
    listings = iter([{"numpy": "2.1"}, after])
    monkeypatch.setattr(colab_mirror, "packages", lambda python: next(listings))
    monkeypatch.setattr(colab_mirror, "SECONDS", limit)
    with pytest.raises(MirrorError, match=words):
        colab_mirror.set_up(Says(said), Path("python"), "cell")


def test_help_that_says_something_else_is_noticed():
    with pytest.raises(MirrorError, match=r"should say .* and says 'Ready.'"):
        colab_mirror.ask_for_help(Says(), "cell")


def test_git_takes_the_course_from_this_folder_as_it_is_now(tmp_path):
    """From the address in pyproject.toml, with what is not committed yet, and without what git
    ignores.
    """
    root = tmp_path / "root"
    (root / "build").mkdir(parents=True)
    (root / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (root / ".gitignore").write_text("build/\n", encoding="utf-8")
    (root / "new.txt").write_text("not committed", encoding="utf-8")
    (root / "build" / "large.bin").write_text("ignored", encoding="utf-8")
    own = stand_in(tmp_path / "course.git", root)
    command = ["git", "clone", "-q", own["GIT_CONFIG_VALUE_0"], str(tmp_path / "clone")]
    subprocess.run(command, check=True, env=os.environ | own)
    assert (tmp_path / "clone" / "new.txt").read_text(encoding="utf-8") == "not committed"
    assert not (tmp_path / "clone" / "build").exists()


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """A kernel of this very Python, strict as the mirror's: one for all tests, as its start takes
    seconds. Each begins without explorers (EXPLORER), and leaves the warnings as they were.
    """
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "private").mkdir()
    variables = environment(folder / "private") | {"PYTHONPATH": str(ROOT)}
    look_like_colab(variables)
    with kernel(Path(sys.executable), folder, variables) as running:
        yield running


# ipywidgets 8 has no list of all widgets; 7.7, for which the code is, has.
EXPLORER = """\
import ipywidgets
from utils.widgets.explorers import explorer, explorer_with_button
ipywidgets.Widget.widgets = ipywidgets.widgets.widget._instances
ipywidgets.Widget.close_all()
controls = dict(n=ipywidgets.IntSlider(3, max=3), of=ipywidgets.Dropdown(options=["a", "b"]))
"""
AT_ONCE = "box = explorer({}, 50, **controls)"
BY_BUTTON = "box = explorer_with_button({}, 50, 'Draw', 'At work.', **controls)"


def test_a_kernel_that_looks_like_colabs(at):
    assert at.execute("import sys; print('google.colab' in sys.modules)") == "True\n"
    refuses_unknown_traits(at)
    at.execute("import warnings; kept = warnings.catch_warnings(); kept.__enter__()")
    at.execute("warnings.simplefilter('ignore')")
    with pytest.raises(MirrorError, match="without a word"):
        refuses_unknown_traits(at)
    at.execute("kept.__exit__(None, None, None)")
    refuses_unknown_traits(at)
    with pytest.raises(
        CellError, match=r"the cell that begins with '1 \+ 1' ends with ZeroDivisionError"
    ):
        at.execute("1 + 1\n1 / 0")


@pytest.mark.parametrize("explorer", [AT_ONCE, BY_BUTTON])
@pytest.mark.parametrize(
    "draw", ["lambda n, of: f'{n} {of}'", "lambda n, of: f'{of} {[3].index(n)}'"]
)
def test_every_control_is_moved_and_moved_back(at, draw, explorer):
    """A ValueError is a sentence on the input, not an error."""
    at.execute(EXPLORER + explorer.format(draw))
    assert at.move_all_controls() == 2
    assert at.execute("print(controls['n'].value, controls['of'].value)") == "3 a\n"


@pytest.mark.parametrize("explorer", [AT_ONCE, BY_BUTTON])
@pytest.mark.parametrize("draw", ["lambda n, of: 'always'", "lambda n, of: f'{6 / (n - 2)} {of}'"])
def test_a_picture_that_stays_or_fails_is_noticed(at, draw, explorer):
    at.execute(EXPLORER + explorer.format(draw))
    with pytest.raises(CellError, match=r"explorer 1, moved to \{'value': 2\}"):
        at.move_all_controls()


# --- a mirror that is used again -------------------------------------------------------------------------------------


def add_package(folder: Path, name: str) -> None:
    """Put a package there as pip would."""
    (site,) = (
        folder.glob("lib/*/site-packages") if os.name != "nt" else folder.glob("Lib/site-packages")
    )
    about = site / f"{name}-1.0.dist-info"
    about.mkdir()
    (site / f"{name}.py").write_text("", encoding="utf-8")
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
    )
    (about / "INSTALLER").write_text("pip\n", encoding="utf-8")
    files = [
        f"{name}.py",
        *(f"{about.name}/{file}" for file in ("METADATA", "INSTALLER", "RECORD")),
    ]
    (about / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")


def test_a_mirror_is_made_once_and_cleaned_for_the_next_run(tmp_path, monkeypatch):
    """With a real environment, in which nothing has to be downloaded."""
    (tmp_path / "runtime.txt").write_text("# nothing\n", encoding="utf-8")
    monkeypatch.setattr(colab_mirror, "RUNTIME", tmp_path / "runtime.txt")
    made, fresh = [], colab_mirror.fresh
    monkeypatch.setattr(colab_mirror, "fresh", lambda folder: made.append(folder) or fresh(folder))
    folder = tmp_path / "mirror"
    python = colab_mirror.mirror(folder)
    before = colab_mirror.packages(python)
    add_package(folder, "course_of_last_time")
    assert "course-of-last-time" in {
        name.replace("_", "-") for name in colab_mirror.packages(python)
    }
    assert colab_mirror.mirror(folder) == python and len(made) == 1
    assert colab_mirror.packages(python) == before
    # What was there is not as it was, the list is another one, or the mirror was never finished: a
    # fresh one.
    stamp = folder / colab_mirror.STAMP
    stamp.write_text(
        stamp.read_text(encoding="utf-8").replace('"pip": "', '"pip": "0.'), encoding="utf-8"
    )
    assert colab_mirror.mirror(folder) == python and len(made) == 2
    (tmp_path / "runtime.txt").write_text("# something else\n", encoding="utf-8")
    assert colab_mirror.cleaned(folder) is None
    (tmp_path / "runtime.txt").write_text("# nothing\n", encoding="utf-8")
    assert colab_mirror.cleaned(folder) == python
    stamp.unlink()
    assert colab_mirror.cleaned(folder) is None and colab_mirror.cleaned(tmp_path / "none") is None


@pytest.mark.parametrize(("free", "number"), [(0, 1), (7, 1), (8, 2), (64, 2)])
def test_two_notebooks_at_a_time_where_memory_allows(monkeypatch, free, number):
    monkeypatch.setattr(colab_mirror, "memory", lambda: (64 * 2**30, free * 2**30))
    assert colab_mirror.at_once() == number


def test_only_the_chapters_that_changed_and_it_says_which_are_left(monkeypatch, capsys):
    there = sorted(path.name[:2] for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    choice = Choice(
        ("01", "12"), tuple(one for one in there if one not in ("01", "12")), "two fixed ones"
    )
    monkeypatch.setattr(colab_mirror, "chosen", lambda root: choice)
    monkeypatch.setattr(colab_mirror, "mirror", lambda: Path(sys.executable))
    ran = []
    monkeypatch.setattr(
        colab_mirror, "steps", lambda python, notebooks, private: ran.append(notebooks) or iter([])
    )
    assert colab_mirror.main(["--changed"]) == 0
    assert [path.name[:2] for path in ran[0]] == ["01", "12"]
    assert (
        f"Left to the weekly run of everything: {', '.join(choice.left)}."
        in capsys.readouterr().out
    )
    assert colab_mirror.main([]) == 0 and len(ran[1]) == len(there)
    assert "weekly" not in capsys.readouterr().out


def test_a_notebook_that_fails_does_not_hide_the_others(tmp_path, monkeypatch):
    """With real kernels, two at a time: each has its own line, in the notebooks' order."""
    monkeypatch.setattr(colab_mirror, "set_up", lambda at, python, cell: at.execute(cell))
    monkeypatch.setattr(colab_mirror, "ask_for_help", lambda at, cell: "")
    monkeypatch.setattr(colab_mirror, "look_like_colab", lambda variables: None)
    monkeypatch.setattr(colab_mirror, "stand_in", lambda folder: {})
    monkeypatch.setattr(Kernel, "move_all_controls", lambda self: 0)
    paths = []
    for name, code in (("01_a", "x = 1"), ("02_b", "1 / 0"), ("03_c", "print(2)")):
        cells = [nbformat.v4.new_code_cell(source) for source in ("print('Ready.')", code)]
        paths.append(tmp_path / f"{name}.ipynb")
        nbformat.write(nbformat.v4.new_notebook(cells=cells), paths[-1])
    (tmp_path / "private").mkdir()
    found = list(colab_mirror.steps(Path(sys.executable), paths, tmp_path / "private"))
    assert [name for name, *_ in found] == [
        "set-up cell",
        "help",
        "01_a.ipynb",
        "02_b.ipynb",
        "03_c.ipynb",
    ]
    assert [said is None for _, said, _ in found] == [False, False, False, True, False]
    assert "ZeroDivisionError" in found[3][2]
