"""The shell game: where the ball is, by lists of cups that are exchanged."""

import pytest
import torch
from torch import nn

from utils.predecessors.shell_game import (
    CUPS,
    SWAPS,
    ShellGames,
    ball_found,
    ball_places,
    shell_game_loss,
    shell_games,
)


def by_hand(swaps):
    cups, places = ["ball", "", ""], []
    for swap in swaps:
        one, other = (CUPS.index(cup) for cup in SWAPS[swap])
        cups[one], cups[other] = cups[other], cups[one]
        places.append(cups.index("ball"))
    return places


def test_the_ball_is_where_the_cups_say():
    games = shell_games(50, 7, torch.Generator().manual_seed(0))
    assert games.shape == (50, 7) and set(games.flatten().tolist()) == {0, 1, 2}
    assert ball_places(games).tolist() == [by_hand(game) for game in games.tolist()]


def test_the_order_of_the_swaps_counts():
    assert by_hand([0, 1]) != by_hand([1, 0])
    assert ball_places(torch.tensor([[0, 1], [1, 0]]))[:, 1].tolist() == [2, 1]


def test_batches_have_numbers_and_seeds():
    one, again = ShellGames(5, seed=2)[7], ShellGames(5, seed=2)[7]
    assert torch.equal(one["ids"], again["ids"]) and torch.equal(one["answers"], again["answers"])
    assert not torch.equal(one["ids"], ShellGames(5, seed=2)[8]["ids"])
    assert not torch.equal(one["ids"], ShellGames(5, seed=3)[7]["ids"])


class Follower(nn.Module):
    """Knows where the ball is up to a swap, and then says A."""

    def __init__(self, upto):
        super().__init__()
        self.upto = upto

    def forward(self, ids):
        known = torch.tensor([by_hand(game) for game in ids.tolist()])
        known[:, self.upto :] = 0
        return 4.0 * nn.functional.one_hot(known, 3)


def test_one_who_follows_is_right_and_has_a_low_loss():
    games = shell_games(40, 6, torch.Generator().manual_seed(1))
    assert ball_found(Follower(6), games).all()
    found = ball_found(Follower(2), games)
    assert found[:, :2].all()
    assert torch.equal(found[:, 2:], ball_places(games)[:, 2:] == 0)
    batch = {"ids": games, "answers": ball_places(games)}
    low, count = shell_game_loss(Follower(6), batch)
    assert count == 240
    high, _ = shell_game_loss(Follower(2), batch)
    assert float(high - low) == pytest.approx(4.0 * int((~found).sum()), rel=1e-4)
