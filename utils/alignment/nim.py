"""Nim with one heap: two players take one to three sticks in turn, and who takes the last one wins.

Small enough for a table of probabilities in place of a net, and the best play is known: leave a
multiple of 4. So one can see what a player learns that copies a mediocre one, and what a player
learns that plays against itself.
"""

import math
import random
from collections.abc import Sequence

HEAP = 21
MOST = 3  # sticks in a move

Table = list[list[float]]  # of each number of sticks from 0 on: how likely are the moves 1, 2, 3?


def mediocre() -> Table:
    """Takes everything where that is allowed, else any number, all equally likely."""
    table = [[0.0] * MOST]
    for sticks in range(1, HEAP + 1):
        if sticks <= MOST:
            table.append([float(move == sticks) for move in range(1, MOST + 1)])
        else:
            table.append([1 / MOST] * MOST)
    return table


def imitation(player: Table, games: int, seed: int) -> Table:
    """Counts what the player does in so many games against itself, and does each as often."""
    rng = random.Random(seed)
    counts = [[0] * MOST for _ in range(HEAP + 1)]
    for _ in range(games):
        for sticks, move in _moves(player, player, rng):
            counts[sticks][move - 1] += 1
    return [_shares(row, sticks) for sticks, row in enumerate(counts)]


def self_play(games: int, seed: int, rate: float | int = 0.3) -> Table:
    """Begins with all moves equally likely and plays against itself. After a game every move of the
    winner becomes likelier, and every move of the loser less likely (REINFORCE).
    """
    rng = random.Random(seed)
    liking = [[0.0] * MOST for _ in range(HEAP + 1)]
    table = [_softmax(row, sticks) for sticks, row in enumerate(liking)]
    for _ in range(games):
        played = _moves(table, table, rng)
        for back, (sticks, move) in enumerate(reversed(played)):
            won = 1 if back % 2 == 0 else -1  # the last move won
            for other in range(1, min(MOST, sticks) + 1):
                slope = float(other == move) - table[sticks][other - 1]
                liking[sticks][other - 1] += rate * won * slope
            table[sticks] = _softmax(liking[sticks], sticks)
    return table


def win_share(player: Table, opponent: Table, games: int, seed: int) -> float:
    """The share of games that `player` wins; each begins every second one."""
    rng = random.Random(seed)
    won = 0
    for game in range(games):
        begins = game % 2 == 0
        first, second = (player, opponent) if begins else (opponent, player)
        moves = len(_moves(first, second, rng))
        won += (moves % 2 == 1) == begins
    return won / games


def likeliest(table: Table) -> list[int]:
    """The likeliest move for 1, 2, ... sticks."""
    return [1 + row.index(max(row)) for row in table[1:]]


def _moves(first: Table, second: Table, rng: random.Random) -> list[tuple[int, int]]:
    """A game: the sticks before each move, and the move."""
    sticks = HEAP
    played: list[tuple[int, int]] = []
    players = (first, second)
    while sticks:
        move = rng.choices(range(1, MOST + 1), players[len(played) % 2][sticks])[0]
        played.append((sticks, move))
        sticks -= move
    return played


def _shares(counts: Sequence[int], sticks: int) -> list[float]:
    total = sum(counts)
    if not total:
        return _softmax([0.0] * MOST, sticks)  # never seen
    return [count / total for count in counts]


def _softmax(liking: Sequence[float], sticks: int) -> list[float]:
    """Over the moves that are allowed."""
    allowed = [math.exp(one) if move <= sticks else 0.0 for move, one in enumerate(liking, 1)]
    total = sum(allowed)
    return [one / total for one in allowed] if total else [0.0] * MOST
