"""The course: what its notebooks import."""

from course.check import check
from course.claims import claim
from course.hints import hint, solution
from course.ledger import ledger
from course.predict import keep, predict, reveal
from course.progress import progress

__all__ = ["check", "claim", "hint", "keep", "ledger", "predict", "progress", "reveal", "solution"]
