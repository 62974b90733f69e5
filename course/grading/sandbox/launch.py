"""Where a worker runs: inside bubblewrap, or, if the teacher trusts the submissions, as a plain
process.

Inside there is no network, no other process, and of the disk only Python, its packages, the
worker's own code and the cached model, all read-only; /tmp is empty, small, and gone afterwards.
The whole sandbox dies with the grader.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from course.grading.sandbox import seccomp
from utils.assets.cache import cache_dir

MIB = 2**20
TMP, SHARED = 256 * MIB, 16 * MIB  # the most that fits into /tmp and /dev/shm
LIMITS = {"cpu": 120, "address": 6 * 1024, "file": 64, "files": 64}  # seconds, MiB, MiB, open files
PROCESSES = 64
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives")
ADVICE = (
    "grade on Linux with bubblewrap (sudo apt install bubblewrap), which on Windows means WSL 2; "
    "or, if you know who wrote every line of them, add --i-trust-these-submissions"
)


class NoSandbox(RuntimeError):
    """Student code cannot be closed in here. The message is one sentence."""


@dataclass(frozen=True)
class Launch:
    """How a worker is started: the command, its variables and folder, and the filter that it
    inherits, if any.
    """

    command: list[str]
    variables: dict[str, str]
    folder: Path
    filter: bytes = b""
    closed: bool = field(default=True)  # in a sandbox

    def start(self, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """A new worker, in a session of its own, with pipes for the line to it."""
        if not self.filter:
            return self._popen(self.command, stderr)
        with tempfile.TemporaryFile() as file:
            file.write(self.filter)
            file.seek(0)
            seccomp_option = ["--seccomp", str(file.fileno())]
            command = [self.command[0], *seccomp_option, *self.command[1:]]
            return self._popen(command, stderr, [file.fileno()])

    def _popen(
        self, command: list[str], stderr: int, pass_fds: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=self.variables,
            cwd=self.folder,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            pass_fds=pass_fds,
        )


def complaint(launch: Launch) -> str:
    """What a launch that does not work says: its last line."""
    with launch.start(stderr=subprocess.PIPE) as process:
        said = process.communicate(timeout=60)[1].decode("utf-8", "replace").strip()
    return said.splitlines()[-1] if said else "without a word"


def _variables(home: Path, folder: Path, cache: Path) -> dict[str, str]:
    own = {
        "HOME": folder,
        "TMPDIR": folder,
        "MPLCONFIGDIR": folder,
        "PYTHONPATH": home,
        "GLASSBOX_CACHE": cache,
    }
    fixed = {
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HF_HUB_OFFLINE": "1",
    }
    return (
        {name: str(path) for name, path in own.items()}
        | fixed
        | {"LANG": "C.UTF-8", "USER": "student"}
    )


def _worker(python: Path, processes: int) -> list[str]:
    limits = LIMITS | {"processes": processes}
    return [
        str(python),
        "-s",
        "-m",
        "course.grading.inside.worker",
        *(f"{name}={most}" for name, most in limits.items()),
    ]


def _most_processes() -> int:
    """The limit for the student's user: before Linux 5.14, all threads of that user count, inside
    or not.
    """
    if not hasattr(os, "getuid"):
        return PROCESSES
    mine = [one.info for one in psutil.process_iter(["uids", "num_threads"]) if one.info["uids"]]
    return PROCESSES + sum(
        one["num_threads"] or 0 for one in mine if one["uids"].real == os.getuid()
    )


def trusted(home: Path, folder: Path) -> Launch:
    """A plain process of the teacher's own: it has limits, and can read and delete all that the
    teacher can.
    """
    variables = dict(os.environ) | _variables(home, folder, cache_dir())
    return Launch(_worker(Path(sys.executable), _most_processes()), variables, folder, closed=False)


def closed(home: Path, hidden: Sequence[Path] = ()) -> Launch:
    """A worker in bubblewrap.

    Nothing below `hidden` can be seen inside. NoSandbox where there is no bubblewrap.
    """
    program = shutil.which("bwrap")
    if not program or sys.platform != "linux":
        raise NoSandbox(f"Student code needs a sandbox, and bubblewrap is not here: {ADVICE}.")
    prefix = Path(sys.prefix).resolve()
    python = prefix / "bin" / Path(sys.executable).name
    seen = _python_folders()
    command = [program, *_namespaces(program), *_system(), *_bound(seen)]
    for path in _to_mask(seen, hidden):
        command += ["--size", str(MIB), "--tmpfs", str(path), "--remount-ro", str(path)]
    command += ["--ro-bind", str(home), "/grader", "--ro-bind-try", str(cache_dir()), "/cache"]
    variables = _variables(Path("/grader"), Path("/tmp"), Path("/cache")) | {
        "PATH": "/usr/bin:/bin"
    }
    for name, value in variables.items():
        command += ["--setenv", name, value]
    command += ["--chdir", "/tmp", "--remount-ro", "/", "--", *_worker(python, _most_processes())]
    return Launch(command, {}, Path("/"), seccomp.program())


def _namespaces(program: str) -> list[str]:
    """Nothing shared, nobody privileged, and everything dies together."""
    known = subprocess.run(
        [program, "--help"], capture_output=True, text=True, encoding="utf-8"
    ).stdout
    options = [
        "--unshare-all",
        "--unshare-user",
        "--uid",
        "65534",
        "--gid",
        "65534",
        "--hostname",
        "sandbox",
    ]
    options += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    return options + (["--disable-userns"] if "--disable-userns" in known else [])


def _system() -> list[str]:
    # Where root grades, root owns what is in /proc/sys, and /proc/1/mem is bubblewrap's own: so
    # /proc is read-only.
    options = ["--proc", "/proc", "--remount-ro", "/proc"]
    options += ["--dev", "/dev", "--size", str(SHARED), "--tmpfs", "/dev/shm"]
    options += ["--remount-ro", "/dev", "--size", str(TMP), "--tmpfs", "/tmp"]
    for path in SYSTEM:
        if Path(path).is_symlink():
            options += ["--symlink", os.readlink(path), path]
        elif Path(path).exists():
            options += ["--ro-bind", path, path]
    return options


def _python_folders() -> list[Path]:
    """Where Python and its packages are, under the names that they call each other by."""
    named = {Path(sys.prefix).resolve(), Path(sys.base_prefix), Path(sys.base_prefix).resolve()}
    return sorted(path for path in named if path != Path("/usr"))


def _bound(folders: Sequence[Path]) -> list[str]:
    return [word for path in folders for word in ("--ro-bind", str(path.resolve()), str(path))]


def _to_mask(seen: Sequence[Path], hidden: Sequence[Path]) -> list[Path]:
    """Folders that lie inside of what is seen and must not: the course, if it was installed there,
    and `hidden`.
    """
    installed = Path(sysconfig.get_path("purelib")).resolve() / "course"
    visible = [*seen, *map(Path, SYSTEM)]
    wanted = [installed, *(path.resolve() for path in hidden)]
    return [
        path
        for path in wanted
        if path.is_dir() and any(path.is_relative_to(one) for one in visible)
    ]
