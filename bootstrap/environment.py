"""The virtual environment in `.venv`: made once, brought up to date when a version changes, made
anew when it broke.

A stamp in `.venv` tells what is there: "begun" from the moment that work on it starts, and at the
end a key, the hash of all that the result depends on. So an interrupted or failed set-up is never
taken for a good one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from .interpreter import ROOT, Interpreter, SetupError, choose, dotted, numbers, objection, probe

BEGUN = "begun"
OLDEST_PIP = (23, 0)  # the oldest with which the set-up was tried
GIB = 2**30
SPACE = 3 * GIB
TEMPORARY = 1 * GIB


class Environment:
    """The virtual environment of one checkout."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.stamp = self.folder / "glass-box-stamp"
        self.python = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def key(self, python: Interpreter) -> str:
        """The hash of all that decides what is installed; of the folder too, which the editable
        install names.
        """
        parts = [(self.root / name).read_bytes() for name in ("requirements.txt", "pyproject.toml")]
        parts += [dotted(python.version).encode(), str(self.root).encode()]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def stamped(self) -> str | None:
        """What the stamp says: a key, "begun", or None where there is no stamp."""
        return self.stamp.read_text(encoding="utf-8") if self.stamp.is_file() else None

    def write_stamp(self, text: str) -> None:
        """Replaces the stamp in one step."""
        new = self.stamp.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        os.replace(new, self.stamp)

    def state(self, wanted: str | None) -> str:
        """ "ready", "outdated" (install into it) or "unusable" (make it anew). `wanted`: the PYTHON
        asked for.

        Raises SetupError where the only way on would be to delete a `.venv` that someone else made.
        """
        python = probe(str(self.python)) if self.python.is_file() else None
        stamp = self.stamped()
        if stamp == BEGUN or not self.folder.exists():
            return "unusable"
        fits = (
            python is not None
            and objection(python) is None
            and (not wanted or choose(wanted).short == python.short)
        )
        if not fits and stamp is None:
            raise SetupError(
                f"{self.folder} was not made by this set-up and does not fit: delete it, then try "
                "again."
            )
        if not fits:
            return "unusable"
        return "ready" if stamp == self.key(python) else "outdated"

    def make(self, python: Interpreter) -> None:
        """An empty environment on `python`, stamped as begun before anything else is in it."""
        if self.folder.exists():
            print(f"{self.folder} is not usable as it is: it is made anew.", flush=True)
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.write_stamp(BEGUN)
        run(
            [python.path, "-m", "venv", str(self.folder)],
            f"{python.path} could not make .venv: its own words are above.",
        )

    def install(self) -> None:
        """Installs requirements.txt and Glass Box itself, then stamps the environment as done."""
        self.write_stamp(BEGUN)
        pip = [str(self.python), "-m", "pip", "--disable-pip-version-check"]
        if not pip_version(self.python):
            run([str(self.python), "-m", "ensurepip"], PIP_FAILED)
        if pip_version(self.python) < OLDEST_PIP:
            run([*pip, "install", "--upgrade", f"pip>={dotted(OLDEST_PIP)}"], PIP_FAILED)
        run([*pip, "install", "-r", str(self.root / "requirements.txt")], PIP_FAILED)
        run([*pip, "install", "--quiet", "--no-deps", "--editable", str(self.root)], PIP_FAILED)
        self.write_stamp(self.key(probe(str(self.python))))


PIP_FAILED = "pip could not install the packages (its own words are above): check the network, then try again."


def run(command: list[str], problem: str) -> None:
    """Runs `command`, passing on what it says; SetupError says the problem, or that the disk is
    full.
    """
    said = []
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, universal_newlines=True, errors="replace"
    ) as program:
        for line in program.stderr:
            sys.stderr.write(line)
            said.append(line)
    if program.returncode != 0:
        full = "No space left on device" in "".join(said)
        raise SetupError(
            f"The disk ran full: make {SPACE / GIB:.0f} GiB of room, then try again."
            if full
            else problem
        )


def pip_version(python: Path) -> tuple[int, ...]:
    """The version of pip in an environment; () if there is none."""
    ask = "from importlib.metadata import version; print(version('pip'))"
    answer = subprocess.run(
        [str(python), "-c", ask], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return numbers(answer.stdout.decode())


def check_space(root: Path) -> None:
    """Raises SetupError if the folder, or the one for pip's temporary files, lies on a disk with
    too little room.
    """
    for folder, need in ((root, SPACE), (Path(tempfile.gettempdir()), TEMPORARY)):
        free = shutil.disk_usage(str(folder)).free
        if free < need:
            raise SetupError(
                f"Too little room on the disk of {folder}: {free / GIB:.1f} GiB are free and "
                f"{need / GIB:.1f} GiB "
                "are needed; make room, then try again."
            )


def cuda_advice(python: Interpreter, variables: Mapping[str, str], nvidia: bool) -> str:
    """What to know before pip brings torch's CUDA libraries to a machine that has no use for them;
    "" elsewhere.
    """
    chosen = {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"} & set(
        variables
    )
    if nvidia or chosen or (python.system, python.machine) != ("linux", "x86_64"):
        return ""
    return (
        "No NVIDIA GPU was found, and torch for Linux brings several GB for one. To save them, "
        "press Ctrl-C\n"
        "and put this before the same command: "
        "PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu\n"
    )


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds the lock on file `path`, which the system frees even if this process is killed; waits
    for it.
    """
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        if not locked(file):
            print("Another set-up of this folder is running: waiting for it.", flush=True)
        while not locked(file):
            time.sleep(1)
        yield


def locked(file: IO[str]) -> bool:
    """Takes the lock on `file`; False if another process has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def ready(root: Path = ROOT, wanted: str | None = None) -> Path:
    """The Python of an environment in which everything is installed; makes or mends it first if it
    has to be.
    """
    environment = Environment(root)
    if environment.state(wanted) == "ready":
        return environment.python
    with only_one(root / "build" / "setup.lock"):
        state = environment.state(wanted)  # again: the set-up that we waited for may have done it
        if state == "unusable":
            check_space(root)
            python = choose(wanted)
            print(cuda_advice(python, os.environ, bool(shutil.which("nvidia-smi"))), end="")
            environment.make(python)
        if state != "ready":
            print(
                f"Installing into {environment.folder}, once; this takes some minutes.", flush=True
            )
            environment.install()
    return environment.python
