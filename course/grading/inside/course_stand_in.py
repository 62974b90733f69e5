"""What `course` is inside the sandbox: the names that a notebook imports, and none of them does
anything.

It stands in the place of course/__init__.py there, so that the imports of an answer's cell work
without the exercises.
"""

from typing import Any


class _Nothing:
    """What predict() gives: its methods do nothing."""

    answer = None

    def keep(self, answer: Any) -> str:
        """Nothing is kept."""
        return ""

    def reveal(self, truth: Any) -> None:
        """Nothing is shown."""


def _nothing(*args: Any, **options: Any) -> None:
    """Does nothing."""


def predict(*args: Any, **options: Any) -> _Nothing:
    """Asks nobody."""
    return _Nothing()


check = claim = confirm = gather = hint = keep = ledger = own = progress = _nothing
reveal = solution = tried = _nothing
__all__ = [
    "check",
    "claim",
    "confirm",
    "gather",
    "hint",
    "keep",
    "ledger",
    "own",
    "predict",
    "progress",
    "reveal",
    "solution",
    "tried",
]
