"""`python -m bootstrap lab` (or test, build, ...): sets up what is missing, then hands over to
`python -m course`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from .environment import Environment, ready
from .interpreter import ROOT, SetupError, choose
from .system_packages import ready_for_tests

COMMANDS = (
    "{setup,lab,test,build,format,ledger,pack,grade,teacher,fetch,doctor,bench,gpu,colab,site}"
)
USAGE = f"usage: python -m bootstrap {COMMANDS} [arguments for the command]"


def hand_over(command: list[str]) -> int:
    """Runs `command` in front and returns its exit code.

    Ctrl-C is for that program: wait until it has ended.
    """
    signal.signal(signal.SIGINT, lambda *_: None)
    code = subprocess.call(command, cwd=str(ROOT))
    return 128 - code if code < 0 else code


def python_for(command: str) -> str:
    """The Python to run `command` with.

    The doctor looks at what is there; for all else what is missing is set up.
    """
    wanted = os.environ.get("PYTHON")
    if command != "doctor":
        return str(ready(wanted=wanted))
    made = Environment().python
    return str(made) if made.is_file() else choose(wanted).path


def main(arguments: list[str]) -> int:
    """Runs one command; returns its exit code."""
    if not arguments or arguments[0].startswith("-"):
        print(USAGE)
        return 2
    python = python_for(arguments[0])
    words = " ".join(arguments)
    if arguments[0] == "test" and (
        "--stage" not in arguments or "browser" in words or "grading" in words
    ):
        ready_for_tests()
    return 0 if arguments[0] == "setup" else hand_over([python, "-m", "course", *arguments])


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except SetupError as problem:
        code = f"\n{problem}"  # sys.exit prints a text on the error stream and returns 1
    except OSError as problem:
        code = f"\nThe set-up cannot work in {ROOT}: {problem}. Mend that, then try again."
    except KeyboardInterrupt:
        print("\nStopped. The next run starts the set-up afresh; what pip has downloaded is kept.")
        code = 130
    sys.exit(code)
