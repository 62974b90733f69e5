"""`make test`: style and types, unit tests, build, every notebook of a learner, the reference
answers, grading, browser.

The stages run one after another, whatever fails; the closing tables say what failed where and what
took how long. The notebooks run without a network (offline.py). Each pytest stage also writes what
it did to an XML file (junit_report.py), and each notebook's kernel what its cells cost
(cell_cost.py, notebook_budget.py).
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

from course.harness import notebook_budget
from course.harness.junit_report import Counts, counts, failures
from course.lesson import strictness

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
CELL_COST = Path(__file__).with_name("cell_cost.py")
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
    """A named list of commands.

    A pytest stage has one, to which arguments for pytest can be added.
    """

    name: str
    commands: list[list[str]]
    pytest: bool = True


class Outcome(NamedTuple):
    """How a stage went.

    `failed`: what failed, one line each; `table`: lines for the end of the run.
    """

    name: str
    seconds: float
    counts: Counts
    failed: list[str]
    table: list[str]


class Run(NamedTuple):
    """The exit code of a command, and what it and all its processes took; None where the system
    does not tell.
    """

    code: int = 0
    processor: float | None = None  # seconds
    peak: int | None = None  # bytes of the largest process


def pytest(*arguments: str) -> list[str]:
    """A pytest command over whole files: spread otherwise, a notebook's cells would land in
    different kernels.
    """
    spread = ["-n", str(WORKERS), "--dist", "loadfile"]
    return [sys.executable, "-m", "pytest", "-q", *spread, *arguments]


def built(root: Path) -> list[str]:
    """The notebooks that the chapters give; a learner's own files are left alone.

    The solved build differs in the cells of exercises only, and tests/notebooks runs those.
    """
    slugs = sorted(path.stem for path in (root / "course" / "chapters").glob("[0-9][0-9]_*.md"))
    return [f"notebooks/{slug}.ipynb" for slug in slugs] or ["notebooks"]


def stages(root: Path = ROOT) -> Iterator[Stage]:
    """All there is to run, in order.

    In the browser each worker has its own JupyterLab (conftest.py there).
    """
    course = [sys.executable, "-m", "course"]
    ruff = [sys.executable, "-m", "ruff"]
    mypy = [sys.executable, "-m", "mypy"]
    style = [[*ruff, "check"], [*ruff, "format", "--check"], mypy]
    yield Stage("style", style, pytest=False)
    yield Stage("unit", [pytest("tests/unit")])
    # No lesson's processor time is that of compiling what all of them use.
    compiled = [sys.executable, "-m", "utils.compiled.ahead"]
    builds = [[*course, "build", "--check"], [*course, "build"], compiled]
    yield Stage("build", builds, pytest=False)
    offline = [sys.executable, "-m", "course.harness.offline"]
    yield Stage("notebooks", [[*offline, *pytest(*NBVAL, *built(root))]])
    for name in ("notebooks", "grading", "browser"):
        if any((root / "tests" / name).glob("test_*.py")):
            yield Stage(
                f"tests/{name}",
                [[*(offline if name == "notebooks" else []), *pytest(f"tests/{name}")]],
            )


def private_folders(private: Path) -> dict[str, str]:
    """Variables that keep Jupyter, IPython and the course's own notes below `private`."""
    return {name: str(private / folder) for name, folder in FOLDERS.items()}


def environment(private: Path) -> dict[str, str]:
    """The variables for a run: nobody's own settings, no hub, and as many threads as the workers
    leave each other.
    """
    stub, start = private / "stub", private / "ipython" / "profile_default" / "startup"
    costs = private / "costs"
    for folder in (stub, start, costs):
        folder.mkdir(parents=True, exist_ok=True)
    # Run, and not imported: it must leave no name in the learner's namespace.
    code = f'__import__("runpy").run_path({str(CELL_COST)!r}, run_name="__main__")\n'
    (start / "00-cell-cost.py").write_text(code, encoding="utf-8")
    # Importing nbformat takes seconds only to compile a grammar for web addresses; jsonschema does
    # without it.
    (stub / "rfc3987_syntax.py").write_text(
        'raise ImportError("left out of tests")\n', encoding="utf-8"
    )
    (private / "matplotlibrc").write_text("svg.hashsalt: glass-box\n", encoding="utf-8")
    threads = str(max(1, (os.cpu_count() or 1) // WORKERS))
    own = private_folders(private) | {"MATPLOTLIBRC": str(private / "matplotlibrc")}
    own |= {
        "PYTHONPATH": str(stub),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": threads,
        "SOURCE_DATE_EPOCH": "0",
    }
    own |= {"GLASSBOX_CELL_COSTS": str(costs), strictness.VARIABLE: "1"}
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
    """Runs the commands of a stage until one fails.

    `extra` goes to pytest, which may then have nothing to do.
    """
    print(f"\n== {stage.name} ==", flush=True)
    report, start, failed, table = (
        private / f"{stage.name.replace('/', '-')}.xml",
        time.monotonic(),
        [],
        [],
    )
    # The time of a cell is that of its run: a kernel's start belongs to no cell.
    arguments = (
        [f"--junit-xml={report}", "-o", "junit_duration_report=call", *extra]
        if stage.pytest
        else []
    )
    for command in stage.commands:
        done = call([*command, *arguments], variables)
        if done.code and not (done.code == NO_TESTS and extra):
            failed = failures(report) or [f"{' '.join(command[1:4])} ended with code {done.code}"]
            break
    if stage.name == "notebooks" and report.is_file():
        bill = notebook_budget.bill(report, private / "costs", ROOT, done.peak)
        table = bill.lines
        # With arguments for pytest, or after a cell that failed, not every cell ran.
        failed += [] if extra or failed else bill.wrong
    return Outcome(stage.name, time.monotonic() - start, counts(report), failed, table)


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """The closing tables, what failed where, and one line with the sums."""
    yield f"\n{'stage':<16} {'':<8} {'seconds':>7} {'passed':>7} {'failed':>7} {'skipped':>7}"
    for outcome in outcomes:
        word = "FAILED" if outcome.failed else "ok"
        yield f"{outcome.name:<16} {word:<8} {outcome.seconds:7.1f} " + " ".join(
            f"{n:7}" for n in outcome.counts
        )
    yield f"{'in all':<25} {sum(outcome.seconds for outcome in outcomes):7.1f}"
    for outcome in outcomes:
        yield from ["", *outcome.table] if outcome.table else []
    for outcome in outcomes:
        if outcome.failed:
            yield f"\nThe stage {outcome.name} failed; what it printed is above:"
            yield from (f"  {line}" for line in outcome.failed)
    passed, failed, skipped = (
        sum(column) for column in zip(*(outcome.counts for outcome in outcomes), strict=True)
    )
    yield f"\n{passed} passed, {failed} failed, {skipped} skipped"


def chosen(wanted: list[str] | None, extra: list[str]) -> list[Stage]:
    """The stages to run: those `wanted`; all of them; or, where arguments for pytest are given,
    those of pytest.
    """
    there = list(stages())
    unknown = set(wanted or []) - {stage.name for stage in there}
    if unknown:
        raise SystemExit(
            f"no stage {', '.join(unknown)}: there are {', '.join(stage.name for stage in there)}."
        )
    if wanted:
        return [stage for stage in there if stage.name in wanted]
    return [stage for stage in there if stage.pytest or stage.name == "build" or not extra]


def main(wanted: list[str] | None = None, extra: list[str] | None = None) -> int:
    """Runs the stages; returns 0 if all went well and at least one test ran where tests were asked
    for.
    """
    todo, outcomes, extra = chosen(wanted, extra or []), [], extra or []
    with tempfile.TemporaryDirectory(prefix="glass-box-") as folder:
        variables = environment(Path(folder))
        for stage in todo:
            outcomes.append(run(stage, extra, Path(folder), variables))
    print(*summary(outcomes), sep="\n", flush=True)
    if any(outcome.failed for outcome in outcomes):
        return 1
    if any(stage.pytest for stage in todo) and not any(
        outcome.counts.passed for outcome in outcomes
    ):
        print("No test ran: nothing fits the arguments.")
        return 1
    return 0
