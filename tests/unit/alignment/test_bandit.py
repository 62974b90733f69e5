import math

import pytest
import torch
from torch.testing import assert_close

from utils.alignment.bandit import Bandit, climb, ppo, reinforce
from utils.alignment.kl import exact_kl

REF = torch.tensor([0.4, 0.3, 0.2, 0.07, 0.03])
REWARD = torch.tensor([0.0, 1.0, -1.0, 2.0, 3.0])


@pytest.mark.parametrize("beta", [0.3, 1.0, 5.0])
def test_the_optimum_equals_the_formula_and_beats_its_neighbours(beta):
    task = Bandit(REF, REWARD, beta)
    weights = [p * math.exp(r / beta) for p, r in zip(REF.tolist(), REWARD.tolist(), strict=True)]
    best = task.optimum()
    assert best.tolist() == pytest.approx([w / sum(weights) for w in weights], rel=1e-4)
    # At the optimum the objective is beta log Z, and every step aside lowers it.
    assert float(task.objective(best)) == pytest.approx(beta * math.log(sum(weights)), rel=1e-4)
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        aside = (best.log() + 0.3 * torch.randn(5, generator=generator)).softmax(0)
        assert float(task.objective(aside)) < float(task.objective(best))


def test_beta_decides_between_the_reference_and_the_single_best_answer():
    assert_close(Bandit(REF, REWARD, 1e4).optimum(), REF, rtol=1e-2, atol=1e-4)
    assert_close(Bandit(REF, REWARD, 1e-3).optimum(), torch.tensor([0.0, 0, 0, 0, 1]))


def test_three_ways_reach_the_optimum():
    task = Bandit(REF, REWARD, 0.5)
    target = task.optimum().log()
    start = float(exact_kl(REF.log(), target))
    for way, tolerance in ((climb, 2e-3), (reinforce, 6e-3), (ppo, 6e-3)):
        history = way(task)
        assert history.shape == (201, 5)
        assert_close(history[0], REF)
        assert_close(history.sum(dim=1), torch.ones(201))
        end = float(exact_kl(history[-1].log(), target))
        assert end < tolerance < 0.01 * start, way.__name__


def test_samples_follow_their_seed():
    task = Bandit(REF, REWARD, 1.0)
    for way in (reinforce, ppo):
        a, b, c = (way(task, steps=20, seed=seed) for seed in (1, 1, 2))
        assert torch.equal(a, b) and not torch.equal(a, c)


@pytest.mark.parametrize(("ref", "beta"), [(REF, 0.0), (REF, -1.0), (2 * REF, 1.0)])
def test_what_is_no_task_is_refused(ref, beta):
    with pytest.raises(ValueError, match="sum to"):
        Bandit(ref, REWARD, beta)
