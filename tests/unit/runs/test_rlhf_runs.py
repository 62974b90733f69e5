"""The stored runs of benchmarks/rlhf_runs.py: every statement of the chapter on them, over all
seeds.
"""

from pathlib import Path

import pytest

from course.runs.stored import stored
from utils.data.toy_language import quality

STORED = Path(__file__).resolve().parents[3] / "course" / "runs"
FILES = ("rlhf_runs.csv", "rlhf_stages.csv", "rlhf_samples.csv", "rlhf_best_of_n.csv")


STAGES = {row["seed"]: row for row in stored("rlhf_stages.csv")}
SEEDS = sorted(STAGES)


def curve(method, beta, seed, name):
    rows = [
        r
        for r in stored("rlhf_runs.csv")
        if (r["method"], r["beta"], r["seed"]) == (method, beta, seed)
    ]
    assert [r["step"] for r in rows] == sorted(r["step"] for r in rows) and rows
    return [r[name] for r in rows]


def end(method, beta, seed, name, n=4):
    return sum(curve(method, beta, seed, name)[-n:]) / n


def test_there_are_enough_seeds_in_small_files():
    assert len(SEEDS) >= 5
    assert sum((STORED / name).stat().st_size for name in FILES) < 300_000
    for seed in SEEDS:
        for beta in (0, 0.03, 0.1, 0.3, 1):
            assert len(curve("ppo", beta, seed, "true")) == 30


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reward_model_ranks_held_out_pairs_well(seed):
    row = STAGES[seed]
    assert 0.75 < row["agrees_with_judge"] <= row["best_possible"] + 0.02 < 0.95
    assert row["agrees_with_truth"] > 0.85


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_penalty_learned_reward_rises_while_true_quality_falls(seed):
    learned, true = curve("ppo", 0, seed, "learned"), curve("ppo", 0, seed, "true")
    assert end("ppo", 0, seed, "learned") > learned[0] + 0.8
    assert end("ppo", 0, seed, "true") < max(true) - 0.5
    peak = true.index(max(true))
    # what was gained after the peak is worth less than nothing
    assert end("ppo", 0, seed, "learned") > learned[peak]
    assert end("ppo", 0, seed, "true") < end("ppo", 0.1, seed, "true") - 0.5


def test_without_a_penalty_people_like_the_texts_less_than_before_training():
    free, held, sft = (
        sum(values) / len(SEEDS)
        for values in zip(
            *(
                (end("ppo", 0, s, "true"), end("ppo", 0.1, s, "true"), STAGES[s]["sft_true"])
                for s in SEEDS
            ),
            strict=True,
        )
    )
    assert free < sft - 1 and held > sft + 1.5


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_with_a_penalty_true_quality_ends_above_fine_tuning(seed, beta):
    assert end("ppo", beta, seed, "true") > STAGES[seed]["sft_true"] + (0.2 if beta == 1 else 0.7)


def test_the_longer_the_leash_the_more_seeds_are_hacked():
    hacked = [
        sum(end("ppo", beta, seed, "true") < STAGES[seed]["sft_true"] for seed in SEEDS)
        for beta in (0, 0.03, 0.1, 0.3)
    ]
    assert hacked == sorted(hacked, reverse=True) and hacked[0] >= 4 and hacked[-1] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_higher_price_buys_less_kl(seed):
    kl = [end("ppo", beta, seed, "kl") for beta in (0, 0.1, 0.3, 1)]
    assert kl == sorted(kl, reverse=True) and kl[0] > 2 * kl[1] and kl[-1] > 0


def test_without_a_penalty_texts_repeat_themselves():
    for name, factor in (("again", 1.5), ("length", 1.0)):
        free, held = (sum(end("ppo", beta, seed, name) for seed in SEEDS) for beta in (0, 0.1))
        assert free > factor * held


@pytest.mark.parametrize("seed", SEEDS)
def test_dpo_improves_without_a_reward_model_and_lowers_both_probabilities(seed):
    assert end("dpo", 0.3, seed, "true", 3) > STAGES[seed]["sft_true"] + 0.4
    assert end("dpo", 0.3, seed, "loss", 3) < 0.65
    chosen, rejected = (end("dpo", 0.3, seed, side, 5) for side in ("chosen", "rejected"))
    assert rejected < chosen and rejected < 0


def test_samples_carry_the_right_quality():
    samples = stored("rlhf_samples.csv")
    assert {(row["method"], row["beta"]) for row in samples} >= {
        ("sft", 0),
        ("ppo", 0),
        ("ppo", 0.1),
        ("dpo", 1),
    }
    for row in samples:
        assert row["true"] == quality(row["question"], row["reply"])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_of_more_is_better_by_the_reward_model_and_soon_hardly_by_people(seed):
    rows = [row for row in stored("rlhf_best_of_n.csv") if row["seed"] == seed]
    learned, true = ({row["n"]: row[what] for row in rows} for what in ("learned", "true"))
    assert list(learned) == [1, 2, 4, 8, 16, 32, 64]
    assert list(learned.values()) == sorted(learned.values())
    assert true[16] > true[1] + 1.5
    still_learned = (learned[64] - learned[16]) / (learned[16] - learned[1])
    still_true = (true[64] - true[16]) / (true[16] - true[1])
    assert still_true < still_learned and abs(still_true) < 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_dpo_with_a_small_beta_goes_too_far(seed):
    true = curve("dpo", 0.1, seed, "true")  # after 15, 30, ..., 150 steps
    assert true[9] < true[3]


def test_the_best_of_16_is_about_as_good_as_ppo_with_a_leash():
    best = [row["true"] for row in stored("rlhf_best_of_n.csv") if row["n"] == 16]
    ppo = [end("ppo", beta, seed, "true") for beta in (0.1, 0.3) for seed in SEEDS]
    assert sum(best) / len(best) == pytest.approx(sum(ppo) / len(ppo), abs=0.7)
