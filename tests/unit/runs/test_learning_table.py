"""The stored order of learning: read by hand, and its first looks made again."""

from statistics import fmean

import pytest
from stored_runs import benchmark, by_hand

from course.runs.learning_table import TESTS, learning
from utils.training.small_scaling import all_plays


def rows():
    return by_hand("learning_order.csv")


def test_every_seed_is_looked_at_equally_often():
    looks = {}
    for row in rows():
        looks.setdefault(row["seed"], []).append(int(row["characters"]))
    assert len(looks) >= 3 and len({tuple(one) for one in looks.values()}) == 1
    (characters, *_) = looks.values()
    assert characters == sorted(set(characters)) and characters[0] == 0


def test_each_look_is_the_mean_of_the_seeds():
    found = learning()
    assert set(found.shares) == set(found.last) == set(TESTS)
    for place, characters in enumerate(found.characters):
        at = [row for row in rows() if float(row["characters"]) == characters]
        assert found.losses[place] == pytest.approx(fmean(float(row["held_out"]) for row in at))
        for test in TESTS:
            shares = [float(row[test]) for row in at]
            assert found.shares[test][place] == pytest.approx(fmean(shares))
            if characters == found.characters[-1]:
                assert found.last[test] == shares
    assert len(found.characters) == len(found.losses) == len(rows()) / len(found.last["names"])


class Enough(Exception):
    """The part that is made again is there."""


def test_the_first_looks_come_out_the_same(monkeypatch):
    """What an untrained model knows, and what it knows after ten steps of the whole run."""
    module = benchmark("learning_order")
    whole = module.train

    def train_ten(model, batches, config, evaluate, progress):
        steps = iter(range(10 + 1))

        def look(model):
            if next(steps, None) is None:
                raise Enough
            return evaluate(model)

        with pytest.raises(Enough):
            whole(model, batches, config, evaluate=look, progress=progress)

    monkeypatch.setattr(module, "train", train_ten)
    made = module.one_run(all_plays(), 1)
    assert [row["characters"] for row in made] == [0, 10 * 8 * 64]
    for found, stored in zip(made, [row for row in rows() if row["seed"] == "1"], strict=False):
        assert found["held_out"] == pytest.approx(float(stored["held_out"]), abs=0.005)
        for test in TESTS:  # a pair of the 200 and more may turn over
            assert found[test] == pytest.approx(float(stored[test]), abs=0.015), test
    assert made[0]["text"][:40] == rows()[0]["text"][:40]
