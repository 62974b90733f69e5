"""`make test`: style, unit tests, build, every notebook of a learner, the reference answers, grading, browser.

The stages run one after another and the first that fails ends the run. The notebooks run without a network
(offline.py). Each pytest stage also writes what it did to an XML file, from which the closing table and the notebooks'
budgets (budget.py) are taken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from course import budget

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
NO_TESTS = 5  # pytest's exit code when it ran nothing
FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
    "GLASSBOX_DATA": "answers",
}
NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120"]


class Stage(NamedTuple):
    """A named list of commands. A pytest stage has one, to which arguments for pytest can be added."""

    name: str
    commands: list[list[str]]
    pytest: bool = True


class Outcome(NamedTuple):
    """How a stage went."""

    name: str
    passed: bool
    seconds: float
    counts: budget.Counts


class Run(NamedTuple):
    """The exit code of a command, and what it and all its processes took; None where the system does not tell."""

    code: int = 0
    processor: float | None = None  # seconds
    peak: int | None = None  # bytes of the largest process


def pytest(*arguments: str) -> list[str]:
    """A pytest command over whole files: spread otherwise, a notebook's cells would land in different kernels."""
    spread = ["-n", str(WORKERS), "--dist", "loadfile"]
    return [sys.executable, "-m", "pytest", "-q", *spread, *arguments]


def built(root: Path) -> list[str]:
    """The notebooks that the chapters give; a learner's own files are left alone.

    The solved build differs in the cells of exercises only, and tests/notebooks runs those.
    """
    slugs = sorted(path.stem for path in (root / "course" / "chapters").glob("[0-9][0-9]_*.md"))
    return [f"notebooks/{slug}.ipynb" for slug in slugs] or ["notebooks"]


def stages(root: Path = ROOT) -> Iterator[Stage]:
    """All there is to run, in order. In the browser each worker has its own JupyterLab (conftest.py there)."""
    course = [sys.executable, "-m", "course"]
    ruff = [sys.executable, "-m", "ruff"]
    yield Stage("style", [[*ruff, "check"], [*ruff, "format", "--check"]], pytest=False)
    yield Stage("unit", [pytest("tests/unit")])
    yield Stage("build", [[*course, "build", "--check"], [*course, "build"]], pytest=False)
    offline = [sys.executable, "-m", "course.offline"]
    yield Stage("notebooks", [[*offline, *pytest(*NBVAL, *built(root))]])
    for name in ("notebooks", "grading", "browser"):
        if any((root / "tests" / name).glob("test_*.py")):
            yield Stage(f"tests/{name}", [[*(offline if name == "notebooks" else []), *pytest(f"tests/{name}")]])


def private_folders(private: Path) -> dict[str, str]:
    """Variables that keep Jupyter, IPython and the course's own notes below `private`."""
    return {name: str(private / folder) for name, folder in FOLDERS.items()}


def environment(private: Path) -> dict[str, str]:
    """The variables for a run: nobody's own settings, no hub, and as many threads as the workers leave each other."""
    stub = private / "stub"
    stub.mkdir()
    # Importing nbformat takes seconds only to compile a grammar for web addresses; jsonschema does without it.
    (stub / "rfc3987_syntax.py").write_text('raise ImportError("left out of tests")\n', encoding="utf-8")
    (private / "matplotlibrc").write_text("svg.hashsalt: glass-box\n", encoding="utf-8")
    threads = str(max(1, (os.cpu_count() or 1) // WORKERS))
    own = private_folders(private) | {"MATPLOTLIBRC": str(private / "matplotlibrc")}
    own |= {"PYTHONPATH": str(stub), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": threads, "SOURCE_DATE_EPOCH": "0"}
    return dict(os.environ) | own


def call(command: list[str], variables: dict[str, str]) -> Run:
    """Runs `command` to its end."""
    program = subprocess.Popen(command, cwd=ROOT, env=variables)
    try:
        if not hasattr(os, "wait4"):  # Windows
            return Run(program.wait())
        _, status, usage = os.wait4(program.pid, 0)
    except KeyboardInterrupt:
        program.wait()  # it was interrupted too, and closes what it has open
        raise
    program.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(program.returncode, usage.ru_utime + usage.ru_stime, peak)


def run(stage: Stage, extra: list[str], private: Path, variables: dict[str, str]) -> Outcome:
    """Runs the commands of a stage until one fails. `extra` goes to pytest, which may then have nothing to do."""
    print(f"\n== {stage.name} ==", flush=True)
    report, start, done = private / f"{stage.name.replace('/', '-')}.xml", time.monotonic(), Run()
    # The time of a cell is that of its run: a kernel's start belongs to no cell.
    arguments = [f"--junit-xml={report}", "-o", "junit_duration_report=call", *extra] if stage.pytest else []
    for command in stage.commands:
        done = call([*command, *arguments], variables)
        if done.code:
            break
    passed = done.code == 0 or (done.code == NO_TESTS and bool(extra))
    if stage.name == "notebooks" and passed and report.is_file():
        passed = budget.report(report, done.processor, done.peak)
    return Outcome(stage.name, passed, time.monotonic() - start, budget.counts(report))


def summary(outcomes: list[Outcome], names: list[str]) -> Iterator[str]:
    """The closing table, then one line with the sums."""
    yield f"\n{'stage':<16} {'':<8} {'seconds':>7} {'passed':>7} {'failed':>7} {'skipped':>7}"
    for outcome in outcomes:
        word = "ok" if outcome.passed else "FAILED"
        yield f"{outcome.name:<16} {word:<8} {outcome.seconds:7.1f} " + " ".join(f"{n:7}" for n in outcome.counts)
    for name in names[len(outcomes) :]:
        yield f"{name:<16} not run"
    passed, failed, skipped = (sum(column) for column in zip(*(outcome.counts for outcome in outcomes), strict=True))
    yield f"\n{passed} passed, {failed} failed, {skipped} skipped"


def chosen(wanted: list[str] | None, extra: list[str]) -> list[Stage]:
    """The stages to run: those `wanted`; all of them; or, where arguments for pytest are given, those of pytest."""
    there = list(stages())
    unknown = set(wanted or []) - {stage.name for stage in there}
    if unknown:
        raise SystemExit(f"no stage {', '.join(unknown)}: there are {', '.join(stage.name for stage in there)}.")
    if wanted:
        return [stage for stage in there if stage.name in wanted]
    return [stage for stage in there if stage.pytest or stage.name == "build" or not extra]


def main(wanted: list[str] | None = None, extra: list[str] | None = None) -> int:
    """Runs the stages; returns 0 if all went well and at least one test ran where tests were asked for."""
    todo, outcomes, extra = chosen(wanted, extra or []), [], extra or []
    with tempfile.TemporaryDirectory(prefix="glass-box-") as folder:
        variables = environment(Path(folder))
        for stage in todo:
            outcomes.append(run(stage, extra, Path(folder), variables))
            if not outcomes[-1].passed:
                break
    print(*summary(outcomes, [stage.name for stage in todo]), sep="\n", flush=True)
    if not outcomes[-1].passed:
        print(f"The stage {outcomes[-1].name} failed; what it printed is above.")
        return 1
    if any(stage.pytest for stage in todo) and not any(outcome.counts.passed for outcome in outcomes):
        print("No test ran: nothing fits the arguments.")
        return 1
    return 0
