"""What the tests need besides Python: a browser, and a sandbox for grading.

Installed where we may, named in a sentence where we may not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# A Debian package: any of these programs will do.
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge"),
    "bubblewrap": ("bwrap",),
}
LINUX_ONLY = {"bubblewrap"}  # elsewhere there is none, and the tests that need it are skipped


def missing() -> list[str]:
    """The packages none of whose programs is here, though they exist for this system."""
    wanted = {
        name: programs
        for name, programs in PROGRAMS.items()
        if sys.platform == "linux" or name not in LINUX_ONLY
    }
    return [package for package, programs in wanted.items() if not any(map(shutil.which, programs))]


def may_install() -> bool:
    """Whether this is a Debian-like system, and ours to change: in a container one usually is root."""
    return shutil.which("apt-get") is not None and getattr(os, "geteuid", lambda: 1)() == 0


def install(packages: list[str]) -> bool:
    """apt-get install, with its words on the screen.

    Returns whether the programs are here afterwards.
    """
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        if subprocess.call(["apt-get", "-q", *command], env=quiet):
            return False
    return not missing()


def ready_for_tests() -> None:
    """Install what the tests need and this machine lacks, or say in a sentence what will be
    skipped.
    """
    lacking = missing()
    if not lacking:
        return
    names = " and ".join(lacking)
    if may_install():
        print(f"Installing {names}, which the tests need.", flush=True)
        if install(lacking):
            return
    print(
        f"Some tests will be skipped, because this machine lacks {names}: install that, then run "
        "them again."
    )
