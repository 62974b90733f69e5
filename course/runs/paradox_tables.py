"""The stored runs of chapter 16: made by benchmarks/fact_runs.py and sum_runs.py, which say what the
columns are.
"""

from course.runs.stored import matching, stored

_FACTS, _SUMS = "fact_runs.csv", "sum_runs.csv"


def fact_shares(setting: str, group: str | float, column: str = "right") -> list[float]:
    """A share for each seed, of the questions of a group.

    Raises ValueError for a setting or a group that is not stored.
    """
    missing = f"no run of {setting!r} with questions of {group!r} is"
    rows = matching(_FACTS, missing, setting=setting, group=group)
    return [float(row[column]) for row in rows]


def times_told() -> list[int]:
    """How often facts of the setting "capitals" were told, from never on."""
    rows = matching(_FACTS, "no run of 'capitals' is", setting="capitals")
    return sorted({int(row["group"]) for row in rows})


def shares_read() -> list[float]:
    """Which shares of all sums were read, from the smallest up."""
    return sorted({float(row["share"]) for row in stored(_SUMS)})


def sum_shares(share: float, column: str) -> list[float]:
    """What is right, for each seed, of sums that are `seen`, `unseen` or `long`, or of their `units`.

    Raises ValueError for a share that is not stored.
    """
    rows = matching(_SUMS, f"no run that read a share of {share} is", share=share)
    return [float(row[column]) for row in rows]
