"""Elo: a rating for each player that is corrected after every match, and the chances of the next one.

Elo 1978: a player who is 400 points ahead is expected to win 10 of 11 times. That is the model of
Bradley and Terry in other units: the score of `bradley_terry.fit_scores`, times 400 / ln 10. But Elo
looks at each match once, in the order in which they were played. So the order counts, and the last
matches most, while the likeliest scores know no order.
"""

import math
import random
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

SCALE = 400.0  # points for odds of 10 to 1
START = 1000.0

Match = tuple[int, int]  # the winner, and the loser


def win_chance(rating: float | int, other: float | int) -> float:
    """The chance that whoever has `rating` wins against whoever has `other`: 1/2 if they are equal."""
    # the same as 1 / (1 + 10**(...)), which would not hold large differences
    return float(torch.sigmoid(torch.tensor((rating - other) * math.log(10) / SCALE).double()))


def elo_history(
    matches: Sequence[Match], n: int, k: float | int = 32.0, start: float | int = START
) -> Float[Tensor, "time player"]:
    """The ratings of `n` players before the first match and after each one, in the order given.

    After a match the winner gets k times the chance that was given to the loser, and the loser loses
    as much: `k` is what a match moves at most, and the mean stays `start`. Raises ValueError for a
    match that cannot be.
    """
    ratings = [float(start)] * n
    history = [list(ratings)]
    for winner, loser in matches:
        if winner == loser or not {winner, loser} <= set(range(n)):
            raise ValueError(
                f"a match of {winner} against {loser} was given; give two different players, "
                f"from 0 to {n - 1}."
            )
        moved = k * win_chance(ratings[loser], ratings[winner])
        ratings[winner] += moved
        ratings[loser] -= moved
        history.append(list(ratings))
    return torch.tensor(history, dtype=torch.float64)


def drawn_matches(strengths: Sequence[float | int], count: int, seed: int) -> list[Match]:
    """Matches of two players drawn at random; who wins is drawn by their true ratings `strengths`."""
    rng = random.Random(seed)
    matches: list[Match] = []
    for _ in range(count):
        first, second = rng.sample(range(len(strengths)), 2)
        first_wins = rng.random() < win_chance(strengths[first], strengths[second])
        matches.append((first, second) if first_wins else (second, first))
    return matches


def elo_scale(
    scores: Float[Tensor, " player"], mean: float | int = START
) -> Float[Tensor, " player"]:
    """The scores of Bradley and Terry in points of Elo, with this mean: the chances stay the same."""
    return (scores - scores.mean()) * SCALE / math.log(10) + mean
