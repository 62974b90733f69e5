"""The stored edits of chapter 12, one fact written into one layer after another: made by
benchmarks/edit_layers.py, which says what the columns are.
"""

from collections.abc import Sequence
from functools import cache
from statistics import mean

from course.runs.stored import stored
from utils.data.eiffel_tower import OF_THE_TOWER

METHODS = ("plain", "turned")


def edited_layers() -> list[int]:
    """The layers that were edited, upwards."""
    return list(_by_layer("plain"))


def success(method: str) -> list[float]:
    """P(Rome) after the prompt of the edit, for each edited layer."""
    return [after[OF_THE_TOWER[0]] for after in _by_layer(method).values()]


def in_other_words(method: str) -> list[float]:
    """P(Rome) as a mean over the wordings that the edit never saw, for each edited layer."""
    return [mean(after[one] for one in OF_THE_TOWER[1:]) for after in _by_layer(method).values()]


def largest_loss(method: str, questions: Sequence[tuple[str, str]]) -> list[float]:
    """The most that one of these (prompt, answer) loses of its probability, for each edited layer.

    Negative where all of them gain.
    """
    (before,) = _by_layer("none").values()
    return [
        max(before[question] - after[question] for question in questions)
        for after in _by_layer(method).values()
    ]


@cache
def _by_layer(method: str) -> dict[int, dict[tuple[str, str], float]]:
    """The probability of each (prompt, answer), for each layer upwards."""
    if method not in ("none", *METHODS):
        raise ValueError(
            f"no edits of the method {method!r} are stored; there are {', '.join(METHODS)}."
        )
    found: dict[int, dict[tuple[str, str], float]] = {}
    for row in stored("edit_layers.csv"):
        if row["method"] == method:
            question = (str(row["prompt"]), str(row["answer"]))
            found.setdefault(int(row["layer"]), {})[question] = float(row["p"])
    return {layer: found[layer] for layer in sorted(found)}
