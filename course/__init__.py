"""The course: what its notebooks import."""

from course.claims import claim
from course.ledger import ledger
from course.predict import predict, reveal

__all__ = ["claim", "ledger", "predict", "reveal"]
