"""The whole way once, shortened, and each stage's promise.

That the curves hold over seeds: test_rlhf_runs.py.
"""

import copy

import pytest
import torch
from torch.testing import assert_close

from utils.alignment.reward_model import ranking_accuracy, rewards
from utils.alignment.small_rlhf import (
    ask,
    best_rows,
    collect,
    fine_tune,
    order,
    pretrain,
    run_dpo,
    run_ppo,
    texts,
    train_reward_model,
    true_quality,
)
from utils.data.toy_language import QUESTIONS, demonstrations, quality


@pytest.fixture(scope="module")
def made():
    base = pretrain(7)
    sft = fine_tune(base, 7)
    pairs = collect(sft, 1500, 7)
    return base, sft, pairs, train_reward_model(sft, pairs, 7)


def test_fine_tuning_makes_a_model_that_replies(made):
    base, sft, _, _ = made
    asks_back = [
        sum("?" in text for text in texts(ask(model, 40, seed=1))) / 240 for model in (base, sft)
    ]
    assert asks_back[1] < 0.6 * asks_back[0]
    people = sum(quality(q, reply) for q, reply in demonstrations(2000, 9)) / 2000
    assert float(true_quality(ask(sft, 40, seed=1)).mean()) == pytest.approx(people, abs=0.8)


def test_replies_stand_beside_their_questions(made):
    replies = ask(made[1], 2, seed=3)
    expected = [quality(QUESTIONS[i % 6], text) for i, text in enumerate(texts(replies))]
    assert len(replies) == 12 and true_quality(replies).tolist() == expected


def test_the_judge_prefers_better_replies_but_not_always(made):
    pairs = made[2]
    differ = pairs.chosen_quality != pairs.rejected_quality
    agree = (pairs.chosen_quality > pairs.rejected_quality)[differ].float().mean()
    assert 0.85 < agree < 0.99
    assert_close(true_quality(pairs.chosen), pairs.chosen_quality)
    prompts = [[row[:5].tolist() for row in side.ids] for side in (pairs.chosen, pairs.rejected)]
    assert prompts[0] == prompts[1]


def test_a_persons_own_order_can_be_used(made):
    both = ask(made[1], 2, seed=5)  # replies i and 6 + i answer the same question
    wins = torch.tensor([True, False, True, True, False, False])
    mine = order(both, true_quality(both), wins)
    spoken = texts(both)
    assert texts(mine.chosen) == [spoken[i if w else 6 + i] for i, w in enumerate(wins.tolist())]
    assert texts(mine.rejected) == [spoken[6 + i if w else i] for i, w in enumerate(wins.tolist())]


def test_the_reward_model_ranks_held_out_pairs(made):
    _, sft, pairs, model = made
    held_out = collect(sft, 600, seed=8)
    with torch.no_grad():
        accuracy = ranking_accuracy(
            rewards(model, held_out.chosen), rewards(model, held_out.rejected)
        )
        scores = torch.cat([rewards(model, pairs.chosen), rewards(model, pairs.rejected)])
    assert 0.72 < accuracy < 0.95
    assert float(scores.mean()) == pytest.approx(0, abs=1e-3) and float(
        scores.std()
    ) == pytest.approx(1, abs=1e-3)


def test_ppo_with_a_penalty_improves_true_quality(made):
    """With 0.3, as with 0.1 one seed in five does not stay on the way."""
    _, sft, _, model = made
    policy = copy.deepcopy(sft)
    steps = list(run_ppo(policy, sft, model, beta=0.3, steps=30, seed=7))
    before, after = (
        torch.cat([true_quality(step.replies) for step in part]).mean()
        for part in (steps[:3], steps[-5:])
    )
    assert after > before + 0.7
    assert 0.1 < torch.cat([step.kl for step in steps[-5:]]).mean() < 6


def test_dpo_starts_at_ln_2_and_widens_the_margin(made):
    _, sft, pairs, _ = made
    policy = copy.deepcopy(sft)
    steps = list(run_dpo(policy, sft, pairs, beta=0.3, steps=60, seed=7))
    assert (
        steps[0].loss == pytest.approx(0.6931, abs=1e-4)
        and steps[0].chosen == steps[0].rejected == 0
    )
    assert sum(step.loss for step in steps[-10:]) / 10 < 0.62
    assert sum(step.chosen - step.rejected for step in steps[-10:]) / 10 > 0.5


@pytest.mark.parametrize(("n", "groups"), [(1, 3), (2, 5), (7, 2)])
def test_the_best_of_n_is_the_highest_of_its_group_and_question(n, groups):
    scores = torch.randn(n * groups * 6, generator=torch.Generator().manual_seed(n)).tolist()
    expected = []
    for group in range(groups):
        for question in range(6):
            rivals = [(group * n + member) * 6 + question for member in range(n)]
            expected.append(max(rivals, key=scores.__getitem__))
    assert best_rows(torch.tensor(scores), n).tolist() == expected


def test_the_best_replies_answer_the_questions_in_turn(made):
    pool = ask(made[1], 6, seed=3)
    rows = best_rows(true_quality(pool), 3)
    asked = [[int(id) for id in row[:5]] for row in pool[rows].ids]
    assert asked == [[int(id) for id in row[:5]] for row in pool.ids[:6]] * 2


@pytest.mark.parametrize(("n_scores", "n"), [(12, 5), (7, 1), (0, 1), (12, 0)])
def test_groups_that_do_not_come_out_are_named(n_scores, n):
    with pytest.raises(ValueError, match=f"{n_scores} scores make no groups of {n} for each of 6"):
        best_rows(torch.zeros(n_scores), n)
