"""The stored runs on planted secrets of chapter 08: made by benchmarks/planted_secrets.py, which says
what its columns are.
"""

from collections import defaultdict
from statistics import mean, stdev

from course.runs.stored import matching

_FILE = "planted_secrets.csv"


def surprises(setting: str) -> dict[int, list[float]]:
    """The surprise of every secret, in digits, by the number of its copies.

    Raises ValueError for a setting that is not stored.
    """
    found: dict[int, list[float]] = defaultdict(list)
    for row in matching(_FILE, f"no setting {setting!r} is", setting=setting):
        found[int(row["copies"])].append(float(row["surprise"]))
    return dict(found)


def given_away(setting: str) -> dict[int, int]:
    """How many secrets the models give away, by the number of copies.

    Raises ValueError for a setting that is not stored.
    """
    found: dict[int, int] = defaultdict(int)
    for row in matching(_FILE, f"no setting {setting!r} is", setting=setting):
        found[int(row["copies"])] += int(row["given_away"])
    return dict(found)


def passes(setting: str) -> float:
    """How often the models read the text; a mean, as its length differs a little.

    Raises ValueError for a setting that is not stored.
    """
    rows = matching(_FILE, f"no setting {setting!r} is", setting=setting)
    return sum(float(row["passes"]) for row in rows) / len(rows)


def mean_surprise(setting: str, copies: int) -> tuple[float, float]:
    """The mean surprise of the secrets with so many copies, and its standard error.

    Raises ValueError for a setting, KeyError for a number of copies that is not stored.
    """
    found = surprises(setting)[copies]
    return mean(found), stdev(found) / len(found) ** 0.5
