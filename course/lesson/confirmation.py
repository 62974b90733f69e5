"""confirm(...): the tests hold a lesson to what it says of its own run; a learner may change that
run.
"""

from __future__ import annotations

from typing import Any

from course.lesson.strictness import does_not_fit


class ConfirmationError(AssertionError):
    """A run does not show what the lesson says it shows."""


def confirm(sentence: str, truth: Any) -> None:
    """Say nothing if `truth` is true. If not, tell the learner in a box that `sentence` does not
    hold in this run.

    sentence: what the text around the cell says of its result, for example "Paris is the
        favourite".
    truth: True or False, also as a numpy or torch scalar.
    Raises ConfirmationError instead under the tests, so that text and result stay together.
    """
    if not bool(truth):
        line = f"The lesson says: {sentence}. In this run that is not so."
        does_not_fit(
            "This run is another one",
            (line,),
            ConfirmationError(f"in this run it is not so that {sentence}"),
        )
