"""The learning rate against torch's own schedulers, at the edges, and the settings that are
refused.
"""

import math

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

from utils.training.config import TrainConfig
from utils.training.schedule import learning_rate


@pytest.mark.parametrize(
    ("steps", "warmup", "floor", "peak"), [(23, 5, 0.1, 3e-3), (40, 12, 0.0, 0.7), (9, 1, 1.0, 2.0)]
)
def test_warm_up_then_cosine_as_torch_has_them(steps, warmup, floor, peak):
    config = TrainConfig(steps=steps, learning_rate=peak, warmup_steps=warmup, floor=floor)
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=peak)
    rising = LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
    falling = CosineAnnealingLR(optimizer, T_max=steps - 1 - warmup, eta_min=peak * floor)
    schedule = SequentialLR(optimizer, [rising, falling], milestones=[warmup])
    for step in range(steps):
        assert learning_rate(step, config) == pytest.approx(
            optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-12 * peak
        )
        optimizer.step()
        schedule.step()


def test_peak_middle_and_floor():
    config = TrainConfig(steps=21, learning_rate=0.4, warmup_steps=4, floor=0.25)
    assert [learning_rate(step, config) for step in (0, 3, 4)] == pytest.approx([0.08, 0.32, 0.4])
    # half way from 4 to 20: between 0.4 and 0.1
    assert learning_rate(12, config) == pytest.approx(0.25)
    assert learning_rate(20, config) == pytest.approx(0.1)


def test_a_run_without_room_for_the_cosine():
    assert learning_rate(0, TrainConfig(steps=1, learning_rate=0.3)) == pytest.approx(0.3)
    config = TrainConfig(steps=3, learning_rate=0.3, warmup_steps=2)
    assert [learning_rate(step, config) for step in range(3)] == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"steps": 0}, "steps is 0; give a whole number from 1 up"),
        ({"steps": True}, "steps is True"),
        ({"learning_rate": 0}, "learning_rate is 0; give a number above 0"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"learning_rate": math.inf}, "learning_rate is inf"),
        ({"warmup_steps": -1}, "warmup_steps is -1"),
        ({"warmup_steps": 7}, "7 of 7 steps are warm-up: leave at least one"),
        ({"floor": 1.5}, "floor is 1.5; give a share from 0 to 1"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1"),
        ({"betas": (0.9, 1.0)}, r"betas is \(0.9, 1.0\); give two numbers"),
        ({"momentum": 1.0}, "momentum is 1.0; give a number from 0 to below 1"),
        (
            {"optimizer": "adam"},
            "optimizer is 'adam'; give one of sgd, momentum, sign, adamw, muon",
        ),
        ({"clip": 0}, "clip is 0; give a number above 0, or None"),
        ({"batches_per_step": 0}, "batches_per_step is 0"),
        ({"precision": "float8"}, "precision 'float8' was asked for"),
        ({"seed": -3}, "seed is -3"),
        ({"evaluate_every": 0}, "evaluate_every is 0"),
        ({"save_seconds": -1}, "save_seconds is -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(setting, words):
    with pytest.raises(ValueError, match=words) as refused:
        TrainConfig(**({"steps": 7} | setting))
    assert "\n" not in str(refused.value)
