"""What an answer prints while it is checked: a check calls it with many inputs, and nobody wants to
read the same line for each.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from utils.pictures.html_panels import print_plain

MOST_LINES = 10


@contextmanager
def few_prints() -> Iterator[None]:
    """Show the first lines that are printed inside, and say how many more there were.

    They are shown at the end, also after an exception or an interrupt.
    """
    with io.StringIO() as kept:
        try:
            with redirect_stdout(kept):
                yield
        finally:
            lines = kept.getvalue().splitlines()
            for line in lines[:MOST_LINES]:
                print_plain(line)
            more = len(lines) - MOST_LINES
            if more > 0:
                lines_more = "line" if more == 1 else "lines"
                print_plain(f"… and {more} more {lines_more}: a check calls it with many inputs.")
