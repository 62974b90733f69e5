"""The stored runs on planted secrets of chapter 08: made by benchmarks/planted_secrets.py, which says
what its columns are.
"""

from collections import defaultdict
from statistics import mean, stdev
from typing import NamedTuple

from course.runs.stored import matching
from utils.pictures.secret_pictures import Curve

_FILE = "planted_secrets.csv"


class Known(NamedTuple):
    """What the models of a setting know of the secrets that stand in the text equally often.

    sights: how often a model reads each: copies times passes, in the mean.
    surprise: of the right number, in digits; given_away: the share of the secrets. Both are means
        over the models, `_error` is the standard error of that mean.
    away, secrets: how many are given away, out of how many.
    """

    sights: float
    surprise: float
    surprise_error: float
    given_away: float
    given_away_error: float
    away: int
    secrets: int


def known(setting: str) -> dict[int, Known]:
    """By the number of copies. The secrets of a model are not independent of each other, so the
    errors are those of models.

    Raises ValueError for a setting that is not stored.
    """
    rows = matching(_FILE, f"no setting {setting!r} is", setting=setting)
    passes = mean(float(row["passes"]) for row in rows)
    by_copies: dict[int, list[dict[str, float | str]]] = defaultdict(list)
    for row in rows:
        by_copies[int(row["copies"])].append(row)
    return {copies: _known(copies * passes, some) for copies, some in by_copies.items()}


def curve(setting: str, measure: str) -> Curve:
    """`surprise` or `given_away` of a setting, by sights, for `secrets_by_sights`."""
    found = known(setting).values()
    return Curve(
        [one.sights for one in found],
        [getattr(one, measure) for one in found],
        [getattr(one, f"{measure}_error") for one in found],
    )


def _known(sights: float, rows: list[dict[str, float | str]]) -> Known:
    away = sum(int(row["given_away"]) for row in rows)
    return Known(
        sights,
        *_mean_of_models(rows, "surprise"),
        *_mean_of_models(rows, "given_away"),
        away,
        len(rows),
    )


def _mean_of_models(rows: list[dict[str, float | str]], column: str) -> tuple[float, float]:
    """The mean over models of each model's mean, and its standard error."""
    of_model: dict[float | str, list[float]] = defaultdict(list)
    for row in rows:
        of_model[row["seed"]].append(float(row[column]))
    means = [mean(found) for found in of_model.values()]
    return mean(means), stdev(means) / len(means) ** 0.5
