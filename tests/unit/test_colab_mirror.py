"""The mirror of Colab: what it is made of, what it compares, how git finds the course, and what a control does."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from course import colab_mirror
from course.colab_mirror import MirrorError, changes, look_like_colab, refuses_unknown_traits, stand_in
from course.kernel import CellError, kernel
from course.testing import environment

ROOT = Path(__file__).resolve().parents[2]


def pins(path: Path) -> dict[str, str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    found = [Requirement(line) for line in lines if line]
    return {one.name: next(iter(one.specifier)).version for one in found}


def test_the_mirrors_packages_are_exact_and_fit_what_the_course_needs():
    mirror = pins(colab_mirror.RUNTIME)
    assert {"ipywidgets", "ipython", "ipykernel", "torch", "numpy", "matplotlib", "pandas"} <= set(mirror)
    assert mirror["torch"] == pins(ROOT / "requirements.txt")["torch"]  # the build that is known to be at hand
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in map(Requirement, project["dependencies"]):
        assert requirement.name not in mirror or mirror[requirement.name] in requirement.specifier


def test_what_changed():
    before = {"numpy": "2.1.3", "torch": "2.11.0", "pandas": "2.2.3"}
    assert changes(before, before | {"gguf": "0.19.0"}) == []
    after = {"numpy": "2.4.6", "pandas": "2.2.3", "gguf": "0.19.0"}
    assert changes(before, after) == ["numpy was 2.1.3 and is now 2.4.6", "torch was 2.11.0 and is now gone"]


class Says:
    """A kernel that says one thing, at most."""

    def __init__(self, said="Ready."):
        self.said = said

    def execute(self, code):
        return self.said


@pytest.mark.parametrize(
    ("after", "said", "limit", "words"),
    [
        ({"numpy": "2.4"}, "Ready.", 60, "changes what Colab brings along: numpy was 2.1 and is now 2.4"),
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
    """From the address in pyproject.toml, with what is not committed yet, and without what git ignores."""
    root = tmp_path / "root"
    (root / "build").mkdir(parents=True)
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (root / ".gitignore").write_text("build/\n", encoding="utf-8")
    (root / "new.txt").write_text("not committed", encoding="utf-8")
    (root / "build" / "large.bin").write_text("ignored", encoding="utf-8")
    own = stand_in(tmp_path / "course.git", root)
    command = ["git", "clone", "-q", own["GIT_CONFIG_VALUE_0"], str(tmp_path / "clone")]
    subprocess.run(command, check=True, env=os.environ | own)
    assert (tmp_path / "clone" / "new.txt").read_text(encoding="utf-8") == "not committed"
    assert not (tmp_path / "clone" / "build").exists()


@pytest.fixture
def at(tmp_path):
    """A kernel of this very Python, strict as the mirror's."""
    (tmp_path / "private").mkdir()
    variables = environment(tmp_path / "private") | {"PYTHONPATH": str(ROOT)}
    look_like_colab(variables)
    with kernel(Path(sys.executable), tmp_path, variables) as running:
        yield running


# ipywidgets 8 has no list of all widgets; 7.7, for which the code is, has.
EXPLORER = """\
import ipywidgets
from utils.explorers import explorer
ipywidgets.Widget.widgets = ipywidgets.widgets.widget._instances
box = explorer({}, 50, n=ipywidgets.IntSlider(3, max=3), of=ipywidgets.Dropdown(options=["a", "b"]))"""


def test_a_kernel_that_looks_like_colabs(at):
    assert at.execute("import sys; print('google.colab' in sys.modules)") == "True\n"
    refuses_unknown_traits(at)
    at.execute("import warnings; warnings.simplefilter('ignore')")
    with pytest.raises(MirrorError, match="without a word"):
        refuses_unknown_traits(at)
    with pytest.raises(CellError, match=r"the cell that begins with '1 \+ 1' ends with ZeroDivisionError"):
        at.execute("1 + 1\n1 / 0")
    at.execute(EXPLORER.format("lambda n, of: f'{n} {of}'"))
    assert at.move_all_controls() == 2
    assert at.execute("print(box.children[1].value)") == "3 a\n"  # and back
    at.execute("box.close(); del box")


@pytest.mark.parametrize("draw", ["lambda n, of: 'always'", "lambda n, of: f'{6 / (n - 2)} {of}'"])
def test_a_picture_that_stays_or_fails_is_noticed(at, draw):
    at.execute(EXPLORER.format(draw))
    with pytest.raises(CellError, match=r"explorer 1, moved to \{'value': 2\}"):
        at.move_all_controls()
