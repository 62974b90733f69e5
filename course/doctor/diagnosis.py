"""What the doctor concludes from what it saw: facts in, one finding out, with at most one next
step.

Nothing here looks at the machine (that is examine.py), so every case can be tested by making up the
facts.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

GIB = 2**30
# SmolLM2 in float32 takes 0.5 GiB, loading it about 1.2 GiB at its peak, JupyterLab the rest
LEAST_MEMORY = 2 * GIB
GOOD_MEMORY = 4 * GIB  # no chapter needs more
LEAST_DISK = GIB // 2  # the model and what a chapter writes

OK, NOTE, WARN, FAIL = "ok", "note", "warn", "FAIL"
INSTALL = f'"{sys.executable}" -m pip install'
SET_UP = "py -m bootstrap setup" if sys.platform == "win32" else "make setup"


class Finding(NamedTuple):
    """One line of the doctor's table.

    A FAIL stops learning, a WARN stops something that only the tests need, a note stops nothing.
    """

    what: str
    state: str
    found: str
    next: str = ""  # the one thing to do about it


def numbers(version: str) -> tuple[int, ...]:
    """The release part of a version, "2.13.0+cpu" as (2, 13, 0), so that versions compare as
    numbers.
    """
    release = re.sub(r"[^\d.].*", "", version)
    return tuple(int(part) for part in release.split(".") if part)


def python(
    version: tuple[int, int, int], bits: int, system: str, tested: list[tuple[int, int]]
) -> Finding:
    """Is this a Python that the course is tested on? `system` is a word or two on the machine."""
    found = f"{'.'.join(map(str, version))}, {bits} bit, {system}"
    if bits == 64 and version[:2] in tested:
        return Finding("Python", OK, found)
    wanted = f"{tested[0][0]}.{tested[0][1]} to {tested[-1][0]}.{tested[-1][1]}"
    if bits == 64 and version[:2] > tested[-1]:
        return Finding("Python", NOTE, f"{found}: newer than the tested {wanted}")
    return Finding(
        "Python",
        FAIL,
        f"{found}: {wanted} with 64 bits is needed",
        "install Python 3.12 from https://www.python.org/downloads/",
    )


def torch(version: str | None, error: str) -> Finding:
    """Could torch be imported? `error` is the last line of what it said if not."""
    if version:
        return Finding("torch", OK, f"{version}, imports")
    if "No module named 'torch'" in error:
        return Finding("torch", FAIL, "not installed", SET_UP)
    if "DLL" in error:
        runtime = (
            "install the Visual C++ runtime from https://aka.ms/vs/17/release/vc_redist.x64.exe"
        )
        return Finding("torch", FAIL, f"does not start: {error}", runtime)
    return Finding(
        "torch", FAIL, f"does not start: {error}", f"{INSTALL} --force-reinstall --no-deps torch"
    )


def device(chosen: str | None, available: list[str], error: str) -> Finding:
    """Where would the lessons compute? `error` is what stopped the question from being answered."""
    if chosen is None:
        return Finding("device", FAIL, f"utils does not start: {error}", SET_UP)
    others = [name for name in available if name != chosen]
    rest = (
        f"; GLASSBOX_DEVICE={others[0]} would take the accelerator"
        if others and chosen == "cpu"
        else ""
    )
    return Finding("device", OK, chosen + rest)


def loops(error: str | None) -> Finding:
    """Do the compiled loops load, in which a model writes a token? `error` is why not."""
    if error is None:
        return Finding("compiled loops", OK, "numba loads")
    found = f"numba does not load ({error}): models write with torch alone, about half as fast"
    return Finding("compiled loops", NOTE, found, f"{INSTALL} --force-reinstall --no-deps numba")


def memory(total: int | None, available: int | None) -> Finding:
    """Is there enough memory for the model? Both in bytes; None where the machine does not tell."""
    if total is None or available is None:
        return Finding("memory", NOTE, "not known without the package psutil", f"{INSTALL} psutil")
    found = f"{total / GIB:.1f} GiB, {available / GIB:.1f} GiB of it free"
    if total < LEAST_MEMORY:
        return Finding(
            "memory",
            FAIL,
            f"{found}: {LEAST_MEMORY // GIB} GiB are needed",
            "open the course in Colab; the README has the link",
        )
    if available < LEAST_MEMORY:
        return Finding("memory", NOTE, found, "close other programs before you load the model")
    if total < GOOD_MEMORY:
        return Finding(
            "memory", NOTE, f"{found}: the larger chapters want {GOOD_MEMORY // GIB} GiB"
        )
    return Finding("memory", OK, found)


def disk(free: int, folder: Path) -> Finding:
    """Is there room where the model is kept? `free` in bytes."""
    found = f"{free / GIB:.1f} GiB free in {folder}"
    if free < LEAST_DISK:
        return Finding("disk", FAIL, found, f"make {LEAST_DISK / GIB:.1f} GiB of room there")
    return Finding("disk", OK, found)


def home(known: bool, folders: list[Path]) -> Finding:
    """Where a user without a home folder has his files. `folders`: for models, and for answers."""
    if known:
        return Finding("home folder", OK, "there")
    found = f"none: files go to {' and '.join(map(str, folders))}, which the system may empty"
    return Finding(
        "home folder", NOTE, found, "set GLASSBOX_CACHE and GLASSBOX_DATA to folders that stay"
    )


def package(
    name: str, installed: str | None, least: str, tested: str | None, absent: str = FAIL
) -> Finding:
    """Is a package there, and not too old?

    `least`: the lower bound or ""; `absent`: how bad it is to lack it.
    """
    want = f"{name}=={tested}" if tested else f"{name}>={least}" if least else name
    if installed is None:
        return Finding(name, absent, "not installed", f'{INSTALL} "{want}"')
    if least and numbers(installed) < numbers(least):
        return Finding(
            name, absent, f"{installed}, and {least} is the oldest that fits", f'{INSTALL} "{want}"'
        )
    if tested and installed.split("+")[0] != tested:
        return Finding(name, NOTE, f"{installed}, tested with {tested}")
    return Finding(name, OK, installed)


def packages(found: list[Finding]) -> list[Finding]:
    """The packages one by one; or a single finding where so many are missing that nothing was set
    up here.
    """
    missing = [finding for finding in found if finding.found == "not installed"]
    if len(missing) <= 3:
        return found
    worst = FAIL if any(finding.state == FAIL for finding in missing) else missing[0].state
    names = ", ".join(finding.what for finding in missing)
    rest = [finding for finding in found if finding not in missing]
    return [Finding("packages", worst, f"{len(missing)} are not installed: {names}", SET_UP), *rest]


def asset(name: str, path: Path | None, needed: bool) -> Finding:
    """Is a file in the cache? What is not `needed` at once comes with its first use."""
    if path:
        return Finding(name, OK, str(path))
    if needed:
        return Finding(name, FAIL, "not fetched yet", f'"{sys.executable}" -m course fetch {name}')
    return Finding(name, NOTE, "not fetched yet; comes with its first use")


def sandbox(program: str | None, error: str | None, system: str) -> Finding:
    """Can bubblewrap close a program in?

    Only grading and its tests need that. `error` is None if it started.
    """
    if program and error is None:
        return Finding("sandbox", OK, f"{program}, starts a program without network")
    if system != "linux":
        return Finding(
            "sandbox",
            NOTE,
            "bubblewrap exists on Linux only",
            "grade on a Linux machine, or in WSL 2",
        )
    if not program:
        return Finding(
            "sandbox", WARN, "bubblewrap is not installed", "sudo apt install bubblewrap"
        )
    allow = "allow unprivileged user namespaces for bwrap (Ubuntu: its AppArmor profile bwrap-userns-restrict)"
    return Finding("sandbox", WARN, f"{program} does not start: {error}", allow)


def browser(program: str | None, version: str | None, error: str) -> Finding:
    """Is there a Chromium that starts? Only the browser tests need it."""
    if version:
        return Finding("browser", OK, f"{version}, {program}")
    if program:
        again = "install Chromium again (Debian: sudo apt install --reinstall chromium)"
        return Finding("browser", WARN, f"{program} does not start: {error}", again)
    return Finding(
        "browser",
        WARN,
        "no Chromium or Chrome",
        "install Chromium (Debian: sudo apt install chromium)",
    )
