"""Exercise 24.5: ratings from matches, one after the other."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import reduce

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "24.5",
    minutes=8,
    hints=(
        "Take one match after the other. Before each: how likely was it that the winner wins, by the "
        "ratings as they are now?",
        "That chance is 1 / (1 + 10 ** ((loser's rating - winner's rating) / 400)): 1/2 for equal ones, "
        "10/11 for 400 points more.",
        "moved = k * (1 - chance), worked out once, before either rating changes. The winner gets it, and "
        "the loser loses it.",
    ),
)
def elo(matches: list[list[int]], players: int, k: float) -> torch.Tensor:
    """Rate players by their matches, one match after the other.

    Everybody begins with 0 points. By the ratings before a match, its winner was expected
    to win with a chance p: whoever is 400 points ahead wins 10 times for each time that the
    other one does. The winner gets k * (1 - p) points, and the loser loses as many.

    matches: pairs [winner, loser] in the order in which they were played.
    players: how many there are; their numbers begin with 0.
    k: what a match moves at most.
    Returns the ratings after the last match, shape (players,).
    """
    ratings = torch.zeros(players)
    for winner, loser in matches:
        behind = ratings[loser] - ratings[winner]
        moved = k * (1 - 1 / (1 + 10 ** (behind / 400)))
        ratings[winner] += moved
        ratings[loser] -= moved
    return ratings


@elo.also_right
def _plain_numbers(matches: list[list[int]], players: int, k: float) -> Tensor:
    points = [0.0] * players
    for winner, loser in matches:
        chance_of_loser = 1 / (1 + math.pow(10, (points[winner] - points[loser]) / 400))
        points[winner] += k * chance_of_loser
        points[loser] -= k * chance_of_loser
    return torch.tensor(points)


@elo.also_right
def _sigmoid(matches: list[list[int]], players: int, k: float) -> Tensor:
    def step(ratings: Tensor, match: Sequence[int]) -> Tensor:
        ahead = (ratings[match[0]] - ratings[match[1]]) * math.log(10) / 400
        change = torch.zeros(players, dtype=torch.float64)
        change[match[0]], change[match[1]] = 1, -1
        return ratings + k * torch.sigmoid(-ahead) * change

    return reduce(step, matches, torch.zeros(players, dtype=torch.float64))


@elo.also_right
def _strengths(matches: list[list[int]], players: int, k: float) -> Tensor:
    """With strengths 10 ** (rating / 400): a wins in the proportion of the strengths."""
    ratings = np.zeros(players)
    for pair in matches:
        strength = 10 ** (ratings[pair] / 400)
        ratings[pair] += np.array([1, -1]) * k * strength[1] / strength.sum()
    return torch.from_numpy(ratings)


def _chance(ahead: float, base: float = 10.0, scale: float = 400.0) -> float:
    """Of whoever is `ahead`."""
    # the exponent is bounded, as a wrong scale makes it huge
    return 1 / (1 + base ** min(max(-ahead / scale, -300.0), 300.0))


def _rated(
    matches: Sequence[Sequence[int]],
    players: int,
    moved: Callable[[float], float],
    of_loser: Callable[[float], float] = lambda moved: -moved,
) -> Tensor:
    """The right way, with another rule. `moved`: from how far the winner was ahead to what is got."""
    ratings = [0.0] * players
    for winner, loser in matches:
        points = moved(ratings[winner] - ratings[loser])
        ratings[winner] += points
        ratings[loser] += of_loser(points)
    return torch.tensor(ratings, dtype=torch.float64)


def _right(matches: Sequence[Sequence[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k * _chance(-ahead))


@elo.wrong(
    "By which ratings is a match judged? By those after the match before it. Here all are judged by the "
    "ratings of the beginning, and added up at the end: then the order could not matter."
)
def _all_at_once(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k / 2)


@elo.wrong("Which match is first? The first of the list. Here it is the last.")
def _from_the_end(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _right(matches[::-1], players, k)


@elo.wrong(
    "In which order were the matches played? In that of the list. Here they are sorted first: with other "
    "orders the ratings are others."
)
def _sorted(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _right(sorted(matches), players, k)


@elo.wrong("How often does a match count? Once. Here the list is gone through twice.")
def _twice(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _right([*matches, *matches], players, k)


@elo.wrong(
    "What does the loser get? Nothing: the loser loses what the winner gets. Here both gain."
)
def _both_gain(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k * _chance(-ahead), lambda moved: moved)


@elo.wrong("What happens to the loser? The same number of points is lost that the winner gets.")
def _loser_stays(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k * _chance(-ahead), lambda moved: 0.0)


@elo.wrong("Who comes first in a pair? The winner. Here it is the loser who gets points.")
def _winner_loses(matches: list[list[int]], players: int, k: float) -> Tensor:
    return -_rated(matches, players, lambda ahead: k * _chance(ahead))


@elo.wrong(
    "Which victory counts more, the expected one or the surprise? The surprise: k * (1 - p). Here it is "
    "k * p, and the strong get ever stronger; or the difference has its sign turned round."
)
def _expected_counts_more(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k * _chance(ahead))


@elo.wrong("Does every victory move k points? Only one that nobody expected. Take 1 - p of them.")
def _always_k(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k)


@elo.wrong(
    "What is 400 points worth? Odds of 10 to 1. With exp, or a sigmoid of the difference / 400, it is "
    "less than 3 to 1."
)
def _base_e(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k * _chance(-ahead, base=math.e))


@elo.wrong(
    "Where is the 400? A difference of 1 point is hardly anything; here it is worth odds of 10 to 1."
)
def _without_scale(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k * _chance(-ahead, scale=1.0))


@elo.wrong(
    "Is the rating itself on a scale of 10? Odds are 10 ** (difference / 400). Here they are 2 to 1 for "
    "400 points."
)
def _base_two(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _rated(matches, players, lambda ahead: k * _chance(-ahead, base=2.0))


@elo.wrong(
    "By which ratings is the loser judged? By those before the match. Here the winner's new rating is "
    "used: work out what is moved once, before you change either."
)
def _changed_in_between(matches: list[list[int]], players: int, k: float) -> Tensor:
    ratings = [0.0] * players
    for winner, loser in matches:
        ratings[winner] += k * _chance(ratings[loser] - ratings[winner])
        ratings[loser] -= k * _chance(ratings[loser] - ratings[winner])
    return torch.tensor(ratings)


@elo.wrong("May a rating be below 0? Yes: only differences count. Here it stops there.")
def _not_below_zero(matches: list[list[int]], players: int, k: float) -> Tensor:
    ratings = [0.0] * players
    for winner, loser in matches:
        moved = k * _chance(ratings[loser] - ratings[winner])
        ratings[winner] += moved
        ratings[loser] = max(0.0, ratings[loser] - moved)
    return torch.tensor(ratings)


@elo.wrong("Where does everybody begin? At 0. Here it is another number.")
def _begins_at_a_thousand(matches: list[list[int]], players: int, k: float) -> Tensor:
    return _right(matches, players, k) + 1000


@elo.inputs
def _tournaments(rng: torch.Generator) -> Iterator[tuple[list[list[int]], int, float]]:
    yield [[0, 1]], 2, 32.0
    yield [[0, 1], [0, 1], [1, 0]], 2, 100.0
    yield [[1, 0], [0, 1], [0, 1], [2, 0]], 3, 200.0
    for players, count, k in (
        (2, 12, 64.0),
        (3, 20, 80.0),
        (4, 30, 100.0),
        (3, 9, 40.0),
        (5, 40, 120.0),
        (4, 15, 300.0),
        (6, 60, 50.0),
        (3, 40, 24.0),
        (5, 25, 150.0),
        (2, 30, 16.0),
        (7, 80, 90.0),
    ):
        yield _played(rng, players, count), players, k


def _played(rng: torch.Generator, players: int, count: int) -> list[list[int]]:
    """Matches in which a player with a higher number wins more often."""
    matches = []
    for _ in range(count):
        a, b = torch.randperm(players, generator=rng)[:2].sort().values.tolist()
        weaker_wins = float(torch.rand((), generator=rng)) < 0.35
        matches.append([a, b] if weaker_wins else [b, a])
    return matches
