"""The stored runs on what cleaning is worth to a small model of chapter 08: made by
benchmarks/clean_or_raw.py, which says what its columns are.
"""

from course.runs.stored import matching

_FILE = "clean_or_raw.csv"


def losses(text: str) -> list[float]:
    """The losses of the models that read this text, in nats per character: one for each web, in the
    same order for all texts.

    Raises ValueError for a text that is not stored.
    """
    rows = matching(_FILE, f"no text {text!r} is", text=text)
    return [float(row["loss"]) for row in sorted(rows, key=lambda row: float(row["seed"]))]
