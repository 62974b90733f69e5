"""Programs in a process of their own: what comes back is one line, whatever they do."""

import os
import time

import pytest

from utils.tools.own_process import run_program


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("print(6 * 7)", "42"),
        ("print(1)\nprint(2)", "2"),
        ("print(1 / 0)", "ZeroDivisionError: division by zero"),
        ("print('so far'); raise ValueError('no')", "ValueError: no"),
        ("import sys; print('aside', file=sys.stderr); print('said')", "said"),
        ("pass", "error: nothing was printed."),
        ("import sys; sys.exit(3)", "error: nothing was printed."),
        ("input()", "EOFError: EOF when reading a line"),
    ],
)
def test_the_last_line_or_what_went_wrong(program, line):
    assert run_program(program) == line


def test_a_program_without_an_end_is_stopped():
    begun = time.monotonic()
    assert run_program("while True: pass", seconds=0.5) == "error: stopped after 0.5 seconds."
    assert time.monotonic() - begun < 60


def test_it_is_another_process_without_our_variables():
    secret = 5
    assert run_program("print(secret)").startswith("NameError")
    assert run_program("import os; print(os.getpid())") != str(os.getpid())
    assert secret == 5


def test_no_time_is_refused():
    with pytest.raises(ValueError, match="seconds is 0; give more than 0"):
        run_program("pass", seconds=0)
