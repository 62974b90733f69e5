"""What a run that does not come out as the lesson says leads to: an error under the tests, a box
for a learner.

A learner changes sentences and seeds, and has a processor of his own. That must never end his
notebook.
"""

from __future__ import annotations

import os

from course.lesson.say import say

# set by the tests, so that no notebook says what its own run contradicts
VARIABLE = "GLASSBOX_STRICT"
WHY = (
    "Why that may be: you changed something above, which is what these notebooks are for, or this "
    "machine works differently. To see the lesson's own result, undo the change, restart the "
    "kernel and run all cells."
)


def strict() -> bool:
    """Whether a run that does not fit is an error."""
    return os.environ.get(VARIABLE) == "1"


def does_not_fit(heading: str, lines: tuple[str, ...], error: AssertionError) -> None:
    """Raises `error` under the tests; elsewhere shows a box with `lines` and goes on."""
    if strict():
        raise error
    say(heading, (*lines, WHY), tone="note", sign="≠")
