"""`glass-box`, or `python -m course`: the commands for learners and authors."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def doctor(options: argparse.Namespace, rest: list[str]) -> int:
    """Say what works on this machine, what does not, and what to do about it."""
    from course.doctor.examine import main

    return main(tests=options.tests)


def fetch(options: argparse.Namespace, rest: list[str]) -> int:
    """Download what lessons need into the cache, once, and verify it."""
    from utils.assets.cache import ASSETS, AssetError, fetch

    try:
        for name in ASSETS if options.all else options.names or ["smollm2"]:
            print(f"{name}: {fetch(name)}", flush=True)
    except AssetError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def build(options: argparse.Namespace, rest: list[str]) -> int:
    """Write notebooks/ and build/solved/ from course/."""
    from course.building.build import main

    return main(rest)


def format(options: argparse.Namespace, rest: list[str]) -> int:
    """Format the code cells of the chapters, of 02 and 22, for example, and say what else departs
    from their form.
    """
    from course.building.format_cells import main

    return main(ROOT / "course" / "chapters", rest)


def ledger(options: argparse.Namespace, rest: list[str]) -> int:
    """Write every claim of the documents, with its verdict, as one page: build/ledger.html."""
    from course.building.chapter import ChapterError, read_chapters
    from course.building.documents_pages import in_words
    from course.claims.page import main

    try:
        where = in_words(read_chapters(ROOT / "course" / "chapters"))
    except ChapterError as problem:
        print(problem, file=sys.stderr)
        return 1
    return main(ROOT, where)


def pack(options: argparse.Namespace, rest: list[str]) -> int:
    """Make an assignment from chapters, to hand out to a class."""
    from course.grading.pack import main

    return main(rest)


def grade(options: argparse.Namespace, rest: list[str]) -> int:
    """Grade what a class handed in, in a sandbox: marks, a page for each student, a summary."""
    from course.grading.grade import main

    return main(rest)


def teacher(options: argparse.Namespace, rest: list[str]) -> int:
    """Write the teacher's page: a plan for 14 weeks, points, misconceptions. build/teacher.html."""
    from course.grading.reports.teacher_page import main

    return main(ROOT)


def site(options: argparse.Namespace, rest: list[str]) -> int:
    """Run the solved notebooks and write the course as a web site: build/site/."""
    from course.site.command import main

    return main(options.chapters)


def test(options: argparse.Namespace, rest: list[str]) -> int:
    """Run every test; other arguments, such as -k tokenizer, go to pytest."""
    from course.harness.stages import main

    return main(options.stage, rest)


def bench(options: argparse.Namespace, rest: list[str]) -> int:
    """Measure tokens per second and memory beside other libraries; other arguments go to
    benchmarks/decode.py.
    """
    return subprocess.call([sys.executable, str(ROOT / "benchmarks" / "decode.py"), *rest])


def gpu(options: argparse.Namespace, rest: list[str]) -> int:
    """Test and measure what needs a graphics card, in ten minutes at most; other arguments go to
    benchmarks/gpu.py.
    """
    return subprocess.call([sys.executable, str(ROOT / "benchmarks" / "gpu.py"), *rest])


def colab(options: argparse.Namespace, rest: list[str]) -> int:
    """Run the set-up cell and the notebooks in a mirror of Colab; 02 and 22, for example, run only
    these chapters.
    """
    from course.harness.colab_mirror import main

    return main(rest)


def lab(options: argparse.Namespace, rest: list[str]) -> int:
    """Fetch the model and open the course in JupyterLab; other arguments go to JupyterLab."""
    from jupyterlab.labapp import LabApp

    from utils.compiled.ahead import compile_ahead

    if not (ROOT / "notebooks").is_dir():
        print(
            f"There are no notebooks in {ROOT}: the course was installed without them. Clone its "
            "repository, and run this command there.",
            file=sys.stderr,
        )
        return 1
    if fetch(argparse.Namespace(names=[], all=False), []):
        return 1
    compile_ahead()
    # `make lab` in a container runs as root, which Jupyter otherwise refuses. It listens on this
    # machine only.
    LabApp.launch_instance(
        [
            "--allow-root",
            f"--ServerApp.root_dir={ROOT}",
            "--LabApp.default_url=/lab/tree/notebooks",
            *rest,
        ]
    )
    return 0


WITH_OWN_HELP = (pack, grade)  # what they take is described where it is read


def parser() -> argparse.ArgumentParser:
    """The command line: one subcommand for each function above."""
    called = "glass-box" if Path(sys.argv[0]).stem == "glass-box" else "python -m course"
    top = argparse.ArgumentParser(prog=called, description="Glass Box: how language models work.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    added = {}
    for command in (
        doctor,
        fetch,
        build,
        format,
        ledger,
        pack,
        grade,
        teacher,
        site,
        test,
        colab,
        bench,
        gpu,
        lab,
    ):
        added[command] = commands.add_parser(
            command.__name__,
            help=command.__doc__,
            description=command.__doc__,
            add_help=command not in WITH_OWN_HELP,
        )
        added[command].set_defaults(command=command)
    added[doctor].add_argument(
        "--tests", action="store_true", help="count what only the tests need as needed"
    )
    added[fetch].add_argument("names", nargs="*", help="what to fetch (default: smollm2)")
    added[fetch].add_argument(
        "--all", action="store_true", help="fetch everything that any lesson needs"
    )
    added[site].add_argument(
        "--chapters", default="", metavar="01,02", help="only these (default: all)"
    )
    added[test].add_argument(
        "--stage", action="append", help="run only this stage (may be given several times)"
    )
    return top


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    top = parser()
    options, rest = top.parse_known_args(arguments)
    if rest and options.command not in (build, format, pack, grade, test, colab, bench, gpu, lab):
        top.error(f"unknown arguments: {' '.join(rest)}")
    code: int = options.command(options, rest)
    return code


def write_any_name() -> None:
    """Let a terminal that cannot write a letter write its number, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run() -> int:
    """What `glass-box` does: `main`, and a quiet end when it is interrupted."""
    write_any_name()
    try:
        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(run())
