"""Nim: the copy plays as its teacher, and self-play finds what is known to be best."""

import pytest

from utils.alignment.nim import HEAP, imitation, likeliest, mediocre, self_play, win_share


def best(sticks):
    """The theory: leave a multiple of 4."""
    return sticks % 4


def test_the_copy_does_each_move_as_often_as_its_teacher():
    teacher = mediocre()
    copied = imitation(teacher, games=3000, seed=2)
    for sticks in range(1, HEAP + 1):
        assert sum(copied[sticks]) == pytest.approx(1)
        if sticks >= HEAP - 3 or sticks <= 12:  # often seen
            assert copied[sticks] == pytest.approx(teacher[sticks], abs=0.06)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_self_play_leaves_multiples_of_four(seed):
    moves = likeliest(self_play(games=6000, seed=seed))
    for sticks in range(1, 16):
        if best(sticks):
            assert moves[sticks - 1] == best(sticks)


def test_who_knows_the_secret_wins_and_nobody_wins_against_itself():
    teacher = mediocre()
    perfect = [[0.0] * 3 for _ in range(HEAP + 1)]
    for sticks in range(1, HEAP + 1):
        perfect[sticks][(best(sticks) or 1) - 1] = 1.0
    assert win_share(perfect, teacher, games=400, seed=3) > 0.95
    assert win_share(teacher, teacher, games=4000, seed=3) == pytest.approx(0.5, abs=0.04)
    # 21 is no multiple of 4: who begins wins, and each begins every second game
    assert win_share(perfect, perfect, games=10, seed=1) == 0.5


def test_no_move_takes_more_than_is_there():
    played = self_play(games=200, seed=1)
    for table in (mediocre(), imitation(mediocre(), 50, 1), played):
        assert table[1][1:] == [0, 0] and table[2][2] == 0
