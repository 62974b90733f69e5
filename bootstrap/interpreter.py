"""Which Pythons are on this machine, and whether one of them can run Glass Box."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# torch's wheels exist for these and no others; a package without a wheel would have to be compiled.
MACHINES = {("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "amd64")}
OLDEST_MACOS = (14,)
OLDEST_GLIBC = (2, 28)
DOWNLOADS = "https://www.python.org/downloads/"

# Runs inside the Python that is looked at, which may be as old as 2.7.
PROBE = """
import json, platform, struct, sys
try:
    import ensurepip, venv
    has_venv = True
except ImportError:
    has_venv = False
bits = struct.calcsize("P") * 8
print(json.dumps([sys.executable, list(sys.version_info[:3]), bits, platform.python_implementation(), sys.platform,
                  platform.machine(), platform.mac_ver()[0], list(platform.libc_ver()), has_venv]))
"""


class SetupError(Exception):
    """Says in one sentence why the set-up cannot go on and what to do."""


class Interpreter(NamedTuple):
    """What one Python says about itself and its machine."""

    path: str
    version: tuple[int, int, int]
    bits: int = 64
    implementation: str = "CPython"
    system: str = "linux"  # as in sys.platform
    machine: str = "x86_64"
    macos: str = ""
    libc: tuple[str, str] = ("glibc", "2.36")
    has_venv: bool = True

    @property
    def short(self) -> str:
        """The version as "3.12"."""
        return dotted(self.version[:2])


def setting(pattern: str) -> list[str]:
    """All that `pattern` finds in pyproject.toml, which old Pythons cannot parse."""
    return re.findall(pattern, (ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tested_versions() -> list[tuple[int, int]]:
    """The Python versions that pyproject.toml lists as tested, oldest first."""
    return sorted((3, int(minor)) for minor in setting(r'Python :: 3\.(\d+)"'))


def to_colab() -> str:
    """What to do where nothing can be installed."""
    (repository,) = setting(r'Repository = "https://github.com/(.+?)"')
    return f"open the course in Colab, https://colab.research.google.com/github/{repository}"


def probe(command: str) -> Interpreter | None:
    """What the Python that `command` starts says about itself; None if it does not start."""
    try:
        run = subprocess.run(
            [command, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
        path, version, bits, implementation, system, machine, macos, libc, has_venv = json.loads(
            run.stdout.decode()
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    system = "linux" if system.startswith("linux") else system
    return Interpreter(
        path, tuple(version), bits, implementation, system, machine, macos, tuple(libc), has_venv
    )


def numbers(version: str) -> tuple[int, ...]:
    """ "14.2.1" as (14, 2, 1), so that versions compare as numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def dotted(version: tuple[int, ...]) -> str:
    """(3, 12) as "3.12"."""
    return ".".join(map(str, version))


def machine_objection(python: Interpreter) -> str | None:
    """Why nothing can be installed for this kind of machine, or None."""
    kind = (python.system, python.machine.lower())
    if kind == ("darwin", "x86_64"):
        return (
            f"torch is no longer made for Intel Macs: {to_colab()} (if this Mac has an Apple chip, "
            f"install the arm64 Python from {DOWNLOADS})."
        )
    if kind == ("win32", "arm64"):
        return f"torch is not made for ARM Windows: install the AMD64 build of Python 3.12 from {DOWNLOADS}; it runs too."
    if python.bits != 64:
        return f"torch needs 64 bits and {python.path} has {python.bits}: install a 64-bit Python 3.12 from {DOWNLOADS}"
    if kind not in MACHINES:
        return f"torch is not made for {python.system} on {python.machine}: {to_colab()}"
    return None


def version_objection(python: Interpreter) -> str | None:
    """Why this is not a Python that Glass Box is tested on, or None."""
    tested = tested_versions()
    if python.version[:2] in tested and python.implementation == "CPython":
        return None
    return (
        f"Glass Box runs on CPython {dotted(tested[0])} to {dotted(tested[-1])}, and "
        f"{python.path} is "
        f"{python.implementation} {python.short}: install Python 3.12 from {DOWNLOADS}, or "
        f"{to_colab()}"
    )


def library_objection(python: Interpreter) -> str | None:
    """Why the operating system is too old for torch, or a part of Python is missing, or None."""
    if python.system == "darwin" and numbers(python.macos) < OLDEST_MACOS:
        return f"torch needs macOS {dotted(OLDEST_MACOS)} and this is {python.macos}: {to_colab()}"
    if python.system == "linux" and (
        python.libc[0] != "glibc" or numbers(python.libc[1]) < OLDEST_GLIBC
    ):
        found = " ".join(python.libc).strip() or "another C library"
        return f"torch needs glibc {dotted(OLDEST_GLIBC)} or newer and this Linux has {found}: {to_colab()}"
    if not python.has_venv:
        install = f"sudo apt install python{python.short}-venv"
        return f"{python.path} lacks the venv module: install it (on Debian and Ubuntu: {install})."
    return None


def objection(python: Interpreter) -> str | None:
    """The one sentence that says why `python` cannot run Glass Box, or None if it can."""
    return machine_objection(python) or version_objection(python) or library_objection(python)


def candidates() -> list[str]:
    """The commands that may start a fitting Python; the one that runs this file is the last."""
    numbered = [f"python{dotted(version)}" for version in reversed(tested_versions())]
    return [*numbered, "python3", "python", sys.executable]


def newest_fitting(found: list[Interpreter]) -> Interpreter:
    """The newest Python that fits; if none does, SetupError says what is wrong with the newest."""
    fitting = [python for python in found if objection(python) is None]
    if not fitting:
        raise SetupError(objection(max(found, key=lambda python: python.version)))
    return max(fitting, key=lambda python: python.version)


def choose(wanted: str | None) -> Interpreter:
    """The Python to build on: the one `wanted`, or else the newest on this machine that fits.

    Raises SetupError.
    """
    found = [python for python in map(probe, [wanted] if wanted else candidates()) if python]
    if not found:
        raise SetupError(
            f"PYTHON={wanted} starts no Python: give the path of one, or leave PYTHON out."
        )
    return newest_fitting(found)
