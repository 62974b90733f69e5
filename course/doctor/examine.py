"""`python -m course doctor`: what works on this machine, what does not, and the one thing to do
about it.

It looks at the machine; what to conclude is in diagnosis.py. Nothing but the standard library is
imported at the top, and torch is tried in a process of its own, so that the doctor can speak when
nothing else works.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TypedDict

from course.doctor import diagnosis
from course.doctor.diagnosis import FAIL, OK, WARN, Finding

ROOT = Path(__file__).resolve().parents[2]
NAME = "glass-box"
# Any of these will do. bootstrap/, which is no part of the installed package, says the same (there
# is a test).
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
# Prints a line after each step, so that what came before a crash is known.
TORCH_PROBE = """
import json, torch
print(json.dumps(str(torch.__version__)), flush=True)
from utils.assets.cache import ASSETS
from utils.model.device import available_devices, pick_device
print(json.dumps([str(pick_device()), available_devices()]), flush=True)
"""
# What utils.compiled.when tries; in a process of its own, as LLVM can end it.
LOOPS_PROBE = "from utils.compiled import token_pass"

# What is used here of the table [project]. Extras are known in a checkout only.
Project = TypedDict(
    "Project",
    {
        "dependencies": list[str],
        "classifiers": list[str],
        "optional-dependencies": dict[str, list[str]],
    },
    total=False,
)


def run(command: list[str], timeout: float = 120) -> tuple[str, str | None]:
    """What `command` printed, and None if it went well or else the last line of its complaint."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout, cwd=ROOT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    if done.returncode == 0:
        return done.stdout, None
    said = done.stderr.strip().splitlines() or [
        f"stopped with exit code {done.returncode} and said nothing"
    ]
    return done.stdout, said[-1]


def project() -> Project:
    """The [project] table of pyproject.toml beside the package, or the same facts from the
    installed metadata.
    """
    if (ROOT / "pyproject.toml").is_file():
        import tomllib  # here, because Python 3.10 lacks it and is to be told so by the doctor

        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        table: Project = tomllib.loads(text)["project"]
        return table
    about = metadata.metadata(NAME)
    needed = [line for line in about.get_all("Requires-Dist", []) if "extra ==" not in line]
    return {"dependencies": needed, "classifiers": about.get_all("Classifier", [])}


def tested_pythons(classifiers: Iterable[str]) -> list[tuple[int, int]]:
    """The Python versions that the classifiers list, oldest first."""
    return sorted(
        (3, int(minor)) for minor in re.findall(r"Python :: 3\.(\d+)", "\n".join(classifiers))
    )


def lower_bounds(dependencies: Iterable[str]) -> dict[str, str]:
    """Name to lower bound, "" where there is none. pyproject.toml holds no other kind of bound (a
    test sees to it).
    """
    return {
        re.split(r"[<>=!~; ]", line)[0]: line.partition(">=")[2].strip() for line in dependencies
    }


def pins(requirements: Path) -> dict[str, str]:
    """Name to tested version, as requirements.txt has them; empty where the file did not come
    along.
    """
    if not requirements.is_file():
        return {}
    lines = (
        line.partition("#")[0].strip()
        for line in requirements.read_text(encoding="utf-8").splitlines()
    )
    return dict(line.split("==") for line in lines if "==" in line)


def installed(name: str) -> str | None:
    """The version of an installed package, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def see_python() -> Finding:
    """The Python that runs this."""
    tested = (
        tested_pythons(project()["classifiers"])
        if sys.version_info >= (3, 11)
        else [(3, 11), (3, 13)]
    )
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return diagnosis.python(sys.version_info[:3], struct.calcsize("P") * 8, system, tested)


def see_torch() -> Iterator[Finding]:
    """Torch, and the device that the lessons would take."""
    said, error = run([sys.executable, "-c", TORCH_PROBE])
    answers = [json.loads(line) for line in said.splitlines()] + [None, None]
    yield diagnosis.torch(answers[0], error or "")
    if answers[0]:
        chosen, available = answers[1] or (None, [])
        yield diagnosis.device(chosen, available, error or "")


def see_loops() -> Finding:
    """Whether a model can write a token in one compiled call."""
    return diagnosis.loops(run([sys.executable, "-c", LOOPS_PROBE])[1])


def see_memory() -> Finding:
    """Memory, as much of it as a container leaves us."""
    try:
        return diagnosis.memory(*memory())
    except ImportError:
        return diagnosis.memory(None, None)


def memory() -> tuple[int, int]:
    """The bytes that a container leaves us, and how many of them are free.

    ImportError without the package psutil.
    """
    import psutil

    seen, limit = psutil.virtual_memory(), Path("/sys/fs/cgroup/memory.max")
    most = limit.read_text(encoding="utf-8").strip() if limit.is_file() else "max"
    total = seen.total if most == "max" else min(seen.total, int(most))
    return total, min(seen.available, total)


def needed_packages() -> dict[str, str]:
    """Name and lower bound of what lessons import and, in a checkout, of what opens them; torch is
    apart.
    """
    about = project()
    least = lower_bounds(
        [*about["dependencies"], *about.get("optional-dependencies", {}).get("lab", [])]
    )
    return {name: bound for name, bound in least.items() if name != "torch"}


def see_packages() -> list[Finding]:
    """The packages that learning needs."""
    least, tested = needed_packages(), pins(ROOT / "requirements.txt")
    return diagnosis.packages(
        [diagnosis.package(name, installed(name), least[name], tested.get(name)) for name in least]
    )


def see_other_packages() -> list[Finding]:
    """What requirements.txt pins besides: to write chapters and to run the tests."""
    least, tested = needed_packages(), pins(ROOT / "requirements.txt")
    names = [name for name in tested if name not in least and name != "torch"]
    return diagnosis.packages(
        [diagnosis.package(name, installed(name), "", tested[name], WARN) for name in names]
    )


def see_assets() -> Iterator[Finding]:
    """What of the models and data sets is in the cache, and is there room for the rest?"""
    from course.lesson.learner_data import data_folder
    from utils.assets.cache import ASSETS, cache_dir, cached  # see_torch has tried it
    from utils.assets.user_folders import has_home

    for name in ASSETS:
        yield diagnosis.asset(name, cached(name), needed=name == "smollm2")
    there = next(folder for folder in (cache_dir(), *cache_dir().parents) if folder.exists())
    yield diagnosis.disk(shutil.disk_usage(there).free, cache_dir())
    yield diagnosis.home(has_home(), [cache_dir(), data_folder()])


def see_sandbox() -> Finding:
    """Does bubblewrap start a program without network?"""
    program = shutil.which("bwrap")
    error = (
        run([program, "--ro-bind", "/", "/", "--unshare-net", "true"], 20)[1] if program else None
    )
    return diagnosis.sandbox(program, error, sys.platform)


def chromium() -> str | None:
    """The Chromium that the browser tests use: the first of BROWSERS that is here."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def see_browser() -> Finding:
    """Does a Chromium start?"""
    program = chromium()
    said, error = run([program, "--version"], 60) if program else ("", None)
    return diagnosis.browser(program, said.strip() or None, error or "it printed no version")


def table(findings: Iterable[Finding]) -> Iterator[str]:
    """The lines of the report; what has to be done stands below what it is about."""
    for what, state, found, next_step in findings:
        yield f"{what:<18} {state:<5} {found}"
        if next_step:
            yield f"{'':<18} {'':<5} -> {next_step}"


def examine() -> tuple[list[Finding], list[Finding]]:
    """The findings on what learning needs, and on what only other things need."""
    python = see_python()
    if python.state == FAIL:  # everything else would only repeat it
        return [python], []
    torch = list(see_torch())
    works = all(finding.state == OK for finding in torch)
    model = [see_loops(), *see_assets()] if works else []
    needed = [python, *torch, see_memory(), *model, *see_packages()]
    return needed, [*see_other_packages(), see_sandbox(), see_browser()]


def main(tests: bool = False) -> int:
    """Prints the report.

    Returns 1 if something that learning needs is broken, or with `tests` that the tests need.
    """
    needed, others = examine()
    print(*table(needed), sep="\n")
    if others:
        print("\nTo write chapters and to run the tests", *table(others), sep="\n")
    broken = [
        finding.what
        for finding in needed + others
        if finding.state in ((FAIL, WARN) if tests else (FAIL,))
    ]
    if broken:
        print(
            f"\nTo be mended: {', '.join(broken)}. Take the first step (->) above, then run the "
            "doctor again."
        )
    elif all(finding.state == OK for finding in needed):
        print("\nAll that learning needs works.")
    else:
        print("\nAll that learning needs works; the notes are only worth knowing.")
    return 1 if broken else 0
