"""`make colab`: a mirror of Colab on this machine, in which the set-up cell and every notebook have
to run.

The mirror is an environment of its own with the packages of colab_runtime.txt, which are Colab's.
The set-up cell runs there as it stands in the notebooks; only git is told that the course's address
means a copy of this folder. Then
  - no package that was there may have changed, and the cell must be done in SECONDS;
  - check, hint, solution and progress have to answer;
  - every notebook has to run, and every control of its explorers is moved as a browser would move
    it.
The set-up cell is the same in every notebook. It is run twice, the second time where all is there,
and then left out. The notebooks are all of them, or with --changed those that changed_chapters.py
names, and it is said which are left to the weekly run. A mirror whose packages are still right is
used again, without what the set-up cell brought last time.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from course.building.build import repository
from course.doctor.examine import memory
from course.harness.changed_chapters import chosen
from course.harness.kernel import CellError, Kernel, kernel
from course.harness.stages import environment

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "colab-mirror"
RUNTIME = Path(__file__).with_name("colab_runtime.txt")
# in the mirror: what it was made of, and its packages before the set-up cell
STAMP = "made-of.json"
SECONDS = 60  # for the set-up cell, where packages are near
AT_ONCE, BYTES = 2, 4 * 2**30  # notebooks at a time, and what one of them may take

# One answer that is wrong and one that is right, and all the help there is; each with words that
# have to be shown.
HELP = {
    "from course import check, hint, progress, solution": "",
    'check("02.1", lambda logits, targets: logits.mean())': 'Stuck? hint("02.1")',
    'hint("02.1")': "Exercise 02.1, hint 1 of",
    'solution("02.1")': "one way to do it",
    'check("02.1", lambda logits, targets: -logits.log_softmax(-1)[range(len(targets)), '
    "targets].mean())": ": right",
    "progress()": "1 of ",
}


# Runs before the first cell. On Colab google.colab is there from the start. A trait that ipywidgets
# does not know is only warned of by 7.7, so the warning becomes an error.
STARTUP = """\
import sys, types, warnings

sys.modules["google.colab"] = types.ModuleType("google.colab")
warnings.filterwarnings("error", "Passing unrecognized arguments", DeprecationWarning)
"""
UNKNOWN_TRAIT = "import ipywidgets\nipywidgets.IntSlider(no_such_trait=1)"


class MirrorError(RuntimeError):
    """Something does not work as it has to on Colab. The message is one sentence."""


def python_of(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def made_of() -> str:
    """A digest of what decides which packages a mirror has: RUNTIME, this Python, and where the
    mirror comes from.
    """
    return hashlib.sha256(
        f"{sys.version}\0{sys.prefix}\0".encode() + RUNTIME.read_bytes()
    ).hexdigest()


def mirror(folder: Path = FOLDER) -> Path:
    """The Python of a mirror in `folder` with Colab's packages and no others: the one that is
    there, or a fresh one.
    """
    if (python := cleaned(folder)) is not None:
        return python
    python = fresh(folder)
    stamp = {"made_of": made_of(), "packages": packages(python)}
    (folder / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return python


def cleaned(folder: Path) -> Path | None:
    """The Python of the mirror that is there, after all that was added is gone; None if it is not
    as it was made.
    """
    python = python_of(folder)
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        if stamp["made_of"] != made_of():
            return None
        if added := sorted(packages(python).keys() - stamp["packages"].keys()):
            subprocess.run(
                [str(python), "-m", "pip", "uninstall", "-qq", "--yes", *added], check=True
            )
        return python if packages(python) == stamp["packages"] else None
    # none there, a half-made or a broken one
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def fresh(folder: Path) -> Path:
    """A new environment in `folder`, which is emptied first, with Colab's packages; the path of its
    Python.
    """
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    python = python_of(folder)
    if subprocess.call([str(python), "-m", "pip", "install", "-qq", "-r", str(RUNTIME)]):
        raise MirrorError(
            f"the packages of {RUNTIME.name} could not be installed; what pip said is above"
        )
    return python


def packages(python: Path) -> dict[str, str]:
    """Every package of that Python and its version."""
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {one["name"]: one["version"] for one in json.loads(listed.stdout)}


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """One phrase for each package that was there before and is not there as it was."""
    return [
        f"{name} was {version} and is now {after.get(name, 'gone')}"
        for name, version in sorted(before.items())
        if after.get(name) != version
    ]


def stand_in(folder: Path, root: Path = ROOT) -> dict[str, str]:
    """Variables with which git takes the course from a copy of `root`, as it is now, instead of
    from its address.
    """
    git = [
        "git",
        f"--git-dir={folder}",
        f"--work-tree={root}",
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
    ]
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    for command in (
        ["add", "--all"],
        ["commit", "-q", "--no-verify", "--no-gpg-sign", "-m", "the course as it is now"],
    ):
        subprocess.run([*git, *command], check=True)
    own = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{folder.as_uri()}.insteadOf"}
    return own | {"GIT_CONFIG_VALUE_0": repository(root)}


def look_like_colab(variables: dict[str, str]) -> None:
    """Have every kernel with these variables begin with STARTUP; IPYTHONDIR is a folder of its own."""
    startup = Path(variables["IPYTHONDIR"]) / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "colab.py").write_text(STARTUP, encoding="utf-8")


def refuses_unknown_traits(at: Kernel) -> None:
    """MirrorError unless the kernel is as strict as STARTUP says."""
    try:
        at.execute(UNKNOWN_TRAIT)
    except CellError as error:
        if "Passing unrecognized arguments" not in str(error):
            raise
    else:
        raise MirrorError("ipywidgets took a trait that it does not know without a word")


def set_up(at: Kernel, python: Path, cell: str) -> str:
    """Run the set-up cell for the first time; what it cost and brought.

    MirrorError if it takes or changes too much.
    """
    before, start = packages(python), time.monotonic()
    said, seconds = at.execute(cell), time.monotonic() - start
    after = packages(python)
    if changed := changes(before, after):
        raise MirrorError(f"the set-up cell changes what Colab brings along: {'; '.join(changed)}")
    new = [f"{name} {version}" for name, version in sorted(after.items()) if name not in before]
    if "Ready." not in said or not new:
        raise MirrorError(f"the set-up cell did not install the course; it said {said!r}")
    if seconds > SECONDS:
        raise MirrorError(f"the set-up cell takes {seconds:.0f} s; at most {SECONDS} s is allowed")
    return f"{seconds:.1f} s; none of {len(before)} packages changed; new: {', '.join(new)}"


def ask_for_help(at: Kernel, cell: str) -> str:
    """Set up again, then everything that an exercise offers.

    MirrorError if it shows something else than it should.
    """
    at.execute(cell)
    for code, words in HELP.items():
        if words not in (said := at.execute(code)):
            raise MirrorError(f"{code} should say {words!r} and says {said!r}")
    refuses_unknown_traits(at)
    return "check, hint, solution and progress answer; a trait that ipywidgets 7.7 lacks is refused"


def code_cells(path: Path) -> list[str]:
    """The code of a notebook, cell by cell; the first one is the set-up cell."""
    return [
        cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"
    ]


def run_notebook(at: Kernel, path: Path, cell: str) -> str:
    """Run All, then move each control of each explorer.

    `cell`: the set-up cell that was run already.
    """
    first, *cells = code_cells(path)
    if first != cell:
        raise MirrorError(f"{path.name} does not begin with the set-up cell of the other notebooks")
    start = time.monotonic()
    for one in cells:
        at.execute(one)
    moved = at.move_all_controls()
    return f"{len(cells)} code cells, {moved} controls moved, {time.monotonic() - start:.1f} s"


def steps(
    python: Path, notebooks: list[Path], private: Path
) -> Iterator[tuple[str, str | None, str]]:
    """Everything that has to work: its name, and what is said if it does; or why it does not, with
    None before it.
    """
    variables = environment(private) | stand_in(private / "course.git") | {"PYTHONPATH": ""}
    look_like_colab(variables)
    content = private / "content"  # outside the repository, as /content is
    content.mkdir()
    cell = code_cells(notebooks[0])[0]

    def attempt(name: str, step: Callable[[Kernel], str]) -> tuple[str, str | None, str]:
        try:
            with kernel(python, content, variables) as at:
                return name, step(at), ""
        except (RuntimeError, TimeoutError) as error:
            return name, None, str(error)

    yield (first := attempt("set-up cell", lambda at: set_up(at, python, cell)))
    if first[1] is None:
        return
    yield attempt("help", lambda at: ask_for_help(at, cell))
    with ThreadPoolExecutor(at_once()) as pool:
        yield from pool.map(
            lambda path: attempt(path.name, lambda at: run_notebook(at, path, cell)), notebooks
        )


def at_once() -> int:
    """How many notebooks may run beside each other: as many as the memory that is free now allows."""
    return max(1, min(AT_ONCE, memory()[1] // BYTES))


def main(arguments: list[str]) -> int:
    """The command: 0 if all of it works on Colab's packages.

    Prints one line for each thing, and the sums.
    """
    parser = argparse.ArgumentParser(
        prog="python -m course colab", description="Run everything on Colab's packages."
    )
    parser.add_argument(
        "names", nargs="*", default=["*"], help="chapters, such as 02 (default: all)"
    )
    parser.add_argument(
        "--changed", action="store_true", help="only the chapters that changed, and two fixed ones"
    )
    options = parser.parse_args(arguments)
    choice = chosen(ROOT) if options.changed else None
    wanted = choice.long if choice else options.names
    notebooks = [
        path for name in wanted for path in sorted((ROOT / "notebooks").glob(f"{name}_*.ipynb"))
    ]
    if not notebooks:
        parser.error(f"no notebook is called {' or '.join(wanted)}")
    if choice:
        print(choice, flush=True)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="glass-box-colab-") as private:
        start = time.monotonic()
        python = mirror()
        print(f"Colab's packages are in {FOLDER} ({time.monotonic() - start:.0f} s)", flush=True)
        for name, said, why in steps(python, notebooks, Path(private)):
            passed, failed = (passed, failed + 1) if said is None else (passed + 1, failed)
            print(f"{name}: {f'FAILED: {why}' if said is None else said}", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
