import random

import pytest

from utils.alignment.majority_vote import majority_vote


@pytest.mark.parametrize(
    ("answers", "voted"),
    [
        (["1081"], "1081"),
        (["1071", "1081", "1081", "981"], "1081"),
        ([4, 3, 3, 4], 4),  # of equals the first
        ([3, 4, 4, 3], 3),
        ([None, None, None, 7], 7),  # no answer, no vote
        ([0, None, 0, 1], 0),  # 0 is an answer
        (["", "a", ""], ""),
    ],
)
def test_worked_by_hand(answers, voted):
    assert majority_vote(answers) == voted


def test_beside_counting_each_answer_anew():
    rng = random.Random(3)
    for _ in range(200):
        answers = [rng.choice([None, 1, 2, 3, 4]) for _ in range(rng.randint(1, 9))] + [5]
        given = [answer for answer in answers if answer is not None]
        most = max(given.count(answer) for answer in given)
        expected = next(answer for answer in given if given.count(answer) == most)
        assert majority_vote(iter(answers)) == expected


@pytest.mark.parametrize("answers", [[], [None, None]])
def test_without_an_answer_there_is_no_vote(answers):
    with pytest.raises(ValueError, match="no reply has an answer"):
        majority_vote(answers)
