import statistics

import pytest

from utils.alignment.advantages import centered_rewards
from utils.alignment.paid_groups import group_rewards
from utils.alignment.reply_parsing import parse_number

REPLIES = ["it is 4", "5", "2 + 2 = 4", "none", "7.", "7", "8, no 7", "it is 7"]
TRUTHS = [4, 4, 4, 4, 7, 7, 7, 7]


def right(reply: str, truth: int) -> float:
    return 2.0 * (parse_number(reply) == truth)


def test_rewards_facts_and_advantages_by_hand():
    found = group_rewards(right, REPLIES, TRUTHS, 4)
    assert found.rewards.tolist() == [2, 0, 2, 0, 2, 2, 2, 2]
    deviation = statistics.stdev([2, 0, 2, 0])
    expected = [1 / (deviation + 1e-4), -1 / (deviation + 1e-4)] * 2 + [0] * 4
    assert found.advantages.tolist() == pytest.approx(expected)
    assert found.facts == {
        "mean": 1.5,
        "deviation": pytest.approx(statistics.pstdev([2, 0, 2, 0, 2, 2, 2, 2])),
        "smallest": 0.0,
        "largest": 2.0,
        "groups that teach": 0.5,
    }


def test_without_the_deviation_and_with_other_groups():
    found = group_rewards(right, REPLIES, TRUTHS, 2, centered_rewards)
    assert found.advantages.tolist() == [1, -1, 1, -1, 0, 0, 0, 0]
    assert group_rewards(right, REPLIES, TRUTHS, 8, centered_rewards).advantages.tolist() == (
        [0.5, -1.5, 0.5, -1.5] + [0.5] * 4
    )


@pytest.mark.parametrize(
    ("replies", "truths", "size"), [(REPLIES, TRUTHS, 3), (REPLIES, TRUTHS[1:], 4), ([], [], 2)]
)
def test_replies_that_make_no_groups_are_refused(replies, truths, size):
    with pytest.raises(ValueError, match="give whole groups"):
        group_rewards(right, replies, truths, size)
