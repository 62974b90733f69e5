"""A program that a model has written, run in a process of its own: what it prints comes back as text.

This is no sandbox. The process may read every file that you may read, and call the network. It keeps
three things from harm: the caller's variables, the caller's patience (there is a limit), and the
model's text, which gets one line whatever happens.
"""

import subprocess
import sys


def run_program(program: str, seconds: float | int = 10) -> str:
    """The last line that a Python program prints, or one line that says what went wrong.

    The program is ended after `seconds`. An error gives Python's own last line, such as
    "ZeroDivisionError: division by zero". Raises ValueError unless there is time to run it.
    """
    if seconds <= 0:
        raise ValueError(f"seconds is {seconds}; give more than 0.")
    # -I: without the folder of the caller, and without what its environment says to Python
    command = [sys.executable, "-I", "-c", program]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return f"error: stopped after {seconds} seconds."
    lines = (done.stderr if done.returncode else done.stdout).strip().splitlines()
    return lines[-1] if lines else "error: nothing was printed."
