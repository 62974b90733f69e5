"""The stored runs of the capstone with other seeds. They are made by benchmarks/capstone_runs.py, which
says what the measures are.
"""

from course.runs.stored import matching

FILE = "capstone_runs.csv"


def each_seed(measure: str) -> list[float]:
    """A measure of each seed's run, in the order of the seeds. ValueError for what is not stored."""
    return [float(row["value"]) for row in matching(FILE, f"no {measure!r} is", measure=measure)]
