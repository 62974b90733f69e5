import pytest
import torch
from torch.testing import assert_close

from utils.alignment.advantages import (
    centered_rewards,
    gae,
    group_advantages,
    leave_one_out,
    penalized_rewards,
    whiten,
)

WRITTEN = torch.tensor(
    [[False, True, True, True, False], [False, False, True, False, False], [True] * 5]
)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_score_comes_at_the_last_token_and_the_penalty_at_each():
    score, log_ratio = torch.tensor([10.0, 20.0, 30.0]), random(3, 5)
    found = penalized_rewards(score, log_ratio, WRITTEN, beta=0.5)
    expected = torch.zeros(3, 5)
    for row, column in WRITTEN.nonzero().tolist():
        expected[row, column] = -0.5 * log_ratio[row, column]
    expected[0, 3] += 10
    expected[1, 2] += 20
    expected[2, 4] += 30
    assert_close(found, expected)
    totals = score - 0.5 * (log_ratio * WRITTEN).sum(dim=1)
    assert_close(found.sum(dim=1), totals)


@pytest.mark.parametrize(("gamma", "lam"), [(1.0, 0.95), (0.9, 0.5), (1.0, 1.0), (0.8, 0.0)])
def test_gae_equals_its_definition(gamma, lam):
    """The double sum of formula 16, on the written tokens of each row alone."""
    rewards, values = random(3, 5, seed=1) * WRITTEN, random(3, 5, seed=2)
    found = gae(rewards, values, WRITTEN, gamma=gamma, lam=lam)
    assert (found[~WRITTEN] == 0).all()
    for row in range(3):
        r, v = rewards[row][WRITTEN[row]].tolist(), [*values[row][WRITTEN[row]].tolist(), 0.0]
        delta = [r[t] + gamma * v[t + 1] - v[t] for t in range(len(r))]
        expected = [
            sum((gamma * lam) ** i * d for i, d in enumerate(delta[t:])) for t in range(len(r))
        ]
        assert found[row][WRITTEN[row]].tolist() == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_gae_with_lambda_one_is_return_minus_value():
    rewards, values = random(3, 5, seed=3) * WRITTEN, random(3, 5, seed=4)
    returns = rewards.flip(1).cumsum(1).flip(1)
    assert_close(
        gae(rewards, values, WRITTEN, lam=1.0), (returns - values) * WRITTEN, rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e4])
def test_whitening_sees_written_tokens_only(scale):
    values = scale * (3 + random(3, 5))
    values[~WRITTEN] = torch.nan
    both, scaled = whiten(values, WRITTEN), whiten(values, WRITTEN, shift_mean=False)
    inside = values[WRITTEN]
    std = inside.std(correction=0)
    assert_close(both[WRITTEN], (inside - inside.mean()) / std, rtol=1e-3, atol=1e-4)
    assert_close(
        scaled[WRITTEN],
        (inside - inside.mean()) / std + inside.mean(),
        rtol=1e-3,
        atol=1e-4 * scale,
    )
    assert (both[~WRITTEN] == 0).all() and (scaled[~WRITTEN] == 0).all()


@pytest.mark.parametrize("value", [7.0, 0.1, 1000.1, -3e8 / 7])
def test_whitening_equal_values_gives_zero(value):
    """Also where the mean of equal float32 numbers is rounded to another number."""
    assert (whiten(torch.full((3, 5), value), WRITTEN) == 0).all()


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_one_number_that_is_not_finite_does_not_spoil_the_others_silently(bad):
    rewards = torch.tensor([[1.0, 2.0, 4.0], [1.0, bad, 0.0]])
    for function in (group_advantages, centered_rewards):
        with pytest.raises(ValueError, match=f"1 of 6 rewards are not finite, the first is {bad};"):
            function(rewards)
    values = torch.zeros(3, 5)
    values[tuple(WRITTEN.nonzero()[2])] = bad
    with pytest.raises(ValueError, match=f"1 of {int(WRITTEN.sum())} values are not finite"):
        whiten(values, WRITTEN)


def test_group_advantages_by_hand():
    found = group_advantages(torch.tensor([[1.0, 2.0, 3.0], [10.0, 10.0, 40.0]]), eps=0.0)
    assert_close(
        found, torch.tensor([[-1.0, 0.0, 1.0], [-10 / 300**0.5, -10 / 300**0.5, 20 / 300**0.5]])
    )


@pytest.mark.parametrize("members", [2, 3, 7, 8])
@pytest.mark.parametrize("reward", [0.0, 0.1, 1000.1, -3e8 / 7])
def test_groups_with_equal_rewards_teach_nothing(reward, members):
    """Also where the mean of equal float32 numbers is rounded to another number."""
    equal = torch.full((4, members), reward)
    assert (group_advantages(equal) == 0).all() and (centered_rewards(equal) == 0).all()


def test_groups_with_unequal_rewards_teach_and_groups_of_one_are_refused():
    found = group_advantages(torch.tensor([[0.1, 0.1, 0.1], [0.0, 1.0, 0.0]]))
    assert (found[0] == 0).all() and found[1, 1] > 1
    for function in (group_advantages, centered_rewards, leave_one_out):
        with pytest.raises(ValueError, match="two replies"):
            function(torch.tensor([[1.0], [2.0]]))


def test_leave_one_out_by_hand():
    assert leave_one_out(torch.tensor([[1.0, 2.0, 6.0], [0.0, 0.0, 3.0]])).tolist() == [
        [4, 3.5, 1.5],
        [1.5, 1.5, 0],
    ]


def test_centered_rewards_by_hand():
    found = centered_rewards(torch.tensor([[1.0, 2.0, 6.0], [0.0, 0.0, 3.0]]))
    assert found.tolist() == [[-2, -1, 3], [-1, -1, 2]]


@pytest.mark.parametrize("members", [2, 3, 8])
def test_centered_rewards_are_what_leave_one_out_leaves_but_for_a_factor(members):
    rewards = random(5, members, seed=members)
    expected = (rewards - leave_one_out(rewards)) * (members - 1) / members
    assert_close(centered_rewards(rewards), expected)


def test_the_deviation_lets_the_hardest_group_pull_harder():
    """Right once of 8, and 4 times of 8: the sum of |A| is 2 n p (1 - p), over the deviation."""
    rewards = torch.tensor([[1.0] + [0.0] * 7, [1.0, 0.0] * 4])
    plain = centered_rewards(rewards).abs().sum(dim=1)
    divided = group_advantages(rewards, eps=0.0).abs().sum(dim=1)
    assert plain.tolist() == pytest.approx([16 * 1 / 8 * 7 / 8, 16 / 4])
    assert divided.tolist() == pytest.approx([1.75 / (7 / 56) ** 0.5, 4 / (2 / 7) ** 0.5])
    assert divided[0] / divided[1] > 1.4 * plain[0] / plain[1]
